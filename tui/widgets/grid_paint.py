"""How the lines of a grid look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from trialdeck.tui.format import cut, width_of
from trialdeck.tui.glyphs import is_unicode
from trialdeck.tui.widgets.grid_columns import fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trialdeck.tui.table import Cell
    from trialdeck.tui.widgets.grid_columns import GridColumn, Span

    Styles = Callable[[str], Style]  # a component's style by its class; the widget's own for ""

BOLD = Style(bold=True)
COLORS = ("green", "red", "cyan", "yellow", "magenta", "bright_black")
COMPONENTS = {"grid--header", "grid--cursor", "grid--empty", *(f"grid--{name}" for name in COLORS)}
CSS = """
Grid { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
Grid > .grid--header { text-style: bold; color: $text-muted; }
Grid:focus > .grid--header { color: $text-primary; }
Grid > .grid--cursor {
    background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
}
Grid:ansi > .grid--cursor { text-style: underline; }
Grid:nocolor > .grid--cursor { text-style: underline; }
Grid:focus > .grid--cursor {
    background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
}
Grid:nocolor:focus > .grid--cursor { text-style: bold reverse; }
Grid > .grid--empty { color: $text-muted; }
Grid > .grid--green { color: $text-success; }
Grid > .grid--red { color: $text-error; }
Grid > .grid--cyan { color: $text-primary; }
Grid > .grid--yellow { color: $text-warning; }
Grid > .grid--magenta { color: $text-accent; }
Grid > .grid--bright_black { color: $text-muted; }
"""


def row_strip(
    row: Sequence[Cell],
    columns: Sequence[GridColumn],
    spans: Sequence[Span],
    width: int,
    styles: Styles,
    line_class: str = "",
) -> Strip:
    """Return a row as a line; all of it in the style of `line_class`, if there is one."""
    base = styles(line_class)
    segments = []
    x = 0
    for column, start, wide in spans:
        cell = row[column]
        colored = not line_class and cell.color in COLORS
        style = styles(f"grid--{cell.color}") if colored else base
        segments.append(Segment(" " * (start - x), base))
        text = fitted(cell.text, wide, right=columns[column].right)
        segments.append(Segment(text, style + BOLD if cell.bold else style))
        x = start + wide
    return Strip(segments).adjust_cell_length(width, base)


def with_more(header: Strip, width: int, style: Style) -> Strip:
    """Return the header with a sign that there are more columns at its right."""
    sign = Segment("→" if is_unicode() else ">", style)
    return Strip.join([header.crop(0, width - 1), Strip([sign])])


def empty_strip(text: str, y: int, width: int, height: int, styles: Styles) -> Strip:
    """Return line `y` of a text of several lines in the middle of an empty grid."""
    lines = text.splitlines()
    number = y - max(0, height - len(lines)) // 2
    said = cut(lines[number], width) if 0 <= number < len(lines) else ""
    left = " " * ((width - width_of(said)) // 2)
    strip = Strip([Segment(left + said, styles("grid--empty"))])
    return strip.adjust_cell_length(width, styles(""))
