"""The form for a point to be tried first: what it does, and how it looks."""

from types import SimpleNamespace

from textual.widgets import Button

from tests.tui.app.scenes import an_app
from tests.tui.command_line import a_search, some_trials
from tests.tui.views.trials_scenes import mixed, mixed_app, said, text_of
from trialdeck.tui.screens.enqueue import EnqueueScreen
from trialdeck.tui.seen import Seen


def real(folder):
    """Return a session on a real search, and what is seen of it."""
    search = a_search(folder, *some_trials())
    seen = Seen(folder / "params.toml", "t", True, look=search.look(), params=search.params)
    return SimpleNamespace(search=search, file=folder / "params.toml"), seen


async def write(pilot, name, text):
    """Write a value of the form, all at once."""
    for line in pilot.app.screen._values:
        if line.dimension.name == name:
            line.value.value = text
    await pilot.pause()


def label(app):
    return str(app.screen.query_one("#enqueue", Button).label)


async def test_a_changed_copy_is_queued(tmp_path):
    session, seen = real(tmp_path)
    async with (app := an_app(seen, session)).run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "E")
        await pilot.pause()
        assert "Enqueue a copy of trial 5" in text_of(app)
        await write(pilot, "x1", "99")
        assert "99 is above 10.0" in text_of(app)
        assert app.screen.query_one("#enqueue", Button).disabled
        await pilot.press("enter")
        assert isinstance(app.screen, EnqueueScreen)
        await write(pilot, "x1", "-1.5")
        assert "above" not in text_of(app)
        await pilot.press("enter")
        await pilot.pause()
        trial = session.search.snapshot().trials[6]
        assert (trial.point["x1"], trial.point["surface"], trial.origin) == (
            -1.5,
            "smooth",
            "enqueue",
        )
        assert said(app) == "Trial 6 will run at this point once there are cores: n launches some."
        assert not isinstance(app.screen, EnqueueScreen)


async def test_what_has_run_is_queued_when_it_is_said_twice(tmp_path):
    session, seen = real(tmp_path)
    async with (app := an_app(seen, session)).run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "E", "enter")
        await pilot.pause()
        assert "trial 5 has that point already (ok)" in text_of(app)
        assert label(app) == "Run it again (enter)"
        assert session.search.snapshot().highest_tid == 5
        await write(pilot, "x2", "3")
        assert label(app) == "Enqueue (enter)"
        await write(pilot, "x2", "5e-5")
        await pilot.press("enter", "enter")
        await pilot.pause()
        trials = session.search.snapshot().trials
        assert trials[6].point == trials[5].point


async def test_an_option_brings_its_values(tmp_path):
    session, seen = real(tmp_path)
    async with (app := an_app(seen, session)).run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "enter", "E")
        await pilot.pause()
        assert "depth" not in text_of(app)
        await write(pilot, "surface", "rough")
        assert "depth" in text_of(app)
        assert "drawn at random" in text_of(app)
        await pilot.press("up", "down", "down", "down", *"25")
        assert "25 is above 20.0" in text_of(app)
        await pilot.press("backspace", "enter")
        await pilot.pause()
        point = session.search.snapshot().trials[6].point
        assert (point["surface"], point["depth"]) == ("rough", 2.0)


async def test_the_palette_finds_it():
    async with (app := mixed_app()).run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        names = [one.title for one in app.get_system_commands(app.screen)]
        assert "Trials: Enqueue" in names
        await pilot.press("ctrl+p", *"enqueue", "enter", "enter")
        await pilot.pause()
        assert isinstance(app.screen, EnqueueScreen)
        await pilot.press("escape")
        assert len(app.screen_stack) == 1


async def test_where_there_is_no_search_yet():
    async with (app := an_app(Seen(has_draft=True))).run_test() as pilot:
        await pilot.press("2", "E")
        await pilot.pause()
        assert "There is no search yet" in said(app)


def test_how_it_looks(snap_compare):
    async def opened(pilot):
        await pilot.press("2", "E", *["down"] * 3)
        await write(pilot, "layers", "9")
        await write(pilot, "learning_rate", "")

    assert snap_compare(an_app(mixed().seen()), terminal_size=(80, 24), run_before=opened)
