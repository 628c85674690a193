"""A file that one writer appends to, in parts: after a failed write, what follows goes elsewhere.

Nobody knows what a failed or short write has left in a file, now or after the next power cut. So
nothing is ever appended after one: the same bytes are written again to a new part, and as equal
lines mean the same once or twice, no reader is misled.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from trialdeck.core.history import disk

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".jsonl"
PACK = "pack-"  # begins the id of a writer that has packed what others wrote


def part_name(writer: str, number: int) -> str:
    """Return the file name of a writer's part."""
    return f"{writer}.{number}{SUFFIX}" if number else f"{writer}{SUFFIX}"


def part_of(name: str) -> tuple[str, int] | None:
    """Return the writer and the number of a part by its file name, None for other files."""
    writer, _, number = name.removesuffix(SUFFIX).partition(".")
    if not name.endswith(SUFFIX) or not writer or not (number.isdecimal() or not number):
        return None
    return writer, int(number or 0)


class Parts:
    """Appends to ``<writer>.jsonl``, ``<writer>.1.jsonl`` … in `folder`, each led by `header`."""

    def __init__(self, folder: Path, writer: str, header: bytes = b"") -> None:
        self.folder = folder
        self.writer = writer
        self.header = header
        self._number = 0  # of the next part
        self._descriptor: int | None = None

    def write(self, lines: bytes) -> None:
        """Append whole lines and return once they are on the disk.

        Raises `OSError` when they may not be; then write them again, which opens a new part.
        """
        if self._descriptor is None:
            self._descriptor = self._open(lines)
            return
        try:
            disk.write(self._descriptor, lines)
            disk.sync(self._descriptor)
        except OSError as error:
            error.filename = str(self.folder / part_name(self.writer, self._number - 1))
            self.close()
            raise

    def _open(self, lines: bytes) -> int:
        path = self.folder / part_name(self.writer, self._number)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o666)
        self._number += 1
        try:
            disk.write(descriptor, self.header + lines)
            disk.sync(descriptor)
            disk.sync_folder(self.folder)
        except OSError as error:
            # Nothing in it is relied upon, and a full disk needs no empty file for every try.
            error.filename = str(path)
            with suppress(OSError):
                os.close(descriptor)
            with suppress(OSError):
                path.unlink()
            raise
        return descriptor

    def close(self) -> None:
        """Give the descriptor back. A later write would open a new part."""
        if self._descriptor is not None:
            with suppress(OSError):  # what has been confirmed was synced
                os.close(self._descriptor)
            self._descriptor = None
