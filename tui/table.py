"""Tables that fit the terminal."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING, NamedTuple

import click

from trialdeck.tui.format import cut, pad, width_of
from trialdeck.tui.glyphs import COLORS, glyph

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GAP = 2
NARROWEST = 6  # a column is not cut below this


class Column(NamedTuple):
    """A column: its title, where its texts stand, and whether they may be cut."""

    title: str
    right: bool = False
    cuts: bool = False


class Cell(NamedTuple):
    """A text with a colour; a plain str is one without."""

    text: str
    color: str = ""
    bold: bool = False


def terminal_width() -> int:
    """Return how many columns there are; 80 where nobody knows."""
    return max(40, shutil.get_terminal_size().columns)


def state_cell(state: str) -> Cell:
    """Return a trial's state with its glyph and colour."""
    return Cell(f"{glyph(state)} {state}", COLORS.get(state, ""))


def table(
    columns: Sequence[Column], rows: Iterable[Sequence[Cell | str]], width: int | None = None
) -> list[str]:
    """Return the lines of a table, its titles first, at most `width` wide if columns can be cut."""
    cells = [[c if isinstance(c, Cell) else Cell(c) for c in row] for row in rows]
    widths = natural_widths(columns, cells)
    _shrink(widths, columns, width or terminal_width())
    titles = [Cell(column.title, "bright_black") for column in columns]
    return [_line(row, columns, widths) for row in [titles, *cells]]


def natural_widths(columns: Sequence[Column], cells: Sequence[Sequence[Cell]]) -> list[int]:
    """Return how wide each column is when nothing is cut."""
    return [
        max([width_of(column.title), *(width_of(row[number].text) for row in cells)])
        for number, column in enumerate(columns)
    ]


def _shrink(widths: list[int], columns: Sequence[Column], available: int) -> None:
    """Take from the widest of the columns that may be cut until they all fit."""
    excess = sum(widths) + GAP * (len(widths) - 1) - available
    for _ in range(max(0, excess)):
        able = [n for n, c in enumerate(columns) if c.cuts and widths[n] > NARROWEST]
        if not able:
            break
        widths[max(able, key=lambda n: widths[n])] -= 1


def _line(row: Sequence[Cell], columns: Sequence[Column], widths: Sequence[int]) -> str:
    texts = []
    for cell, column, wide in zip(row, columns, widths, strict=True):
        text = cut(cell.text, wide)
        blanks = " " * (wide - width_of(text))
        painted = paint(cell._replace(text=text))
        texts.append(blanks + painted if column.right else painted + blanks)
    return (" " * GAP).join(texts).rstrip()


def paint(cell: Cell) -> str:
    """Return a cell's text with its colour; `click.echo` takes it away again where none belongs."""
    if not cell.text or not (cell.color or cell.bold):
        return cell.text
    return click.style(cell.text, fg=cell.color or None, bold=cell.bold or None)


def pairs(items: Iterable[tuple[str, str]], indent: int = 2, width: int | None = None) -> list[str]:
    """Return names and values, the values below each other and wrapped where they are long."""
    items = list(items)
    names = max((width_of(name) for name, _ in items), default=0) + GAP
    left = max(NARROWEST, (width or terminal_width()) - indent - names)
    lines = []
    for name, value in items:
        # What has colours is short; their codes must not be counted, or torn.
        texts = [value] if "\x1b" in value else textwrap.wrap(value, left) or [""]
        titles = [name, *[""] * (len(texts) - 1)]
        lines += [" " * indent + pad(t, names) + x for t, x in zip(titles, texts, strict=True)]
    return [line.rstrip() for line in lines]
