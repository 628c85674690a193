from __future__ import annotations

import pytest

from trialdeck.tui.widgets.plot_series import Series
from trialdeck.tui.widgets.plot_view import Window

SERIES = [Series("a", list(range(101)), [100 - x for x in range(101)])]


def shown(window: Window) -> tuple[float, float]:
    view = window.view(SERIES)
    assert view is not None
    return view.x.low, view.x.high


def test_everything_is_shown_at_first():
    window = Window()
    assert shown(window) == (0, 100)
    assert not window.zoomed
    assert not window.reset()


def test_zooming_in_and_out_again():
    window = Window()
    assert window.zoom(SERIES, 0.5, None)
    assert shown(window) == pytest.approx((25, 75))
    assert window.zoom(SERIES, 0.5, 30)
    assert shown(window) == pytest.approx((17.5, 42.5))
    assert window.zoom(SERIES, 2, None)
    assert window.zoom(SERIES, 2, None)
    assert not window.zoomed
    assert not window.zoom(SERIES, 2, None)


def test_the_y_axis_follows_what_is_seen():
    window = Window()
    window.zoom(SERIES, 0.5, None)
    view = window.view(SERIES)
    assert view is not None
    assert (view.y.low, view.y.high) == pytest.approx((25, 75), abs=3)


def test_moving_stops_at_the_ends():
    window = Window()
    assert not window.pan(SERIES, 0.25)
    window.zoom(SERIES, 0.5, None)
    assert window.pan(SERIES, 0.25)
    assert shown(window) == pytest.approx((37.5, 87.5))
    window.pan(SERIES, 0.25)
    assert shown(window) == pytest.approx((50, 100))
    assert not window.pan(SERIES, 0.25)
    assert window.reset()
    assert shown(window) == (0, 100)


def test_what_is_not_seen_is_brought_into_sight():
    window = Window()
    window.zoom(SERIES, 0.1, None)
    window.reveal(SERIES, 50)
    assert shown(window) == pytest.approx((45, 55))
    window.reveal(SERIES, 80)
    assert shown(window) == pytest.approx((75, 85))


def test_an_axis_is_logarithmic_where_all_values_are_positive():
    window = Window()
    window.log_x = window.log_y = True
    view = window.view([Series("a", [1, 1000], [0.1, 10])])
    assert view is not None
    assert (view.x.log, view.y.log) == (True, True)
    assert view.notes == ["log x", "log y"]


def test_an_axis_with_other_values_says_why_it_is_linear():
    window = Window()
    window.log_x = window.log_y = True
    view = window.view([Series("a", [0, 1000], [0.1, -10])])
    assert view is not None
    assert (view.x.log, view.y.log) == (False, False)
    assert view.notes == [f"linear {axis}: not all values are positive" for axis in "xy"]


def test_without_points_there_is_nothing_to_see():
    window = Window()
    nothing = [Series("a", [1], [float("nan")])]
    assert window.view(nothing) is None
    assert window.view([]) is None
    assert not window.zoom(nothing, 0.5, None)
    assert not window.pan(nothing, 0.5)
