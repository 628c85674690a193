from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from trialdeck.tui.widgets.plot_scale import Scale
from trialdeck.tui.widgets.plot_series import Bounds, Frame, Series, steps, thinned

FRAME = Frame(Scale(0, 9), Scale(0, 3), 10, 4, braille=False)


def picture(series: Series, frame: Frame = FRAME) -> list[str]:
    raster = series.raster(frame)
    return [
        "".join(raster.sign(x, y, "*") or " " for x in range(frame.columns)).rstrip()
        for y in range(frame.rows)
    ]


def test_a_line_goes_from_value_to_value():
    assert picture(Series("a", [0, 9], [0, 3])) == [
        "        **", "     ***", "  ***", "**"]  # fmt: skip


def test_a_step_keeps_its_value_until_the_next_one():
    assert picture(Series("a", [0, 4, 9], [3, 1, 1], "step")) == [
        "*****", "    *", "    ******", ""]  # fmt: skip


def test_points_stand_alone_in_any_order():
    assert picture(Series("a", [9, 0, 4], [0, 3, 1], "points")) == [
        "*", "", "    *", "         *"]  # fmt: skip


def test_what_is_no_number_is_a_gap():
    assert picture(Series("a", [0, 3, 4, 6, 9], [1, 1, math.nan, 1, 1]))[2] == "****  ****"


def test_lines_go_on_to_the_edges_of_a_part():
    part = FRAME._replace(x=Scale(4, 5))
    assert picture(Series("a", [0, 9], [1, 1]), part)[2] == "*" * 10


def test_the_bounds_of_a_part_are_those_of_its_values():
    series = Series("a", [0, 1, 2, 3], [5, 1, 2, math.inf])
    assert series.bounds() == Bounds(0, 2, 1, 5)
    assert series.bounds(1, 3) == Bounds(1, 2, 1, 2)
    assert series.bounds(7, 8) is None


def test_a_step_that_began_before_counts_for_a_part():
    assert Series("a", [0, 5], [9, 1], "step").bounds(2, 6) == Bounds(0, 5, 1, 9)


def test_corners_of_steps():
    assert steps([(0, 1), (2, 5)]) == [(0, 1), (2, 1), (2, 5)]
    assert steps([]) == []


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 50)), min_size=1))
def test_thinned_lines_keep_the_ends_and_the_extremes(points):
    points.sort()
    kept = thinned(points, 0)
    assert len(kept) <= 4 * 6
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    for extreme in (min, max):
        assert extreme(y for _, y in kept) == extreme(y for _, y in points)
