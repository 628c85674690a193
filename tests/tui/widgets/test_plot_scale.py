from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.tui.widgets.plot_scale import (
    Scale,
    linear_ticks,
    log_ticks,
    nice_step,
    scale_around,
)

VALUES = st.floats(-1e12, 1e12)


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 10, 6, [0, 2, 4, 6, 8, 10]),
        (0, 1, 3, [0, 0.5, 1]),
        (0.3, 0.7, 5, [0.3, 0.4, 0.5, 0.6, 0.7]),
        (-3, 3, 4, [-2, 0, 2]),
        (0.018, 0.5, 2, [0.2, 0.4]),
        (5, 5, 4, []),
        (0, 1, 0, []),
    ],
)
def test_linear_ticks_are_at_steps_of_1_2_or_5(low, high, most, expected):
    assert linear_ticks(low, high, most) == expected


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0.1, 10, 7, [0.1, 0.2, 0.5, 1, 2, 5, 10]),
        (0.1, 10, 6, [0.1, 1, 10]),
        (1e-6, 1, 4, [1e-6, 1e-4, 1e-2, 1]),
        (0.02, 0.3, 2, [0.02, 0.1]),
    ],
)
def test_log_ticks_are_thinned_until_they_fit(low, high, most, expected):
    assert log_ticks(low, high, most) == pytest.approx(expected)


def test_a_log_axis_too_short_for_two_such_ticks_has_linear_ones():
    assert Scale(0.21, 0.29, log=True).ticks(4) == pytest.approx([0.22, 0.24, 0.26, 0.28])


@given(VALUES, VALUES, st.integers(1, 20))
def test_linear_ticks_lie_within_the_axis_and_are_not_too_many(low, high, most):
    ticks = linear_ticks(low, high, most) if high - low > 1e-6 else []
    slack = (high - low) * 1e-6
    assert len(ticks) <= most
    assert all(low - slack <= tick <= high + slack for tick in ticks)


@pytest.mark.parametrize(
    ("least", "step"), [(0.9, 1), (1, 1), (1.1, 2), (3, 5), (6, 10), (70, 100)]
)
def test_a_nice_step_is_not_smaller_than_asked_for(least, step):
    assert nice_step(least) == pytest.approx(step)


@given(VALUES, VALUES, st.booleans())
def test_an_axis_has_room_for_its_values(one, other, log):
    low, high = sorted([one, other])
    if log:
        low, high = sorted([abs(one) + 1e-9, abs(other) + 1e-9])
    scale = scale_around(low, high, log=log)
    assert scale.high > scale.low
    assert -1e-6 <= scale.place(low) <= scale.place(high) <= 1 + 1e-6


def test_an_axis_stays_as_it_is_while_values_come_in():
    assert scale_around(0, 951, log=False) == scale_around(0, 999, log=False)
    assert scale_around(1, 951, log=False, exact_low=True).low == 1


@pytest.mark.parametrize("log", [False, True])
def test_places_and_values_are_each_others_inverse(log):
    scale = Scale(0.5, 200, log=log)
    assert scale.value(scale.place(30)) == pytest.approx(30)
    assert (scale.place(0.5), scale.place(200)) == pytest.approx((0, 1))


def test_the_middle_of_a_log_axis_is_the_geometric_mean():
    assert Scale(1, 100, log=True).value(0.5) == pytest.approx(10)
    part = Scale(1, 100, log=True).part(0.25, 0.75)
    assert (part.low, part.high) == pytest.approx((math.sqrt(10), 10 * math.sqrt(10)))
