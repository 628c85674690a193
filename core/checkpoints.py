"""Writing and reading what a training goes on from, for objectives with torch.

A file is the old one or the new one, never a part of one, whenever the process or the machine ends.
"""

from __future__ import annotations

import logging
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from trialdeck.core.history import disk

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)


def save(state: Any, path: Path) -> None:
    """Write what `torch.save` takes.

    Raises OSError when it cannot be written (a full disk); an older file is then as it was.
    """
    import torch

    unfinished = path.with_name(f".{path.name}.tmp")
    try:
        with unfinished.open("wb") as file:
            torch.save(state, file)
            file.flush()
            disk.sync(file.fileno())
        unfinished.replace(path)
    except (OSError, RuntimeError) as error:  # torch makes a RuntimeError of a full disk
        with suppress(OSError):
            unfinished.unlink()
        if isinstance(error, OSError):
            raise
        raise OSError(f"{path} cannot be written: {error}") from error


def load(path: Path) -> Any:
    """Return what `save` wrote, tensors on the CPU; None when there is no file.

    None, with a word in the log, also for a damaged file, and for one that holds more than tensors
    and plain values (torch's ``weights_only``): to begin again costs time, to fail the trial.
    """
    import torch

    try:
        _check(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        return None
    except Exception as error:  # noqa: BLE001 - damaged bytes may raise anything; it is told
        what = type(error).__name__
        _log.warning("%s is no checkpoint to go on from: %s: %s", path, what, error)
        return None


def _check(path: Path) -> None:
    """Compare the checksums, which torch itself does not look at."""
    with zipfile.ZipFile(path) as archive:
        if damaged := archive.testzip():
            raise zipfile.BadZipFile(f"{damaged} in it is damaged")
