from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.views.spaces import PARAMS
from trialdeck.core.distributions import DISTRIBUTIONS
from trialdeck.core.params.document import Document
from trialdeck.tui.screens.choose_type import TYPES
from trialdeck.tui.views.space_editor import SpaceEditor, field_of, fields_of

WEIGHED = PARAMS.replace(
    'activation    = { type = "choice", options = ["relu", "gelu"] }',
    'activation    = { type = "pchoice", options = ["relu", "gelu"], probabilities = [0.7, 0.3] }',
)


def editing(text: str = PARAMS, key: str = "space.layers") -> SpaceEditor:
    editor = SpaceEditor(Document(text, Path("params.toml")))
    editor.choose(key)
    return editor


def table(editor: SpaceEditor):
    return editor.row.table


def test_every_distribution_can_be_chosen_and_says_what_it_draws():
    assert set(TYPES) == set(DISTRIBUTIONS)
    assert all(len(about) <= 55 for about in TYPES.values())


def test_every_distribution_can_be_added_and_has_no_mistake():
    for kind in TYPES:
        editor = editing()
        assert editor.add(kind) == ""
        assert editor.row.type == kind
        assert editor.document.problems == ()
        assert [row.name for row in editor.document.rows][1] == editor.row.name


def test_all_that_is_typed_into_one_field_is_one_change():
    editor = editing()
    for text in ("1", "12", "1", ""):
        assert editor.type("high", text) == ""
    assert "high" not in table(editor)
    editor.end_typing()
    editor.type("low", "3")
    editor.undo()
    assert table(editor)["low"] == 1
    editor.undo()
    assert editor.document.text == PARAMS
    assert not editor.document.can_undo


def test_typing_what_was_there_leaves_nothing_to_undo():
    editor = editing()
    editor.type("high", "56")
    editor.type("high", "5")
    assert not editor.document.can_undo
    assert editor.document.text == PARAMS


@given(st.lists(st.text("abc_ .é0", max_size=6), max_size=6))
def test_a_name_can_be_typed_in_any_way_and_taken_back(texts):
    editor = editing()
    for text in texts:
        editor.type("name", text)
        assert editor.row is not None
    editor.end_typing()
    while editor.document.can_undo:
        editor.undo()
    assert editor.document.text == PARAMS


def test_a_name_that_is_taken_is_told_and_not_written():
    editor = editing()
    assert "learning_rate" in editor.type("name", "learning_rate")
    assert editor.document.text == PARAMS
    assert editor.type("name", "learning_rates") == ""
    assert editor.row.name == "learning_rates"


def test_options_are_typed_added_moved_and_deleted():
    editor = editing(key="space.activation")
    editor.type("option", "silu")
    assert table(editor)["options"] == ["silu", "gelu"]
    assert editor.add_option() == ""
    assert editor.option == 2
    editor.type("option", "128")
    assert table(editor)["options"] == ["silu", "gelu", 128]
    editor.move_option(-1)
    assert table(editor)["options"] == ["silu", 128, "gelu"]
    assert editor.option == 1
    editor.move_option(5)
    editor.delete_option()
    assert table(editor)["options"] == ["silu", "gelu"]
    assert "already" in editor.type("option", "silu")


def test_an_option_keeps_its_probability_where_it_goes():
    editor = editing(WEIGHED, "space.activation")
    editor.move_option(1)
    assert table(editor)["options"] == ["gelu", "relu"]
    assert table(editor)["probabilities"] == [0.3, 0.7]
    editor.type("probability", "0.9")
    assert table(editor)["probabilities"] == [0.3, 0.9]
    (problem,) = editor.document.problems
    assert field_of(problem, editor.row) == "probabilities"
    editor.apply(editor.fixes("probability")[0])
    assert editor.document.problems == ()


def test_an_option_that_carries_dimensions_keeps_them_under_its_new_name():
    editor = editing(key="space.optimizer")
    editor.type("option", "adamw")
    assert [row.key for row in editor.document.rows if row.depth] == [
        "space.optimizer.options.adamw.beta2",
        "space.optimizer.options.sgd.momentum",
    ]
    editor.option = 1
    assert editor.add_inside("uniform") == ""
    assert editor.row.option == "sgd"


def test_a_plain_option_can_be_given_dimensions():
    editor = editing(key="space.activation")
    editor.option = 1
    assert editor.add_inside("uniform") == ""
    assert editor.row.option == "gelu"
    assert editor.document.problems == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"low": 9}, "high"),
        ({"low": "x"}, "low"),
        ({"default": 99}, "default"),
        ({"type": "unifrom"}, "type"),
        ({"low": 5}, "high"),
    ],
)
def test_a_mistake_is_shown_at_the_value_that_it_is_about(change, field):
    editor = editing()
    for name, value in change.items():
        editor.document.set_value(f"space.layers.{name}", value)
    assert [field_of(problem, editor.row) for problem in editor.row.problems] == [field]
    assert field in fields_of(editor.row)


def test_mistakes_are_gone_through_in_turn_those_of_other_tables_too():
    text = (
        PARAMS.replace("low = 1,", "low = 7,")
        .replace("low = 0.9", "low = 2")
        .replace("metric", "m")
    )
    editor = editing(text, "space.activation")
    found = []
    for _ in range(4):
        place = editor.next_mistake()
        found.append((place.key.rpartition(".")[2], place.line))
        editor.key = place.key
    assert sorted(found[:3], key=str) == [("", 4), ("beta2", None), ("layers", None)]
    assert found[3] == found[0]


def test_the_line_of_a_mistake_is_that_of_its_table_where_a_key_is_missing():
    editor = editing(PARAMS.replace("low = 1, ", ""))
    (problem,) = editor.document.problems
    assert editor.line_of(problem) == 12


def test_after_a_deletion_the_next_dimension_is_chosen_and_at_the_end_the_one_before():
    editor = editing(key="space.optimizer.options.sgd.momentum")
    editor.delete()
    assert editor.row.name == "beta2"
    while editor.row is not None:
        editor.delete()
    assert editor.key == ""
