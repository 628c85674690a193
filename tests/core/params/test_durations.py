from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.core.params.durations import duration, duration_or_zero, format_duration
from trialdeck.core.params.mistakes import Mistake


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (90, 90.0),
        (0.5, 0.5),
        ("90s", 90.0),
        ("45m", 2700.0),
        ("2h", 7200.0),
        ("1d 2h", 93600.0),
        ("1d2h3m4s", 93784.0),
        (" 1.5h ", 5400.0),
        ("2 h", 7200.0),
    ],
)
def test_durations(value, seconds):
    assert duration(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "h",
        "2",
        "2 hours",
        "1h 1d",
        "1h 1h",
        "-2h",
        "1e3s",
        "2h!",
        "٣s",
        "1.s",
        "9" * 400 + "d",
    ],
)
def test_texts_that_are_no_durations(value):
    with pytest.raises(Mistake, match=r"is no duration|is not finite"):
        duration_or_zero(value)


@pytest.mark.parametrize("value", [True, None, [1], {}, float("nan"), float("inf"), -1, -0.5])
def test_values_that_are_no_durations(value):
    with pytest.raises(Mistake):
        duration_or_zero(value)


def test_zero_only_where_it_makes_sense():
    assert duration_or_zero(0) == duration_or_zero("0s") == 0.0
    with pytest.raises(Mistake, match="too short"):
        duration("0s")


def test_a_bare_number_in_quotes_is_told_how():
    with pytest.raises(Mistake) as caught:
        duration("90")
    assert caught.value.cure == 'Write 90 without quotes, or "90s" for seconds'


@given(st.integers(0, 10**9))
def test_what_is_formatted_reads_as_the_same(seconds):
    assert duration_or_zero(format_duration(seconds)) == seconds


@given(st.lists(st.sampled_from("dhms"), unique=True, min_size=1), st.data())
def test_a_sum_of_units(units, data):
    sizes = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    units = sorted(units, key="dhms".index)
    counts = [data.draw(st.integers(0, 1000)) for _ in units]
    space = data.draw(st.sampled_from(["", " ", "  "]))
    text = space.join(f"{count}{unit}" for count, unit in zip(counts, units, strict=True))
    expected = sum(count * sizes[unit] for count, unit in zip(counts, units, strict=True))
    assert duration_or_zero(text) == expected


@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_a_mistake(text):
    with suppress(Mistake):
        assert duration_or_zero(text) >= 0
