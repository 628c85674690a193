"""The columns of a grid: how wide they are and where they stand. Draws nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trialdeck.tui.format import cut, one_line, pad, width_of
from trialdeck.tui.glyphs import is_unicode
from trialdeck.tui.table import GAP, Cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MARGIN = 1  # before the first column
LIMIT = 40  # how wide a column's content makes it at most
NARROWEST = 4  # less of a column is not shown


class GridColumn(NamedTuple):
    """A column of a grid.

    `width` is a number of characters; None is as wide as what is visible needs, up to a limit. The
    last column may use all that is left. `right` puts its texts to the right.
    """

    key: str
    title: str
    width: int | None = None
    right: bool = False


class Span(NamedTuple):
    """Where a column stands on the screen."""

    column: int
    x: int
    width: int

    @property
    def end(self) -> int:
        """The first place behind it."""
        return self.x + self.width


class Sort(NamedTuple):
    """The column that rows are sorted by; its title has a mark."""

    key: str = ""
    descending: bool = False


def titles(columns: Sequence[GridColumn], sort: Sort) -> tuple[Cell, ...]:
    """Return the cells of the header."""
    signs = "▲▼" if is_unicode() else "^v"
    return tuple(
        Cell(f"{c.title} {signs[sort.descending]}" if c.key == sort.key else c.title)
        for c in columns
    )


def widths_of(columns: Sequence[GridColumn], rows: Iterable[Sequence[Cell]]) -> list[int]:
    """Return how wide each column has to be for these rows (the header is one of them)."""
    widths = [column.width or 0 for column in columns]
    auto = [number for number, column in enumerate(columns) if column.width is None]
    for row in rows:
        for number in auto:
            widths[number] = max(widths[number], width_of(row[number].text))
    last = len(columns) - 1
    return [wide if columns[n].width or n == last else min(wide, LIMIT)
            for n, wide in enumerate(widths)]  # fmt: skip


def spans_of(widths: Sequence[int], fixed: int, skipped: int, available: int) -> list[Span]:
    """Return the columns that are seen when `skipped` of those behind the `fixed` ones are not."""
    spans: list[Span] = []
    x = MARGIN
    for column, wide in enumerate(widths):
        if fixed <= column < fixed + skipped:
            continue
        left = available - x
        if left < min(wide, NARROWEST):
            break
        spans.append(Span(column, x, min(wide, left)))
        x += wide + GAP
    return spans


def most_skipped(widths: Sequence[int], fixed: int, available: int) -> int:
    """Return how many columns may be skipped until all the others are seen whole."""
    for skipped in range(max(0, len(widths) - fixed)):
        kept = [*widths[:fixed], *widths[fixed + skipped :]]
        if MARGIN + sum(kept) + GAP * (len(kept) - 1) <= available:
            return skipped
    return max(0, len(widths) - fixed - 1)


def fitted(text: str, width: int, *, right: bool) -> str:
    """Return a text that takes exactly `width` columns and nothing that moves the cursor."""
    if not text.isprintable():
        text = one_line(text)
    if text.isascii() and len(text) <= width:
        return text.rjust(width) if right else text.ljust(width)
    return pad(cut(text, width), width, right=right)
