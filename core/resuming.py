"""What an attempt at a trial takes over from an earlier one: checkpoints, networks."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def take_over(folder: Path) -> None:
    """Make the folder of an attempt, out of that of the newest earlier one if that holds anything.

    Raises OSError.
    """
    if not folder.is_dir() and not move_on(folder):
        folder.mkdir(parents=True, exist_ok=True)


def move_on(folder: Path) -> bool:
    """Let the newest earlier attempt's folder be that of this one; return whether there was any.

    It is moved: that costs nothing, however much is in it, is done or not done at any moment, and
    leaves an earlier attempt that was believed to be dead, and is not, without a place to write to.
    Raises OSError.
    """
    while True:
        earlier = [p for p in _attempts(folder.parent) if int(p.name) < int(folder.name)]
        if not earlier:
            return False
        with suppress(FileNotFoundError):  # yet another attempt has been faster
            max(earlier, key=lambda path: int(path.name)).rename(folder)
            return True


def _attempts(folder: Path) -> Iterator[Path]:
    """Yield the folders of attempts that hold anything."""
    for path in folder.glob("[0-9]*"):
        with suppress(OSError):
            if path.name.isdecimal() and any(path.iterdir()):
                yield path
