from tests.conditions import until
from tests.tui.views.spaces import PARAMS, a_space
from trialdeck.tui.widgets.dimension_list import DimensionList


async def settled(space):
    """Wait until the text that was typed has been parsed."""
    while space.view.toml.settle():
        space.view._actions.take_text(space.view.toml.area.text)
    await space.pilot.pause()


async def test_f2_shows_the_text_at_the_dimension_and_comes_back_to_it(tmp_path):
    async with a_space(tmp_path) as space:
        await space.press("j", "j", "f2")
        line = space.view.toml.area.document.get_line(space.view.toml.line - 1)
        assert line.startswith("activation")
        await space.press("up", "f2")
        assert space.view.editor.row.name == "learning_rate"
        assert space.app.focused is space.view.query_one(DimensionList)
        assert space.document.text == PARAMS
        assert not space.document.can_undo


async def test_a_round_trip_keeps_comments_and_spacing(tmp_path):
    text = PARAMS.replace("[space]\n", "[space]  # what is searched\n\n# the depth\n")
    async with a_space(tmp_path, text) as space:
        await space.press("f2", "escape", "right_square_bracket", "=7", "enter")
        await space.press("f2", "home", "=# mine", "enter", "f2")
        expected = text.replace("high = 5 }", "high = 7 }").replace("layers ", "# mine\nlayers ")
        assert space.document.text == expected
        await space.press("u", "u")
        assert space.document.text == text


async def test_the_text_is_parsed_a_moment_after_the_last_key(tmp_path):
    async with a_space(tmp_path) as space:
        await space.press("f2", "x")
        assert space.document.text == PARAMS
        space.view.toml.area.insert("y")
        while space.document.text == PARAMS:
            await space.pilot.pause(0.02)
        assert "xylayers" in space.document.text


async def test_mistakes_are_listed_with_their_lines_and_can_be_gone_to(tmp_path):
    text = PARAMS.replace("metric", "metrc").replace("low = 1e-4", "low = 4")
    async with a_space(tmp_path, text) as space:
        await space.press("f2")
        assert "line 4: search.metrc" in space.words
        assert "line 13: space.learning_rate" in space.words
        lines = []
        for _ in range(3):
            await space.press("f8")
            lines.append(space.view.toml.line)
        assert lines == [13, 4, 13]
        await space.press("ctrl+t")
        assert "low = 0.1, high = 4" in space.view.toml.area.text


async def test_ctrl_z_undoes_in_the_text_and_suspends_nothing(tmp_path):
    async with a_space(tmp_path) as space:
        await space.press("f2", "x", "ctrl+z")
        await settled(space)
        assert space.document.text == PARAMS


async def test_a_text_that_is_no_toml_is_shown_with_the_error_until_it_is_mended(tmp_path):
    async with a_space(tmp_path) as space:
        await space.press("f2", "=oops ", "f2")
        assert "params.toml: one mistake" in space.screen
        assert "line 12" in space.screen
        assert "F2 edits the text" in space.words
        await space.press("enter")
        assert space.view.toml.line == 12
        await space.press("ctrl+z", "f2")
        assert "uniformint" in space.screen


async def test_a_broken_file_is_mended_without_leaving(tmp_path):
    broken = PARAMS.replace("max_trials = 50", "max_trials =")
    async with a_space(tmp_path, broken) as space:
        assert "one mistake" in space.screen
        assert space.view.editor.row is None
        await space.press("f2", "end", "= 50", "f2")
        assert "learning_rate" in space.screen
        assert space.view.editor.row.name == "layers"
        await space.press("ctrl+s", "enter")
        until(lambda: space.file.read_text() == space.document.text)
