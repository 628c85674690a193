"""All the lines of a plot, from its title to what stands below; no widget is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trialdeck.tui.format import cut, metric, width_of
from trialdeck.tui.glyphs import glyph, is_unicode
from trialdeck.tui.sparkline import sparkline
from trialdeck.tui.widgets.plot_drawing import (
    SMALLEST,
    Layer,
    Line,
    chart_lines,
    legend_of,
    mark_of,
    parts_of,
    title_line,
    x_lines,
    y_ticks,
)
from trialdeck.tui.widgets.plot_series import Frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.tui.widgets.plot_cloud import Cloud
    from trialdeck.tui.widgets.plot_drawing import Parts
    from trialdeck.tui.widgets.plot_series import Point, Series
    from trialdeck.tui.widgets.plot_view import View
    from trialdeck.tui.widgets.raster import Raster

NARROWEST = 10  # columns of the chart itself
SPARKLINE = 24


class Content(NamedTuple):
    """What a plot says: its series, title and notes, what is pointed at, and the words for it."""

    series: Sequence[Series | Cloud]
    title: str = ""
    notes: tuple[str, ...] = ()
    point: Point | None = None
    label: str = ""


class Picture:
    """Draws plots of one content after another; dots that stay are not computed again."""

    def __init__(self) -> None:
        self._rasters: dict[int, tuple[object, Frame, Raster]] = {}
        self._frame: Frame | None = None
        self._left = 0

    def x_at(self, column: int) -> float | None:
        """Return the x at a column of the picture; None beside the chart."""
        column -= self._left
        if self._frame is None or not 0 <= column < self._frame.columns:
            return None
        return self._frame.x.value(column / (self._frame.columns - 1))

    def lines(self, content: Content, view: View, width: int, height: int) -> list[Line]:
        """Return the lines; a single one where there is no room for a chart."""
        self._frame = None
        parts = parts_of(height)
        labels, gutter = y_ticks(view.y, parts.rows) if parts.rows > 0 else ({}, 0)
        columns = width - gutter - 2
        if height < SMALLEST or columns < NARROWEST:
            return [_summary(content, width)]
        frame = Frame(view.x, view.y, columns, parts.rows, is_unicode())
        self._frame, self._left = frame, gutter + 2
        return [
            _head(content, view, parts, width),
            *chart_lines(
                self._layers(content.series, frame), frame, labels, gutter, _cross(content, frame)
            ),
            *x_lines(view.x, columns, gutter, axis=parts.axis),
            *([[(cut(content.label, width), "text")]] if parts.below else []),
        ]

    def _layers(self, series: Sequence[Series | Cloud], frame: Frame) -> list[Layer]:
        """Return the dots of all series, the most important last."""
        self._rasters = {n: known for n, known in self._rasters.items() if n < len(series)}
        layers = []
        for place, one in enumerate(series):
            known = self._rasters.get(place)
            if known is None or known[:2] != (one.version, frame):
                known = one.version, frame, one.raster(frame)
                self._rasters[place] = known
            layer = Layer(known[2], one.color, mark_of(one.kind, place))
            layers.append((one.priority, -place, layer))
        return [layer for *_, layer in sorted(layers, key=lambda ranked: ranked[:2])]


def _cross(content: Content, frame: Frame) -> tuple[int, int] | None:
    """Return the cell of the crosshair, if its point is seen."""
    if content.point is None:
        return None
    x, y = content.point
    if not (frame.x.low <= x <= frame.x.high and frame.y.low <= y <= frame.y.high):
        return None
    return frame.cell(x, y)


def _head(content: Content, view: View, parts: Parts, width: int) -> Line:
    """Return the first line: the title, or what is pointed at where that has no line."""
    if content.label and not parts.below:
        return [(cut(content.label, width), "text")]
    legend = legend_of([(one.name, one.kind, one.color) for one in content.series])
    return title_line(content.title, [*content.notes, *view.notes], legend, width)


def _summary(content: Content, width: int) -> Line:
    """Return the first series in one line."""
    values = [y for _, y in content.series[0].points()]
    title = content.title or content.series[0].name
    known = [metric(values[-1])] * bool(values)
    text = glyph("between").join([title, *known]) + "  "
    left = min(SPARKLINE, width - width_of(text))
    return [(cut(text, width), "title"), (sparkline(values, left), content.series[0].color)]
