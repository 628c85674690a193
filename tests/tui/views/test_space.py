import pytest

from tests.tui.views.spaces import PARAMS, a_space
from trialdeck.tui import glyphs
from trialdeck.tui.widgets.dimension_form import DimensionForm
from trialdeck.tui.widgets.dimension_list import DimensionList
from trialdeck.tui.widgets.option_rows import OptionRows

NAMES = ["layers", "learning_rate", "activation", "optimizer", "beta2", "momentum"]


@pytest.fixture
def here(tmp_path):
    return tmp_path


def row(space, name):
    return next(row for row in space.document.rows if row.name == name)


async def test_the_dimensions_are_listed_with_nested_ones_under_their_option(here):
    async with a_space(here) as space:
        lines = [line[:42].rstrip() for line in space.screen.splitlines()]
        assert "   layers         uniformint  1 … 5" in lines
        below = lines.index("     adam:")
        assert lines[below + 1] == "       beta2      uniform     0.9 … 0.999"
        assert space.app.focused is space.view.query_one(DimensionList)


async def test_a_terminal_without_utf_8_is_sent_none(here, monkeypatch):
    monkeypatch.setattr(glyphs, "_settled", [False])
    async with a_space(here) as space:
        assert "uniformint  1 ~ 5" in space.screen
        assert space.screen.isascii()


async def test_the_cursor_and_the_form_go_together(here):
    async with a_space(here) as space:
        for name in NAMES[1:]:
            await space.press("j")
            assert space.view.editor.row.name == name
        assert "momentum" in space.screen.splitlines()[3]
        await space.press("k", "up")
        assert space.view.editor.row.name == "optimizer"


@pytest.mark.parametrize(("kind", "keys"), [(DimensionList, []), (OptionRows, ["j", "j", "enter"])])
async def test_a_cursor_that_is_faster_than_the_form_comes_to_rest(here, monkeypatch, kind, keys):
    async with a_space(here) as space:
        await space.press(*keys)
        lines, drawn, redraw = space.view.query_one(kind), [], space.view.redraw

        def counting(**how):
            drawn.append(lines.highlighted)
            assert len(drawn) < 10
            redraw(**how)

        monkeypatch.setattr(space.view, "redraw", counting)
        for line in (1, 0, 1):  # before any of the messages is handled
            lines.highlighted = line
        await space.press()
        assert (lines.highlighted, drawn) == (1, [1])


async def test_a_bound_is_narrowed_by_four_keys_and_the_value(here):
    async with a_space(here) as space:
        await space.press("j", "right_square_bracket", "=0.05", "ctrl+s")
        await space.press("enter")
        assert row(space, "learning_rate").table["high"] == 0.05
        assert "high = 0.05 }" in space.file.read_text()
        assert not space.view.unsaved


async def test_swapped_bounds_are_told_everywhere_and_cured_by_one_key(here):
    async with a_space(here) as space:
        await space.press("j", "left_square_bracket", "=0.5")
        assert "✗ learning_rate" in space.screen
        assert "✗ 1 mistake" in space.screen
        assert "low = 0.5 is above high = 0.1" in space.words
        assert "ctrl+t low = 0.1, high = 0.5" in space.words
        await space.press("ctrl+t")
        assert row(space, "learning_rate").table["low"] == 0.1
        assert row(space, "learning_rate").table["high"] == 0.5
        assert "mistake" not in space.screen
        assert space.app.focused.value == "0.1"


async def test_the_list_cures_too_and_asks_where_there_are_several_ways(here):
    text = PARAMS.replace("beta2 = { type", "layers = { type")
    async with a_space(here, text) as space:
        wrong = next(row for row in space.document.rows if row.problems)
        await space.press("m")
        assert space.view.editor.key == wrong.key
        fixes = space.view.editor.fixes()
        assert fixes
        await space.press("f", *(["enter"] if len(fixes) > 1 else []))
        assert space.document.problems == ()


async def test_what_is_typed_is_one_change_and_can_be_undone(here):
    async with a_space(here) as space:
        await space.press("left_square_bracket", "1", "2", "enter")
        assert row(space, "layers").table["low"] == 12
        await space.press("u")
        assert space.document.text == PARAMS
        assert "Undone: change low." in space.said
        assert not space.view.unsaved
        await space.press("ctrl+r")
        assert row(space, "layers").table["low"] == 12


