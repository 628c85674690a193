"""Dots in the cells of the terminal: 2 x 4 a cell in braille, one a cell in ASCII."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from trialdeck.tui.chart import BRAILLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Place = tuple[int, int]


class Raster:
    """Dots at whole places, (0, 0) at the upper left; what lies outside is left out."""

    def __init__(self, columns: int, rows: int, *, braille: bool) -> None:
        self.columns, self.rows = columns, rows
        self.across, self.down = (2, 4) if braille else (1, 1)
        self.width, self.height = columns * self.across, rows * self.down
        self.cells = bytearray(columns * rows)  # the dots of each cell, as bits

    def add(self, places: Iterable[Place]) -> None:
        """Draw dots."""
        width, height = self.width, self.height
        self._put([(x, y) for x, y in places if 0 <= x < width and 0 <= y < height])

    def line(self, points: Sequence[tuple[float, float]]) -> None:
        """Draw a line through points, which may lie far outside."""
        if len(points) == 1:
            self.add([(round(points[0][0]), round(points[0][1]))])
        right, bottom = self.width - 1, self.height - 1
        for (x1, y1), (x2, y2) in pairwise(points):
            inside = 0 <= x1 <= right and 0 <= x2 <= right and 0 <= y1 <= bottom
            if inside and 0 <= y2 <= bottom:
                self._put(segment(round(x1), round(y1), round(x2), round(y2)))
            elif part := clipped(x1, y1, x2, y2, right, bottom):
                self.add(segment(*map(round, part)))

    def _put(self, places: Iterable[Place]) -> None:
        """Draw dots, all of which lie inside."""
        columns, cells = self.columns, self.cells
        if self.down == 1:
            for x, y in places:
                cells[y * columns + x] = 1
            return
        for x, y in places:
            cells[(y >> 2) * columns + (x >> 1)] |= BRAILLE[y & 3][x & 1]

    def sign(self, column: int, row: int, mark: str) -> str:
        """Return the character of a cell; `mark` in ASCII, "" where it has no dots."""
        cell = self.cells[row * self.columns + column]
        if not cell:
            return ""
        return chr(0x2800 + cell) if self.down == 4 else mark


def segment(x1: int, y1: int, x2: int, y2: int) -> Iterable[Place]:
    """Return the places of a straight line, both ends included."""
    across, down = x2 - x1, y2 - y1
    steps = max(abs(across), abs(down))
    if steps <= 1:
        return ((x1, y1), (x2, y2))
    if not across:
        return [(x1, y) for y in range(min(y1, y2), max(y1, y2) + 1)]
    if not down:
        return [(x, y1) for x in range(min(x1, x2), max(x1, x2) + 1)]
    return [(x1 + round(across * n / steps), y1 + round(down * n / steps))
            for n in range(steps + 1)]  # fmt: skip


def clipped(
    x1: float, y1: float, x2: float, y2: float, right: float, bottom: float
) -> tuple[float, float, float, float] | None:
    """Return the part of a line within (0, 0) to (right, bottom): Liang and Barsky, 1984."""
    across, down = x2 - x1, y2 - y1
    first, last = 0.0, 1.0
    for step, room in ((-across, x1), (across, right - x1), (-down, y1), (down, bottom - y1)):
        if step == 0 and room < 0:
            return None
        if step < 0:
            first = max(first, room / step)
        elif step > 0:
            last = min(last, room / step)
    if first > last:
        return None
    return x1 + first * across, y1 + first * down, x1 + last * across, y1 + last * down
