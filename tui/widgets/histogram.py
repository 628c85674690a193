"""What a dimension draws: how often values come, and a few examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from trialdeck.core.reading import shown as as_written
from trialdeck.core.sampling import SAMPLES, examples, histogram
from trialdeck.core.space import parse_space
from trialdeck.tui.bars import lying, upright
from trialdeck.tui.format import cut, number, shown, width_of
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.screens.choose_type import TYPES
from trialdeck.tui.widgets.styles import MUTED

if TYPE_CHECKING:
    from trialdeck.core.dimension import Dimension
    from trialdeck.core.params.rows import Row
    from trialdeck.core.sampling import Histogram as Bins

HIGHEST = 8  # lines of upright bars
BROAD = 3  # columns of a bar that stands for a range: enough samples for a smooth picture


class Histogram(Widget):
    """Draws samples of the chosen dimension; nothing while there is a mistake in it."""

    DEFAULT_CSS = "Histogram { height: 1fr; color: $foreground; }"

    _dimension: Dimension | None = None

    def show(self, row: Row | None) -> None:
        """Draw a dimension as it is written, None for nothing."""
        dimension = dimension_of(row) if row is not None else None
        if dimension != self._dimension:
            self._dimension = dimension
            self.refresh()

    def render(self) -> Content:
        """Return the bars, their ends, and examples, as far as there is room."""
        width, height = self.size
        if self._dimension is None or width < 12 or height < 2:
            return Content("")
        return Content("\n").join(histogram_lines(self._dimension, width, height))


def dimension_of(row: Row) -> Dimension | None:
    """Return the dimension of a row that has no mistake in itself."""
    space = parse_space({row.name: dict(row.table)}, [])
    return next((each for each in space.dimensions if each.name == row.name), None)


def histogram_lines(dimension: Dimension, width: int, height: int) -> list[Content]:
    """Return what it draws in words, as bars, and as examples, on at most so many lines."""
    about = Content.styled(cut(TYPES[dimension.type], width), MUTED)
    bins = histogram(dimension, _most_bars(dimension, width))
    if dimension.options:
        shares = [count / SAMPLES for count in bins.counts]
        return [about, *_option_bars(lying(bins.labels, shares, width), height - 1)]
    wide = max(1, width // len(bins.counts))
    bars = upright(bins.counts, min(HIGHEST, height - 3))
    some = ", ".join(shown(value) for value in examples(dimension, 12))
    return [
        about,
        *(Content.styled("".join(c * wide for c in line), "$text-primary") for line in bars),
        Content.styled(_ends(dimension, bins, wide * len(bins.counts)), MUTED),
        Content(cut(f"such as {some}", width)),
    ]


def _most_bars(dimension: Dimension, width: int) -> int:
    """Return one for each value where there is room; broader ones show less of pure chance."""
    size = dimension.distribution.size()
    return width if size is not None and size <= width else max(1, width // BROAD)


def _option_bars(lines: list[str], room: int) -> list[Content]:
    """Return the bars that there is room for, and how many there are besides."""
    if len(lines) > room:
        left = len(lines) - room + 1
        lines = [*lines[: room - 1], f"and {left} more"]
    return [Content(line) for line in lines]


def _ends(dimension: Dimension, bins: Bins, width: int) -> str:
    """Return the lowest and the highest value at the ends of the axis."""
    ends = dimension.bounds or (bins.edges[0], bins.edges[-1])
    low, high = map(number, ends) if dimension.bounds is None else map(as_written, ends)
    if bins.log and width_of(low) + width_of(high) + 7 <= width:
        high = f"(log) {high}"
    gap = width - width_of(low) - width_of(high)
    return f"{low}{' ' * gap}{high}" if gap > 0 else f"{low} {glyph('cut')} {high}"