async def test_undo_and_redo_go_over_add_rename_duplicate_move_and_delete(here):
    async with a_space(here) as space:
        await space.press("a", "enter")
        assert space.app.focused.value == "x"
        await space.press("=new_one", "enter")
        assert space.names[:2] == ["layers", "new_one"]
        await space.press("d", "K", "D")
        texts = [space.document.text]
        while space.document.can_undo:
            await space.press("u")
            texts.append(space.document.text)
        assert len(texts) == 6
        assert texts[-1] == PARAMS
        for text in reversed(texts[:-1]):
            await space.press("ctrl+r")
            assert space.document.text == text


async def test_deleting_asks_nothing_and_says_how_it_comes_back(here):
    async with a_space(here) as space:
        await space.press("D")
        assert "layers" not in space.names
        assert space.said == ["Deleted layers; u brings it back."]
        assert space.view.editor.row.name == "learning_rate"


async def test_a_move_takes_the_cursor_along(here):
    async with a_space(here) as space:
        await space.press("J")
        assert space.names[:2] == ["learning_rate", "layers"]
        assert space.view.editor.row.name == "layers"
        await space.press("K", "K")
        assert space.names[:2] == ["layers", "learning_rate"]


async def test_renaming_goes_to_the_name_and_a_taken_one_is_told_beside_it(here):
    async with a_space(here) as space:
        await space.press("R", "=learning_rate")
        assert "learning_rate" in space.app.focused.value
        assert "✗" in space.screen
        await space.press("s", "escape")
        assert space.names[0] == "learning_rates"


async def test_another_distribution_takes_over_what_has_a_meaning_there(here):
    async with a_space(here) as space:
        await space.press("enter", "up", "enter")
        assert "whole numbers between two bounds" in space.screen
        await space.press("k", "k", "enter")
        assert row(space, "layers").type == "uniform"
        assert row(space, "layers").table["high"] == 5


async def test_escape_and_enter_leave_the_form_and_arrows_go_through_it(here):
    async with a_space(here) as space:
        await space.press("enter")
        form = space.view.query_one(DimensionForm)
        assert form.here == "low"
        await space.press("down", "down")
        assert form.here == "default"
        await space.press("up", "escape")
        assert space.app.focused is space.view.query_one(DimensionList)


async def test_the_arrows_stay_in_the_form(here):
    async with a_space(here) as space:
        await space.press("enter", *["down"] * 9)
        assert space.view.query_one(DimensionForm).here == "default"
        await space.press(*["up"] * 9)
        assert space.view.query_one(DimensionForm).here == "name"


async def test_a_cure_where_nothing_is_wrong_points_to_the_mistake_elsewhere(here):
    async with a_space(here) as space:
        await space.press("left_square_bracket", "=9", "escape", "j", "ctrl+t")
        assert space.said == ["learning_rate has no mistake; m in the list goes to the next one."]


async def test_mistakes_in_other_tables_are_counted_and_m_goes_to_their_line(here):
    async with a_space(here, PARAMS.replace("metric =", "metrc =")) as space:
        assert "✗ 1 mistake" in space.screen
        await space.press("m")
        assert space.view.in_text
        assert space.view.toml.line == 4


async def test_without_dimensions_it_says_how_to_add_one(here):
    async with a_space(here, PARAMS.split("[space]")[0]) as space:
        assert "a adds a dimension" in space.words
        await space.press("a", "enter")
        assert space.names == ["x"]


@pytest.mark.parametrize("size", [(120, 40), (250, 70), (40, 20)])
async def test_every_size_shows_list_and_form(here, size):
    async with a_space(here, size=size) as space:
        assert "learning_rate" in space.screen
        assert "layers" in space.screen
        assert "high" in space.screen
        assert all(len(line) <= size[0] for line in space.screen.splitlines())


async def test_the_view_goes_along_with_the_terminal(here):
    async with a_space(here) as space:
        await space.pilot.resize_terminal(50, 30)
        await space.pilot.pause()
        assert space.view.has_class("-narrow")
        assert "high" in space.screen


async def test_options_are_edited_added_moved_deleted_and_given_dimensions_by_keys(here):
    def options(space):
        return row(space, "activation").table["options"]

    async with a_space(here) as space:
        space.view.query_one(DimensionList).go_to("space.activation")
        await space.press("enter", "a", "=silu", "up")
        assert options(space) == ["relu", "gelu", "silu"]
        await space.press("K")
        assert options(space) == ["relu", "silu", "gelu"]
        await space.press("J", "k", "D")
        assert options(space) == ["relu", "silu"]
        await space.press("k", "enter", "=elu")
        assert options(space) == ["elu", "silu"]
        await space.press("up", "i", "enter")
        assert row(space, "x").option == "elu"
        assert space.document.problems == ()
