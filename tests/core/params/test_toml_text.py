import datetime
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.core.params.toml_text import dotted, render, render_pair, split_key

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)


@given(st.lists(texts, min_size=1, max_size=4))
def test_keys_come_back(parts):
    assert split_key(dotted(parts)) == tuple(parts)


@given(values)
def test_values_come_back(value):
    (back,) = tomllib.loads(f"x = {render(value)}").values()
    assert (repr(back), type(back)) == (repr(value), type(value))


@pytest.mark.parametrize(
    "key", ["", "a..b", "a b", "a = 1", 'x = "', "a.", '"', "[x]", "a\nb", "#"]
)
def test_what_is_no_key(key):
    with pytest.raises(ValueError, match="is no key"):
        split_key(key)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-6, "1e-6"),
        (1e16, "1e16"),
        (0.1, "0.1"),
        (100.0, "100.0"),
        (True, "true"),
        (float("nan"), "nan"),
        (datetime.date(2024, 1, 2), "2024-01-02"),
        ({"a": {"b c": []}, "d": {}}, '{ a = { "b c" = [] }, d = {} }'),
    ],
)
def test_spelling(value, text):
    assert render(value) == text


def test_options_stand_in_lines_of_their_own():
    text = render_pair("options", [{"name": "adam"}, {"name": "sgd"}])
    assert text == 'options = [\n  { name = "adam" },\n  { name = "sgd" },\n]\n'


def test_what_toml_has_no_word_for():
    with pytest.raises(TypeError, match="None"):
        render([None])
