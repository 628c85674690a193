from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.core.reading import Reading, did_you_mean, is_number, key_of, shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (0.001, "0.001"),
        (0.0001, "1e-4"),
        (0.00012, "1.2e-4"),
        (1e-12, "1e-12"),
        (1e22, "1e22"),
        (-2.5e-05, "-2.5e-5"),
        (256.0, "256.0"),
        (-0.0, "-0.0"),
        (True, "true"),
        ('a"b', '"a\\"b"'),
        ([1, [False, "x"]], '[1, [false, "x"]]'),
        ({"a": 1, "b": [2.0]}, "{ a = 1, b = [2.0] }"),
        (10**400, "a number of 401 digits"),
    ],
)
def test_values_are_shown_as_they_would_be_written(value: Any, text: str) -> None:
    assert shown(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60))
def test_shown_numbers_are_read_as_the_same(number: float) -> None:
    read = tomllib.loads(f"x = {shown(number)}")["x"]
    assert read == number
    assert type(read) is type(number)


def test_long_values_are_cut() -> None:
    assert shown("x" * 999) == '"' + "x" * 198 + "…"


def test_keys_are_quoted_where_they_must_be() -> None:
    assert key_of("space", "learning_rate-2") == "space.learning_rate-2"
    assert key_of("space", "a b") == 'space."a b"'
    assert key_of("space", "größe") == 'space."größe"'


def test_a_misspelt_word_gets_the_nearest_or_all_known_ones() -> None:
    assert did_you_mean("lwo", ["low", "high"]) == "Did you mean low?"
    assert did_you_mean("mu", ["low", "high"]) == "Known are: low, high"


@pytest.mark.parametrize("value", [True, False, "1", None, float("nan"), float("inf"), [1]])
def test_what_is_no_number(value: Any) -> None:
    assert not is_number(value)
    problems: list[Any] = []
    assert Reading({"n": value}, "here", "x", problems).number("n") is None
    assert len(problems) == 1
    assert problems[0].key == "here.n"


def test_numbers_are_returned_as_written() -> None:
    problems: list[Any] = []
    reading = Reading({"a": 1, "b": 1.0, "c": 3.0}, "here", "x", problems)
    assert repr(reading.number("a")) == "1"
    assert repr(reading.number("b")) == "1.0"
    assert repr(reading.number("c", whole=True)) == "3"
    assert reading.number("d", default=5) == 5
    assert problems == []
