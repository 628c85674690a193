import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.tui.views.space_values import text_of, value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-4", 1e-4),
        ("0.1", 0.1),
        (".5", 0.5),
        ("1.", 1.0),
        ("3", 3),
        ("+7", 7),
        ("1E2", 100.0),
        ("relu", "relu"),
        ('"128"', "128"),
        ("128", 128),
        ("true", True),
        ("[1, 2]", [1, 2]),
        ("a, b", "a, b"),
        ("1, 2", "1, 2"),
        ("07", 7),
        ("1e", "1e"),
        ('say "hi"', 'say "hi"'),
        ("a # b", "a # b"),
        ("  ", None),
    ],
)
def test_what_is_typed_becomes_a_value(text, value):
    found = value_of(text)
    assert found == value
    assert type(found) is type(value)


PLAIN = (
    st.text(st.characters(exclude_categories=["Cs"])) | st.integers(-(2**62), 2**62) | st.booleans()
)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(PLAIN | NUMBERS | st.lists(PLAIN | NUMBERS, max_size=3))
def test_a_value_is_shown_as_it_can_be_typed(value):
    again = value_of(text_of(value))
    assert again == value or (value == "" and again == "")
    assert type(again) is type(value)


def test_infinity_and_words_like_it():
    assert value_of("inf") == math.inf
    assert text_of("inf") == '"inf"'
    assert text_of("true") == '"true"'
    assert text_of(1e-4) == "1e-4"
