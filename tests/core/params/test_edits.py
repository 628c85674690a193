"""Whatever is edited, in whatever order: the rest of the text stays, and undo restores exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.params.documents import TEXT, document
from trialdeck.core.distributions import DISTRIBUTIONS
from trialdeck.core.errors import EditError
from trialdeck.core.params.blocks import block_of, join, split
from trialdeck.core.params.edits import set_value
from trialdeck.core.params.starter import demo, starter
from trialdeck.core.params.toml_text import split_key

if TYPE_CHECKING:
    from trialdeck.core.params.document import Document

TYPES = sorted(DISTRIBUTIONS)


def blocks(text: str) -> dict[str, str]:
    """The text of every dimension of [space], and that of each other table."""
    text = text.replace("\r\n", "\n")
    statements = split(text)
    paths = {one.path[:2] for one in statements if one.path[:1] == ("space",)}
    paths = {path for path in paths if len(path) == 2}
    paths |= {one.path[:1] for one in statements if one.path and one.path[0] != "space"}
    found = {}
    for path in paths:
        block = block_of(statements, path)
        assert block is not None, (path, text)
        found[path[-1]] = join([statements[number] for number in block])
    return found


CHANGES = {
    "low": lambda made, key, draw: made.set_value(f"{key}.low", draw([0, 0.5, None, "a", [1]])),
    "add": lambda made, key, draw: made.add(draw(TYPES)),
    "after": lambda made, key, draw: made.add("uniform", after=key),
    "duplicate": lambda made, key, draw: made.duplicate(key),
    "rename": lambda made, key, draw: made.rename(key, draw(["a", "b.c", "d e", ""])),
    "delete": lambda made, key, draw: made.delete(key),
    "up": lambda made, key, draw: made.move(key, -1),
    "down": lambda made, key, draw: made.move(key, 1),
    "type": lambda made, key, draw: made.change_type(key, draw(TYPES)),
    "option": lambda made, key, draw: made.add_option(key, draw(["a", "new", 3])),
    "other": lambda made, key, draw: made.rename_option(key, draw([0, 1, 2]), draw(["a", "new"])),
    "drop": lambda made, key, draw: made.delete_option(key, draw([0, 1, 2])),
    "under": lambda made, key, draw: made.add("uniform", under=(key, draw([0, 1, 2]))),
}


def edit(made: Document, data: st.DataObject) -> set[str]:
    """Make one random change; return the dimensions that it may touch."""
    row = data.draw(st.sampled_from(made.rows), label="row")
    name = data.draw(st.sampled_from(sorted(CHANGES)), label="change")
    top = [each.name for each in made.rows if each.depth == 0]
    own = split_key(row.key)[1]
    place = top.index(own) + {"up": -1, "down": 1}.get(name, 0)
    CHANGES[name](made, row.key, lambda values: data.draw(st.sampled_from(values)))
    return {own, *top[max(place, 0) : place + 1]}


@given(st.data(), st.sampled_from([TEXT, starter(), demo(), TEXT.replace("\n", "\r\n")]))
@settings(max_examples=60, deadline=None)
def test_random_edits_touch_nothing_else_and_are_undone_exactly(
    data: st.DataObject, text: str
) -> None:
    made = document(text)
    texts = [text]
    for _ in range(data.draw(st.integers(1, 6))):
        if not made.rows:
            break
        before = blocks(made.text)
        try:
            touched = edit(made, data)
        except EditError:
            assert made.text == texts[-1]
            continue
        assert made.is_toml, made.text
        after = blocks(made.text)
        for name, block in before.items():
            if name not in touched:
                assert after[name].rstrip("\n") == block.rstrip("\n")
        if made.text != texts[-1]:
            texts.append(made.text)
    last = made.text
    for expected in reversed(texts[:-1]):
        made.undo()
        assert made.text == expected
    assert not made.can_undo
    for _ in texts[1:]:
        made.redo()
    assert made.text == last


@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        ("space.rate.low", 1e-5, "low = 1e-4", "low = 1e-5"),
        ("space.rate.default", 0.01, "high = 1e-1 }", "high = 1e-1, default = 0.01 }"),
        ("space.nodes.q", None, ", q = 8 }", " }"),
        ("space.depth.low", 2, "low = 1  # at least", "low = 2  # at least"),
        ("space.depth.low", None, "low = 1  # at least\n", ""),
        ("space.optimizer.options.2", "bfgs", '"lbfgs"', '"bfgs"'),
        ("space.optimizer.options.adam.eps", 1, "eps = 1e-8", "eps = 1"),
        ("space.optimizer.options.adam.eps", None, "eps = 1e-8, ", ""),
        ("space.optimizer.options.sgd.momentum.low", 0.1, "low = 0.0", "low = 0.1"),
        ("space.optimizer.options.sgd.nesterov.options.0", 1, "[true, false]", "[1, false]"),
        ("space.optimizer.options.sgd.k", [1], "false] } }", "false] }, k = [1] }"),
        ("search.name", "y", 'name = "x"', 'name = "y"'),
    ],
)
def test_one_value_changes_and_nothing_else(key: str, value: Any, old: str, new: str) -> None:
    assert TEXT.count(old) == 1
    assert set_value(TEXT, key, value) == TEXT.replace(old, new)
