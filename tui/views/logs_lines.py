"""The lines of a log as rows of the screen: wrapped or not, and searched. Draws nothing."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import chop_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_LINES = 20_000
SLACK = 1000  # so many more are kept before the oldest go


class Piece(NamedTuple):
    """What a row shows: a part of a line, that begins with the line's character `start`."""

    line: int
    start: int
    text: str


class LogLines:
    """Lines with a last one that may be unfinished; at most about MOST_LINES.

    Rows are counted from 0. Without wrapping each line is one row.
    """

    def __init__(self) -> None:
        self.width = 80
        self.wrap = True
        self.query = ""
        self.found: list[int] = []  # lines with the searched text
        self.lacks_end = False  # whether the newest had to make room for older ones
        self._lines: list[str] = []
        self._starts: list[int] = []  # each line's first row
        self._rows = 0
        self._partial = False  # whether the last line is unfinished

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, line: int) -> str:
        return self._lines[line]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self._rows

    @property
    def longest(self) -> int:
        """The length of the longest line, in characters."""
        return max(map(len, self._lines), default=0)

    # -- changes ----------------------------------------------------------------------------

    def clear(self) -> None:
        """Forget all lines."""
        self._lines, self._starts, self.found = [], [], []
        self._rows, self._partial, self.lacks_end = 0, False, False

    def add(self, lines: Sequence[str], partial: str = "") -> int:
        """Add lines at the end; return how many rows of the oldest lines had to go."""
        if self._partial:
            self._drop_last()
        self._append(lines)
        self._partial = bool(partial)
        self._append([partial] if partial else [])
        return self._trim()

    def put_before(self, lines: Sequence[str]) -> int:
        """Put older lines before the others; return by how many rows those moved down.

        The newest lines go when there are too many.
        """
        before = self._rows
        self._lines[:0] = lines
        self._count_rows()
        moved = self._rows - before
        if len(self._lines) > MOST_LINES:
            del self._lines[MOST_LINES:]
            self._partial, self.lacks_end = False, True
            self._count_rows()
        self.search(self.query)
        return moved

    def arrange(self, width: int, *, wrap: bool) -> None:
        """Fit the rows to a width."""
        if (width, wrap) != (self.width, self.wrap):
            self.width, self.wrap = max(1, width), wrap
            self._count_rows()

    def _append(self, lines: Sequence[str]) -> None:
        for line in lines:
            if self._matches(line):
                self.found.append(len(self._lines))
            self._lines.append(line)
            self._starts.append(self._rows)
            self._rows += self._height(line)

    def _drop_last(self) -> None:
        self._lines.pop()
        self._rows = self._starts.pop()
        if self.found and self.found[-1] == len(self._lines):
            self.found.pop()
        self._partial = False

    def _trim(self) -> int:
        extra = len(self._lines) - MOST_LINES
        if extra <= SLACK:
            return 0
        gone = self._starts[extra]
        del self._lines[:extra]
        self._count_rows()
        self.search(self.query)
        return gone

    def _count_rows(self) -> None:
        self._starts, self._rows = [], 0
        for line in self._lines:
            self._starts.append(self._rows)
            self._rows += self._height(line)

    def _height(self, line: str) -> int:
        if not self.wrap:
            return 1
        if line.isascii():
            return max(1, -(-len(line) // self.width))
        return max(1, len(chop_cells(line, self.width)))

    # -- looking ----------------------------------------------------------------------------

    def line_at(self, row: int) -> int:
        """Return the line that a row belongs to."""
        return max(0, bisect_right(self._starts, row) - 1)

    def row_of(self, line: int) -> int:
        """Return the first row of a line."""
        return self._starts[line] if self._starts else 0

    def piece(self, row: int) -> Piece:
        """Return what a row shows; of an unwrapped line all of it."""
        line = self.line_at(row)
        text, number = self._lines[line], row - self._starts[line]
        if not self.wrap:
            return Piece(line, 0, text)
        if text.isascii():
            start = number * self.width
            return Piece(line, start, text[start : start + self.width])
        pieces = chop_cells(text, self.width) or [""]
        return Piece(line, sum(map(len, pieces[:number])), pieces[number])

    # -- searching --------------------------------------------------------------------------

    def search(self, query: str) -> None:
        """Find the lines with a text; capital letters matter only if it has some."""
        self.query = query
        self.found = [n for n, line in enumerate(self._lines) if self._matches(line)]

    def _matches(self, line: str) -> bool:
        if not self.query:
            return False
        return self.query in (line if self._exact else line.lower())

    @property
    def _exact(self) -> bool:
        return not self.query.islower() and self.query != self.query.lower()

    def spans(self, piece: Piece) -> list[tuple[int, int]]:
        """Return where in a piece the searched text stands; a match may lie across two rows."""
        if not self.query or not piece.text:
            return []
        margin = len(self.query) - 1
        first = max(0, piece.start - margin)
        text = self._lines[piece.line][first : piece.start + len(piece.text) + margin]
        text = text if self._exact else text.lower()
        spans, at = [], text.find(self.query)
        while at >= 0:
            start = first + at - piece.start
            spans.append((max(0, start), min(len(piece.text), start + len(self.query))))
            at = text.find(self.query, at + len(self.query))
        return [(start, end) for start, end in spans if start < end]

    def next_match(self, line: int, step: int) -> int | None:
        """Return the nearest line with the text below (1) or above (-1) a line."""
        if step > 0:
            return next((n for n in self.found if n > line), None)
        return next((n for n in reversed(self.found) if n < line), None)
