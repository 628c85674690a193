"""The lines of a plot as texts with the names of their colours; no widget is needed."""

from __future__ import annotations

import math
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from trialdeck.tui.format import cut, number, pad, width_of
from trialdeck.tui.glyphs import glyph, is_unicode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.tui.widgets.plot_scale import Scale
    from trialdeck.tui.widgets.plot_series import Frame, Kind
    from trialdeck.tui.widgets.raster import Raster

Piece = tuple[str, str]  # a text and what it is: "axis", "label", a series' colour, ...
Line = list[Piece]

SMALLEST = 5  # lines; a chart with fewer is not worth drawing
TICK_EVERY = 8  # columns a tick on the x axis should have


class Layer(NamedTuple):
    """The dots of a series, its colour, and what stands for a dot in ASCII."""

    raster: Raster
    color: str
    mark: str


class Parts(NamedTuple):
    """Which lines a plot of some height has: a title, rows of the chart, an axis, a line below."""

    title: bool
    rows: int
    axis: bool
    below: bool


def parts_of(height: int) -> Parts:
    """Return what there is room for; the labels of the x axis always have a line."""
    below, axis = height >= 8, height >= 9
    return Parts(title=True, rows=height - 2 - below - axis, axis=axis, below=below)


def mark_of(kind: Kind, place: int) -> str:
    """Return what stands for a dot of the series at this place where there is no braille."""
    return "." if kind == "points" else "*+ox#"[place % 5]


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Return the texts of ticks, with as many decimals as their distances need."""
    gaps = {round(b - a, 12) for a, b in pairwise(ticks)}
    largest = max((abs(tick) for tick in ticks), default=0.0)
    if len(gaps) == 1 and (gap := gaps.pop()) > 1e-4 and largest < 1e6:
        decimals = max(0, -math.floor(math.log10(gap) + 1e-9))
        return [f"{tick:.{decimals}f}" for tick in ticks]
    return [number(tick) for tick in ticks]


def y_ticks(scale: Scale, rows: int) -> tuple[dict[int, str], int]:
    """Return the labels of the y axis by row, and how wide they are."""
    ticks = scale.ticks(min((rows + 1) // 2, rows // 3 + 2))
    labels = tick_labels(ticks)
    by_row = {
        round((1 - scale.place(tick)) * (rows - 1)): label
        for tick, label in zip(ticks, labels, strict=True)
    }
    return by_row, max(map(width_of, labels), default=0)


def chart_lines(
    layers: Sequence[Layer],
    frame: Frame,
    labels: dict[int, str],
    gutter: int,
    cross: tuple[int, int] | None,
) -> list[Line]:
    """Return the rows of the chart behind their labels; later layers hide earlier ones."""
    axis, tick = ("│", "┤") if is_unicode() else ("|", "+")
    return [
        [
            (pad(labels.get(row, ""), gutter, right=True) + " ", "label"),
            (tick if row in labels else axis, "axis"),
            *_row(layers, frame.columns, row, cross),
        ]
        for row in range(frame.rows)
    ]


def _row(layers: Sequence[Layer], columns: int, row: int, cross: tuple[int, int] | None) -> Line:
    signs, colors = [" "] * columns, [""] * columns
    if cross is not None:
        across, down = ("┄", "┆") if is_unicode() else ("-", ":")
        if cross[1] == row:
            signs, colors = [across] * columns, ["crosshair"] * columns
        signs[cross[0]], colors[cross[0]] = down, "crosshair"
    for raster, color, mark in layers:
        if any(raster.cells[row * columns : (row + 1) * columns]):
            for column in range(columns):
                if sign := raster.sign(column, row, mark):
                    signs[column], colors[column] = sign, color
    if cross is not None and cross[1] == row:
        signs[cross[0]], colors[cross[0]] = ("●" if is_unicode() else "@"), "pointer"
    return runs(signs, colors)


def runs(signs: Sequence[str], colors: Sequence[str]) -> Line:
    """Return characters as pieces of one colour each."""
    pieces = []
    for color, group in groupby(zip(signs, colors, strict=True), key=lambda pair: pair[1]):
        pieces.append(("".join(sign for sign, _ in group), color))
    return pieces


def x_lines(scale: Scale, columns: int, gutter: int, *, axis: bool) -> list[Line]:
    """Return the x axis, if it has a line, and its labels."""
    ticks = scale.ticks(max(2, columns // TICK_EVERY))
    places = [round(scale.place(tick) * (columns - 1)) for tick in ticks]
    plain, tick = ("─", "┬") if is_unicode() else ("-", "+")
    line = [plain] * columns
    text = " " * (gutter + 2 + columns)
    free = 0
    for place, label in zip(places, tick_labels(ticks), strict=True):
        line[place] = tick
        start = min(max(0, gutter + 2 + place - len(label) // 2), len(text) - len(label))
        if start >= free:
            text = text[:start] + label + text[start + len(label) :]
            free = start + len(label) + 2
    lines: list[Line] = [[(text, "label")]]
    if axis:
        lines.insert(0, [(" " * (gutter + 1), ""), (glyph("corner") + "".join(line), "axis")])
    return lines


def title_line(title: str, notes: Sequence[str], legend: Sequence[Piece], width: int) -> Line:
    """Return the title, what is to be known about the axes, and the names of the series."""
    line: Line = [(cut(title, width), "title")]
    left = width - width_of(line[0][0])
    for note in notes:
        text = glyph("between") + note if line[0][0] else note
        if width_of(text) <= left:
            line.append((text, "label"))
            left -= width_of(text)
    kept: Line = []
    for name, color in legend:
        if 2 + width_of(name) <= left:
            kept += [("  ", ""), (name, color)]
            left -= 2 + width_of(name)
    return [*line, (" " * left, ""), *kept]


def legend_of(names: Sequence[tuple[str, Kind, str]]) -> list[Piece]:
    """Return the names of series with their signs, if there are several."""
    if len(names) < 2:
        return []
    pieces = []
    for place, (name, kind, color) in enumerate(names):
        line, dot = glyph("done"), "•"
        sign = (dot if kind == "points" else line) if is_unicode() else mark_of(kind, place)
        pieces.append((f"{sign} {name}", color))
    return pieces
