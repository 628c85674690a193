from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.tui.widgets.plot_cloud import Cloud
from trialdeck.tui.widgets.plot_scale import Scale
from trialdeck.tui.widgets.plot_series import Bounds, Frame, Series

FRAME = Frame(Scale(0, 10), Scale(0, 10), 20, 8, braille=True)
COORDINATES = st.lists(st.tuples(st.floats(0.5, 20), st.floats(0.5, 20)), max_size=30)


def filled(points: list[tuple[float, float]]) -> Cloud:
    cloud = Cloud("trials")
    cloud.add([x for x, _ in points], [y for _, y in points])
    return cloud


@pytest.mark.parametrize("log", [False, True])
@given(COORDINATES)
def test_a_cloud_looks_like_points(log, points):
    frame = FRAME._replace(x=Scale(0.5, 10, log=log), y=Scale(0.5, 10, log=log))
    series = Series("a", [x for x, _ in points], [y for _, y in points], "points")
    # Points just between two dots may be rounded to either.
    apart = [
        one for one, other in zip(filled(points).raster(frame).cells, series.raster(frame).cells,
                                  strict=True) if bool(one) != bool(other)
    ]  # fmt: skip
    assert len(apart) <= 1


@given(COORDINATES, COORDINATES)
def test_points_added_later_are_drawn_as_if_they_had_been_there(first, second):
    cloud = filled(first)
    cloud.raster(FRAME)
    cloud.add([x for x, _ in second], [y for _, y in second])
    assert cloud.raster(FRAME).cells == filled(first + second).raster(FRAME).cells
    assert cloud.bounds() == filled(first + second).bounds()


def test_only_new_points_are_drawn_while_the_scales_stay():
    cloud = filled([(1, 1), (2, 2)])
    raster = cloud.raster(FRAME)
    version = cloud.version
    cloud.add([3], [3])
    assert cloud.raster(FRAME) is raster
    assert cloud.version != version
    assert cloud.raster(FRAME._replace(x=Scale(0, 20))) is not raster


def test_what_is_no_number_is_left_out():
    cloud = filled([(1, math.nan), (math.inf, 1), (2, 3)])
    assert len(cloud) == 1
    assert cloud.bounds() == Bounds(2, 2, 3, 3)


def test_bounds_of_a_part():
    cloud = filled([(5, 1), (1, 9), (3, 4)])
    assert cloud.bounds(2, 6) == Bounds(3, 5, 1, 4)
    cloud.add([4], [7])
    assert cloud.bounds(2, 6) == Bounds(3, 5, 1, 7)
    assert cloud.points() == [(1, 9), (3, 4), (4, 7), (5, 1)]


def test_an_emptied_cloud_has_nothing():
    cloud = filled([(1, 1)])
    cloud.clear()
    assert cloud.bounds() is None
    assert not any(cloud.raster(FRAME).cells)
