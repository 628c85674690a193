import math
import time

import pytest

from trialdeck.tui import format as f


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0, "0"),
        (3, "3"),
        (1234567, "1234567"),
        (0.021345, "0.02134"),
        (12345.6, "12346"),
        (1.5e-7, "1.5e-7"),
        (1e-4, "0.0001"),
        (3e10, "3e10"),
        (-2.5, "-2.5"),
        (math.inf, "inf"),
        (math.nan, "nan"),
    ],
)
def test_numbers_have_sensible_digits(value, text):
    assert f.number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (4.24, "4.2 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 m"),
        (200, "3 m 20 s"),
        (3599.6, "1 h"),
        (7500, "2 h 5 m"),
        (86399, "1 d"),
        (190_000, "2 d 4 h"),
        (math.nan, "—"),
    ],
)
def test_durations_are_in_their_two_largest_units(seconds, text, monkeypatch):
    monkeypatch.setattr(f, "glyph", lambda _name: "—")
    assert f.duration(seconds) == text


def test_times_are_local_and_without_the_date_when_it_is_todays():
    now = time.time()
    assert f.clock(now) == time.strftime("%H:%M:%S", time.localtime(now))
    assert f.clock(1e9) == time.strftime("%Y-%m-%d %H:%M", time.localtime(1e9))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        ("relu", "relu"),
        ("two\nlines\x1b[31m", "two lines?[31m"),
        ([1, 0.5, "a"], "[1, 0.5, a]"),
        ({"a": 1}, '{"a": 1}'),
    ],
)
def test_values_are_shown_on_one_line_without_control_characters(value, text):
    assert f.shown(value) == text


def test_a_column_has_its_decimal_points_below_each_other():
    assert f.column([0.9312, 0.93, None]) == ["0.93120", "0.93000", f.metric(None)]
    assert f.column([123.456, 2.5]) == ["123.46", "2.50"]
    assert f.column([1, 20]) == ["1", "20"]
    assert f.column([1e-9, 2.0e-8]) == ["1e-9", "2e-8"]


@pytest.mark.parametrize(
    ("text", "width"),
    [("abcdef", 4), ("日本語です", 5), ("e\u0301" * 5, 3), ("abc", 3), ("abc", 1)],
)
def test_a_text_is_cut_to_its_width(text, width):
    assert f.width_of(f.cut(text, width)) <= width
    assert f.cut(text, 100) == text


@pytest.mark.parametrize(("count", "text"), [(340, "340 B"), (1234, "1.2 kB"), (5.4e9, "5.4 GB")])
def test_sizes_have_a_unit(count, text):
    assert f.size(count) == text


def test_json_has_numbers_that_are_not_finite_as_null():
    assert (
        f.jsonable({"a": [1, 2.5, math.nan]}) == '{\n  "a": [\n    1,\n    2.5,\n    null\n  ]\n}'
    )
