from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.tui.widgets.raster import Raster, clipped, segment

FAR = st.floats(-1e9, 1e9)


def test_each_dot_of_a_cell_is_a_dot_in_braille():
    raster = Raster(1, 1, braille=True)
    raster.add([(0, 0), (1, 3)])
    assert raster.sign(0, 0, "*") == "⢁"
    raster.add((x, y) for x in range(2) for y in range(4))
    assert raster.sign(0, 0, "*") == "⣿"


def test_in_ascii_a_cell_has_its_mark():
    raster = Raster(2, 1, braille=False)
    raster.add([(1, 0)])
    assert [raster.sign(column, 0, "*") for column in range(2)] == ["", "*"]


def test_dots_outside_are_left_out():
    raster = Raster(2, 2, braille=True)
    raster.add([(-1, 0), (0, -1), (4, 0), (0, 8)])
    assert not any(raster.cells)


@pytest.mark.parametrize("braille", [True, False])
@given(st.lists(st.tuples(FAR, FAR), max_size=5))
def test_lines_may_go_anywhere(braille, points):
    raster = Raster(10, 5, braille=braille)
    raster.line(points)
    assert len(raster.cells) == 50


@given(*[st.integers(0, 60)] * 4)
def test_a_line_has_no_holes(x1, y1, x2, y2):
    places = sorted(segment(x1, y1, x2, y2))
    assert {(x1, y1), (x2, y2)} <= set(places)
    assert len(set(places)) == max(abs(x2 - x1), abs(y2 - y1)) + 1


def test_a_line_across_is_cut_at_the_edges():
    assert clipped(-10, 5, 30, 5, 20, 10) == (0, 5, 20, 5)
    assert clipped(-10, 20, 30, 20, 20, 10) is None
    assert clipped(-10, -10, 30, 30, 20, 10) == pytest.approx((0, 0, 10, 10))
