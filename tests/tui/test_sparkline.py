from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trialdeck.tui import glyphs
from trialdeck.tui.sparkline import ASCII_BARS, BARS, sparkline


@pytest.fixture(autouse=True)
def _unicode(monkeypatch):
    monkeypatch.setattr(glyphs, "_settled", [True])


def test_higher_values_have_higher_bars():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 20) == BARS


def test_more_values_than_there_is_room_for_are_averaged():
    assert sparkline([0, 0, 0, 7, 7, 7], 2) == "▁█"


def test_what_is_no_number_leaves_a_gap():
    assert sparkline([0, math.nan, 7, math.inf], 4) == "▁ █ "


def test_equal_values_are_a_line():
    assert len(set(sparkline([3.5] * 5, 9))) == 1


@pytest.mark.parametrize(("values", "width"), [([], 5), ([1, 2], 0), ([1, 2], -1)])
def test_where_there_is_nothing_or_no_room_it_is_empty(values, width):
    assert sparkline(values, width) == ""


def test_without_unicode_it_is_ascii(monkeypatch):
    monkeypatch.setattr(glyphs, "_settled", [False])
    assert sparkline([0, 1, 2, 3, 4, 5, 6], 9) == ASCII_BARS


@given(st.lists(st.floats(), max_size=50), st.integers(0, 20))
@example([6.75e303, -1.798e308 / 1.001], 2)
@example([1.7976931348623157e308, -1.7976931348623157e308, 0.0], 3)
@example([1.7976931348623157e308] * 49, 3)
@example([5e-324, 0.0], 2)
def test_it_takes_any_values(values, width):
    line = sparkline(values, width)
    assert len(line) == min(len(values), width)
    assert set(line) <= {*BARS, " "}
