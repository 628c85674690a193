"""Whether a folder's file system can do what a history relies on."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trialdeck.core.history import disk

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.history.paths import HistoryPaths


@dataclass(frozen=True, slots=True)
class Ability:
    """One thing that a history needs. `problem` is "" when the file system can do it."""

    name: str
    problem: str = ""


def probe(paths: HistoryPaths) -> list[Ability]:
    """Try, in a temporary folder inside the search's, what a history relies on.

    When nothing can be written there at all, that is the only answer.
    """
    try:
        paths.root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".probe-", dir=paths.root))
    except OSError as error:
        return [Ability("write", disk.explain(error))]
    try:
        return [Ability("write"), *(_try(name, trial, folder) for name, trial in _TRIALS)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _try(name: str, trial: Callable[[Path], str], folder: Path) -> Ability:
    try:
        return Ability(name, trial(folder))
    except OSError as error:
        return Ability(name, f"{name}: {disk.explain(error)}")


def _symbolic_links(folder: Path) -> str:
    link = folder / "link"
    link.symlink_to("somebody")
    try:
        link.symlink_to("somebody else")
    except FileExistsError:
        return "" if str(link.readlink()) == "somebody" else "a symbolic link reads back wrongly"
    return "a symbolic link can be made twice, so that two could run one trial"


def _hard_links(folder: Path) -> str:
    (folder / "one").touch()
    (folder / "two").hardlink_to(folder / "one")
    try:
        (folder / "two").hardlink_to(folder / "one")
    except FileExistsError:
        return ""
    return "a hard link can be made twice, so that two could publish one revision"


def _exclusive_files(folder: Path) -> str:
    for _ in range(2):
        try:
            descriptor = os.open(folder / "own", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            return ""
        os.close(descriptor)
    return "a file can be created twice, so that two could write one journal"


def _sync(folder: Path) -> str:
    descriptor = os.open(folder / "synced", os.O_WRONLY | os.O_CREAT)
    try:
        disk.write(descriptor, b"text")
        os.fsync(descriptor)  # not disk.sync, which passes over what cannot be synced
    finally:
        os.close(descriptor)
    disk.sync_folder(folder)
    return ""


_TRIALS = (
    ("symbolic links", _symbolic_links),
    ("hard links", _hard_links),
    ("exclusive files", _exclusive_files),
    ("sync", _sync),
)
