"""Small line charts made of characters."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from trialdeck.tui.format import number, pad, width_of
from trialdeck.tui.glyphs import glyph, is_unicode

if TYPE_CHECKING:
    from collections.abc import Sequence

    Points = Sequence[tuple[float, float]]

HEIGHT = 6
# The eight dots of a Braille character by row and column; U+2800 has none of them.
BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def chart(xs: Sequence[float], ys: Sequence[float], width: int, height: int = HEIGHT) -> list[str]:
    """Return the lines of a chart with its axes; points that are not finite leave gaps."""
    points = [(x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(y)]
    if not points:
        return []
    low, high = min(y for _, y in points), max(y for _, y in points)
    labels = [""] * height
    if low < high:
        labels[0], labels[-1] = number(high), number(low)
    else:
        labels[height // 2] = number(low)
    wide = max(width_of(label) for label in labels)
    columns = max(8, width - wide - 2)
    cells = _draw(points, columns, height)
    lines = [
        f"{pad(label, wide, right=True)} {glyph('axis')}{row}"
        for label, row in zip(labels, cells, strict=True)
    ]
    first, last = number(points[0][0]), number(points[-1][0])
    under = first + " " * max(1, columns - len(first) - len(last)) + last
    return [line.rstrip() for line in [*lines, " " * (wide + 2) + under]]


def _draw(points: Points, columns: int, height: int) -> list[str]:
    """Return the rows of the plot without its axes."""
    across, down = (2, 4) if is_unicode() else (1, 1)
    dots = _dots(points, columns * across, height * down)
    rows = [[0] * columns for _ in range(height)]
    for x, y in dots:
        rows[y // down][x // across] |= BRAILLE[y % down][x % across]
    if not is_unicode():
        return ["".join("*" if cell else " " for cell in row) for row in rows]
    return ["".join(chr(0x2800 + cell) if cell else " " for cell in row) for row in rows]


def _dots(points: Points, width: int, height: int) -> set[tuple[int, int]]:
    """Return the places on a grid of a line through the points, (0, 0) at the upper left."""
    left, right = points[0][0], points[-1][0]
    low, high = min(y for _, y in points), max(y for _, y in points)

    def place(x: float, y: float) -> tuple[int, int]:
        column = (x - left) / (right - left) * (width - 1) if right > left else 0
        row = (high - y) / (high - low) * (height - 1) if high > low else height // 2
        return round(column), round(row)

    places = [place(x, y) for x, y in points]
    dots = set(places)
    for (x1, y1), (x2, y2) in pairwise(places):
        steps = max(abs(x2 - x1), abs(y2 - y1))
        dots |= {
            (round(x1 + (x2 - x1) * step / steps), round(y1 + (y2 - y1) * step / steps))
            for step in range(1, steps)
        }
    return dots
