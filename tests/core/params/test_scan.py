from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.core.params import inside
from trialdeck.core.params.scan import entry_at, scan_pair, value_at
from trialdeck.core.params.toml_text import render

HARD = '''"a b" . 'c' = { x = [1, [2, "]"], # ]
  """}"\\"""", \'\'\'
  {\'\'\'\'\', 2024-01-01 10:00:00Z, ], y.z = -1e-4, "q,r" = 'a"#' }  # end
'''


def test_every_value_is_where_the_parser_sees_it() -> None:
    pair = scan_pair(HARD)
    assert pair.key == ("a b", "c")
    assert tomllib.loads(HARD)["a b"]["c"].keys() == {"x", "y", "q,r"}
    texts = [HARD[entry.start : entry.key_end] for entry in pair.value.entries]
    assert texts == ["x", "y.z", '"q,r"']
    listed = pair.value.entries[0].value.entries
    assert [HARD[entry.start : entry.end] for entry in listed][-1] == "2024-01-01 10:00:00Z"
    assert len(listed) == len(tomllib.loads(HARD)["a b"]["c"]["x"])
    assert HARD[pair.value.end :] == "  # end\n"


def test_the_way_to_a_value() -> None:
    pair = scan_pair(HARD)
    found = value_at(pair, ["x", 1, 0])
    assert found is not None
    assert HARD[found.start : found.end] == "2"
    assert value_at(pair, ["y", "z"]) is not None
    assert value_at(pair, []) == pair.value
    for steps in (["y"], ["x", 9], ["x", "z"], ["nothing"], ["x", 0, 0]):
        assert entry_at(pair, steps) is None


scalars = st.integers(-9, 9) | st.booleans() | st.text("a#\"'\\\n[]{},=", max_size=5)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("ab .#", max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.lists(trees, min_size=1, max_size=4), st.data())
def test_entries_are_removed_inserted_and_swapped(items: list[object], data: st.DataObject) -> None:
    text = f"x = {render(items)}  # end\n"
    holder = scan_pair(text).value
    number = data.draw(st.integers(0, len(items) - 1))
    other = data.draw(st.integers(0, len(items) - 1))
    place = data.draw(st.integers(0, len(items)))
    without = inside.removed(text, holder, number)
    assert tomllib.loads(without)["x"] == [*items[:number], *items[number + 1 :]]
    added = inside.inserted(text, holder, place, "[7]")
    assert tomllib.loads(added)["x"] == [*items[:place], [7], *items[place:]]
    if number != other:
        swapped = list(items)
        swapped[number], swapped[other] = items[other], items[number]
        assert tomllib.loads(inside.swapped(text, holder, number, other))["x"] == swapped
    for changed in (without, added):
        assert changed.endswith("]  # end\n")


LINES = """\
x = [
  # about 1
  1,  # one
  # about 2
  2,
  3 # three
]
"""


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda h: inside.removed(LINES, h, 1), LINES.replace("  # about 2\n  2,\n", "")),
        (lambda h: inside.removed(LINES, h, 2), LINES.replace("  3 # three\n", "")),
        (
            lambda h: inside.inserted(LINES, h, 1, "9"),
            LINES.replace("  # about 2", "  9,\n  # about 2"),
        ),
        (
            lambda h: inside.inserted(LINES, h, 3, "9"),
            LINES.replace("3 # three", "3, # three\n  9,"),
        ),
    ],
)
def test_lines_of_a_list_stay_lines(change, text: str) -> None:
    assert change(scan_pair(LINES).value) == text


@pytest.mark.parametrize(("text", "new"), [("x = [ ]", "x = [9]"), ("x = {}", "x = { 9 }")])
def test_the_first_entry(text: str, new: str) -> None:
    assert inside.inserted(text, scan_pair(text).value, 0, "9") == new
