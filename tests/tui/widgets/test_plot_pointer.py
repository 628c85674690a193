from __future__ import annotations

import math

from trialdeck.tui.widgets.plot_cloud import Cloud
from trialdeck.tui.widgets.plot_pointer import Pointer
from trialdeck.tui.widgets.plot_series import Series

SERIES = Series("a", [0, 1, 2, 5], [4.0, math.nan, 2.0, 1.0])


def pointer_of(series: Series | Cloud | None = SERIES) -> Pointer:
    pointer = Pointer()
    pointer.take(series)
    return pointer


def test_it_goes_along_the_values_and_leaves_gaps_out():
    pointer = pointer_of()
    assert pointer.at is None
    assert pointer.move(1)
    assert pointer.at == (5, 1)
    assert not pointer.move(1)
    assert pointer.move(-1)
    assert pointer.move(-1)
    assert pointer.at == (0, 4)
    assert not pointer.move(-10)
    assert pointer.to_last()
    assert pointer.to_first()
    assert pointer.at == (0, 4)


def test_it_goes_to_the_nearest_value_or_away():
    pointer = pointer_of()
    pointer.to(3.4)
    assert pointer.at == (2, 2)
    pointer.to(99)
    assert pointer.at == (5, 1)
    assert pointer.to(None)
    assert pointer.at is None


def test_it_stays_at_its_x_while_values_come():
    pointer = pointer_of()
    pointer.to(2)
    pointer.take(SERIES._replace(xs=[*SERIES.xs, 6], ys=[*SERIES.ys, 0.5]))
    assert pointer.at == (2, 2)


def test_it_goes_along_a_cloud_by_x():
    cloud = Cloud("trials")
    cloud.add([3, 1, 2], [30, 10, 20])
    pointer = pointer_of(cloud)
    pointer.to_first()
    pointer.move(1)
    assert pointer.at == (2, 20)


def test_without_values_it_points_at_nothing():
    for pointer in (pointer_of(None), pointer_of(Series("a", [1], [math.nan]))):
        assert not pointer.move(1)
        assert not pointer.to_first()
        assert pointer.at is None
