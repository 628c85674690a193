"""Which checkpoint an attempt at a trial goes on from."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def take_over(checkpoint: Path) -> None:
    """Make the folder of an attempt, out of that of the newest earlier one if that holds anything.

    The folder is moved: that costs nothing, however much is in it, is done or not done at any
    moment, and leaves an earlier attempt that was believed to be dead, and is not, without a place
    to write to.
    """
    while True:
        earlier = [p for p in _attempts(checkpoint.parent) if int(p.name) < int(checkpoint.name)]
        newest = max(earlier, key=lambda path: int(path.name), default=None)
        if newest is None:
            checkpoint.mkdir(parents=True, exist_ok=True)
            return
        with suppress(FileNotFoundError):  # yet another attempt has been faster
            newest.rename(checkpoint)
            return


def _attempts(folder: Path) -> Iterator[Path]:
    """Yield the folders of attempts that hold anything."""
    for path in folder.glob("[0-9]*"):
        with suppress(OSError):
            if path.name.isdecimal() and any(path.iterdir()):
                yield path
