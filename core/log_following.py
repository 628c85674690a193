"""Follows a log that grows, from its end, and reads what is before when asked for.

A log may have gigabytes: it is read in blocks, and only those that somebody looks at.
"""

from __future__ import annotations

import os
import re
from collections import deque
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import disk
from trialdeck.core.log_text import tame

if TYPE_CHECKING:
    from trialdeck.core.logs import Slice

FIRST = 256_000  # bytes before the end that are read at first, and of older text at a time
BLOCK = 1 << 20
JUMP = 8 << 20  # when more than this is new, only its end is read
MOST_LINES = 20_000
LONGEST = 1 << 20  # bytes of a line; a longer one is several
TRIAL_LINE = re.compile(r"--- trial (\d+) attempt (\d+) ---")


class News(NamedTuple):
    """What is new in a log.

    `partial` is the line that the log ends with, as far as it is there; `anew` says that `lines`
    do not follow those before: the log began anew, or too much was new at once.
    """

    lines: list[str]
    partial: str = ""
    anew: bool = False


class Follower:
    """Reads one log; for one thread.

    A part of a core's log that belongs to a trial ends where the next trial begins.
    """

    def __init__(self, part: Slice, first: int = FIRST) -> None:
        self.part = part
        self._first = first
        self._is_trial = part.start > 0  # a core's log begins with a line about its first trial
        self._from = part.start  # what is before has not been read
        self._offset = part.start  # what is behind has not been read
        self._rest = b""  # of the last line, before the offset
        self._inode: int | None = None
        self.ended = False

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing older to read."""
        return self._from <= self.part.start

    @property
    def begins(self) -> int:
        """The byte of the log at which what has been read begins."""
        return self._from

    def read(self) -> News:
        """Return what has come since the last time; at first, the end. Raises HistoryError."""
        if self.ended:
            return News([], tame(_decode(self._rest)))
        try:
            with self.part.path.open("rb") as file:
                return self._read(file)
        except FileNotFoundError:
            return News([])
        except OSError as error:
            raise _unreadable(error) from error

    def older(self) -> list[str]:
        """Return lines before those that have been read, none at the beginning."""
        if self.is_whole:
            return []
        try:
            with self.part.path.open("rb") as file:
                start = self._line_start(file, self._from)
                file.seek(start)
                block = file.read(self._from - start)
        except OSError as error:
            raise _unreadable(error) from error
        self._from = start
        return [tame(_decode(line)) for line in block.removesuffix(b"\n").split(b"\n")]

    def _read(self, file: BinaryIO) -> News:
        stat = os.fstat(file.fileno())
        end = stat.st_size if self.part.end is None else min(self.part.end, stat.st_size)
        anew = self._inode is None or stat.st_ino != self._inode or end < self._offset
        anew = anew or (end - self._offset > JUMP and not self._is_trial)
        if anew:
            self._inode = stat.st_ino
            self._offset = self._from = self._line_start(file, end)
            self._rest = b""
        lines: deque[bytes] = deque(maxlen=MOST_LINES)
        file.seek(self._offset)
        while self._offset < end and not self.ended:
            block = file.read(min(BLOCK, end - self._offset))
            if not block:
                break
            self._offset += len(block)
            self._split(block, lines)
        self.ended = self.ended or (self.part.end is not None and self._offset >= self.part.end)
        return News([tame(_decode(line)) for line in lines], tame(_decode(self._rest)), anew)

    def _split(self, block: bytes, lines: deque[bytes]) -> None:
        """Add the lines of a block, and keep the rest of the last."""
        *whole, self._rest = (self._rest + block).split(b"\n")
        if len(self._rest) > LONGEST:
            cut = self._rest.rfind(b"\r", 0, -1)  # a progress bar: what it showed before is gone
            if cut < 0:
                whole.append(self._rest)
            self._rest = self._rest[cut + 1 :] if cut >= 0 else b""
        for line in whole:
            if self._is_trial and trial_begun(_decode(line)) is not None:
                self.ended, self._rest = True, b""
                return
            lines.append(line)

    def _line_start(self, file: BinaryIO, end: int) -> int:
        """Return where a line begins, about a first block before `end`."""
        start = max(self.part.start, end - self._first)
        if start == self.part.start:
            return start
        file.seek(start - 1)
        found = file.read(end - start).find(b"\n")
        return start + found if 0 <= found < end - start else start


def trial_begun(line: str) -> int | None:
    """Return the trial whose output begins behind this line, None behind any other."""
    match = TRIAL_LINE.fullmatch(line)
    return int(match[1]) if match else None


def _decode(line: bytes) -> str:
    return line.decode(errors="replace")


def _unreadable(error: OSError) -> HistoryError:
    return HistoryError(f"the log cannot be read: {disk.explain(error)}")
