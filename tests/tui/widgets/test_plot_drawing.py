from __future__ import annotations

import pytest

from trialdeck.tui import glyphs
from trialdeck.tui.format import width_of
from trialdeck.tui.widgets.plot_drawing import (
    Layer,
    Line,
    chart_lines,
    legend_of,
    parts_of,
    tick_labels,
    title_line,
    x_lines,
    y_ticks,
)
from trialdeck.tui.widgets.plot_scale import Scale
from trialdeck.tui.widgets.plot_series import Frame

FRAME = Frame(Scale(0, 9), Scale(0, 2), 10, 3, braille=False)


@pytest.fixture(autouse=True)
def _ascii(monkeypatch):
    monkeypatch.setattr(glyphs, "_settled", [False])


def text(line: Line) -> str:
    return "".join(piece for piece, _ in line).rstrip()


def layer(color: str, mark: str, *places: tuple[int, int]) -> Layer:
    raster = FRAME.raster()
    raster.add(places)
    return Layer(raster, color, mark)


@pytest.mark.parametrize(
    ("ticks", "labels"),
    [
        ([0, 0.5, 1], ["0.0", "0.5", "1.0"]),
        ([0.02, 0.04], ["0.02", "0.04"]),
        ([0, 20000], ["0", "20000"]),
        ([0.001, 0.01, 0.1], ["0.001", "0.01", "0.1"]),
        ([1e-7, 2e-7], ["1e-7", "2e-7"]),
        ([], []),
    ],
)
def test_labels_have_the_decimals_that_their_distances_need(ticks, labels):
    assert tick_labels(ticks) == labels


@pytest.mark.parametrize("height", range(5, 60))
def test_the_lines_of_a_plot_fill_its_height(height):
    parts = parts_of(height)
    assert parts.rows >= 3
    assert 1 + parts.rows + parts.axis + 1 + parts.below == height


@pytest.mark.parametrize("rows", range(3, 40))
def test_labels_of_the_y_axis_leave_lines_between_them(rows):
    by_row, wide = y_ticks(Scale(0.013, 7.2), rows)
    assert len(by_row) >= (rows > 3)
    assert wide == max(map(len, by_row.values()), default=0)
    assert set(by_row) <= set(range(rows))


def test_the_chart_stands_behind_its_labels():
    lines = chart_lines([layer("success", "*", (0, 0), (9, 2))], FRAME, {0: "2", 2: "10"}, 2, None)
    assert [text(line) for line in lines] == [" 2 +*", "   |", "10 +         *"]
    assert ("*", "success") in lines[0]


def test_a_later_layer_owns_its_cells():
    lines = chart_lines(
        [layer("muted", ".", (1, 1), (2, 1)), layer("primary", "*", (2, 1))], FRAME, {}, 0, None
    )
    assert lines[1][2:5] == [(" ", ""), (".", "muted"), ("*", "primary")]


def test_the_crosshair_goes_behind_the_values():
    lines = chart_lines([layer("primary", "*", (4, 0), (6, 1))], FRAME, {}, 0, (4, 1))
    assert [text(line) for line in lines] == [" |    *", " |----@-*---", " |    :"]


def test_labels_of_the_x_axis_stand_below_their_ticks():
    axis, labels = x_lines(Scale(0, 40), 41, 2, axis=True)
    assert text(axis) == "   +" + "+---------" * 4 + "+"
    assert text(labels) == "    0" + "         10        20        30        40"[1:]
    assert len(x_lines(Scale(0, 40), 41, 2, axis=False)) == 1


def test_a_title_says_what_there_is_room_for():
    legend = legend_of([("best", "step", "success"), ("trials", "points", "muted")])
    assert legend == [("* best", "success"), (". trials", "muted")]
    line = title_line("loss", ["log y"], legend, 40)
    assert text(line) == "loss | log y            * best  . trials"
    for width in range(1, 60):
        assert width_of("".join(t for t, _ in title_line("loss", ["log"], legend, width))) == width


def test_a_single_series_needs_no_legend():
    assert legend_of([("best", "step", "success")]) == []
