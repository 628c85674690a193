import pytest

from tests.tui.views.spaces import a_space
from trialdeck.core.params.read import read_params
from trialdeck.core.params.starter import starter
from trialdeck.tui.screens.first_run import FirstRun, objective_mistake


async def test_in_an_empty_folder_enter_makes_the_starter_and_shows_its_space(tmp_path):
    async with a_space(tmp_path, None) as space:
        assert isinstance(space.app.screen, FirstRun)
        assert "There is no params.toml in this folder yet" in space.words
        await space.press("enter")
        assert space.file.read_text() == starter()
        assert space.said == ["Made params.toml."]
        assert "learning_rate" in space.screen
        assert not space.view.unsaved


async def test_ones_own_function_is_asked_for_and_checked_while_it_is_typed(tmp_path):
    async with a_space(tmp_path, None) as space:
        await space.press("down", "enter", "ctrl+u", "=train.py")
        assert "names no function" in space.words
        await space.press("enter")
        assert not space.file.exists()
        await space.press("=:fit", "enter")
        assert read_params(space.file).search.objective == "train.py:fit"
        assert "def fit(" in (tmp_path / "train.py").read_text()
        assert "train.py: write your training there" in space.said[0]


async def test_the_demonstration(tmp_path):
    async with a_space(tmp_path, None) as space:
        await space.press("up", "enter")
        assert read_params(space.file).search.name == "demo"
        assert "rough:" in space.screen


async def test_escape_makes_nothing_and_the_view_says_how_to_begin(tmp_path):
    async with a_space(tmp_path, None) as space:
        await space.press("escape")
        assert "enter makes one to start from" in space.words
        assert list(tmp_path.iterdir()) == []
        await space.press("enter")
        assert isinstance(space.app.screen, FirstRun)


@pytest.mark.parametrize("text", ["train.py", "a/b:c", "train.py:1x", ":f"])
def test_what_names_no_function(tmp_path, text):
    assert objective_mistake(text, tmp_path / "params.toml")


def test_a_function_may_be_in_a_file_that_is_missing(tmp_path):
    assert objective_mistake("new.py:train", tmp_path / "params.toml") == ""
