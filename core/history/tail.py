"""Reads what has been added to a file of lines since the last look."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from trialdeck.core.history.codec import BadLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_Item = TypeVar("_Item")
BLOCK = 1 << 20  # bytes read at once


@dataclass(frozen=True, slots=True)
class BadRange:
    """Bytes that are no lines (yet): between two newlines, or from the last newline to the end."""

    start: int
    end: int
    reason: str


class Tail(Generic[_Item]):
    """The lines of one file, each given to `decode` once it is whole and good.

    `decode` returns None for a line to pass over and raises `BadLine` for a bad one. Bad lines are
    read again at every look: on a network file system the size of a file may arrive before its
    content, and what reads as NUL bytes now is a line later.

    With `last`, only about the last so many bytes of what is there at the first look are read.
    """

    def __init__(
        self, path: Path, decode: Callable[[bytes], _Item | None], *, last: int | None = None
    ) -> None:
        self.path = path
        self.offset = 0  # behind the last newline read
        self.size = 0  # of the file at the last look
        self.bad: list[BadRange] = []
        self.replaced = False  # whether it was once read from its start again
        self._decode = decode
        self._last = last
        self._file = (0, 0)

    def resume(self, offset: int, bad: list[BadRange]) -> None:
        """Go on from `offset`, where a line begins: all before has been read, but for `bad`.

        Raises `OSError`.
        """
        info = self.path.stat()
        self.offset = self.size = offset
        self.bad = bad
        self._file = (info.st_dev, info.st_ino)

    @property
    def torn(self) -> int:
        """How many bytes there are behind the last newline."""
        return self.size - self.offset

    def read(self) -> list[_Item]:
        """Return what is new. The file is opened anew, for only that asks a file server.

        A file that was replaced, or has shrunk, is read from its start. Raises `OSError`.
        """
        return [item for items in self.blocks() for item in items]

    def blocks(self) -> Iterator[list[_Item]]:
        """Yield what is new bit by bit, as `read` does; a bit that was yielded is not read again.

        However long the file is, little of it is in memory at once.
        """
        descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            info = os.fstat(descriptor)
            if (info.st_dev, info.st_ino) != self._file or info.st_size < self.offset:
                self.replaced = self.replaced or self.offset > 0
                self.offset, self.bad = self._first(descriptor, info.st_size), []
                self._file = (info.st_dev, info.st_ino)
            items, self.bad = self._read_bad(descriptor)
            yield items
            yield from self._whole_lines(descriptor, info.st_size)
        finally:
            os.close(descriptor)

    def _whole_lines(self, descriptor: int, end: int) -> Iterator[list[_Item]]:
        length = BLOCK
        while True:
            data = _read(descriptor, self.offset, min(end, self.offset + length))
            whole = data.rfind(b"\n") + 1
            if whole:
                items: list[_Item] = []
                bad = self.bad.copy()
                self._take(data[: whole - 1], self.offset, items, bad)
                # Only now: a decoder that raised has this read again at the next look.
                self.bad = bad
                self.offset += whole
                yield items
            self.size = self.offset + len(data) - whole
            if len(data) < length:
                return
            length = BLOCK if whole else 2 * length  # a line may be longer than a block

    def _first(self, descriptor: int, size: int) -> int:
        """Return where the first line to be read begins."""
        if self._last is None or size <= self._last:
            return 0
        start = size - self._last
        newline = _read(descriptor, start, size).find(b"\n")
        return start + newline + 1 if newline >= 0 else 0

    def is_of(self, info: os.stat_result) -> bool:
        """Whether that is the file that has been read, and still as long."""
        return (info.st_dev, info.st_ino) == self._file and info.st_size >= self.offset

    def seems_unchanged(self) -> bool:
        """Whether a look at the folder entry alone finds nothing to read.

        On a network that may be old news for a minute: for files that have most likely ended.
        Where not every byte is a good line, there may be: content can arrive after its size.
        """
        info = self.path.stat()
        same = (info.st_dev, info.st_ino) == self._file and info.st_size == self.size
        return same and not self.bad and not self.torn

    def _read_bad(self, descriptor: int) -> tuple[list[_Item], list[BadRange]]:
        items: list[_Item] = []
        bad: list[BadRange] = []
        for start, end in _neighbours_joined(self.bad):
            self._take(_read(descriptor, start, end), start, items, bad)
        return items, bad

    def _take(self, data: bytes, start: int, items: list[_Item], bad: list[BadRange]) -> None:
        """Decode the lines of `data`, which lies at `start` and before a newline."""
        lines = data.split(b"\n")
        try:
            decoded = [self._decode(line) for line in lines]
        except BadLine:
            decoded = self._pick(lines, start, bad)
        items += [item for item in decoded if item is not None]

    def _pick(self, lines: list[bytes], start: int, bad: list[BadRange]) -> list[_Item | None]:
        decoded: list[_Item | None] = []
        for line in lines:
            end = start + len(line)
            try:
                decoded.append(self._decode(line))
            except BadLine as error:
                bad.append(BadRange(start, end, str(error)))
            start = end + 1
        return decoded


def _neighbours_joined(ranges: list[BadRange]) -> list[tuple[int, int]]:
    """Return where bad lines begin and end, those in a row as one.

    The newline between two of them may be as wrong as they are.
    """
    joined: list[tuple[int, int]] = []
    for bad in ranges:
        follows = bool(joined) and joined[-1][1] + 1 == bad.start
        joined.append((joined.pop()[0] if follows else bad.start, bad.end))
    return joined


def _read(descriptor: int, start: int, end: int) -> bytes:
    """Return the bytes from `start` to `end`, fewer if the file ends before."""
    pieces = []
    while start < end and (piece := os.pread(descriptor, end - start, start)):
        pieces.append(piece)
        start += len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
