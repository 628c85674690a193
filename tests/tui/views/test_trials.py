from textual.widgets import Input

from tests.tui.app.scenes import Scene, an_app, core, finished, started, trials
from tests.tui.views.trials_scenes import (
    mixed,
    mixed_app,
    rows_of,
    text_of,
    the_grid,
    the_page,
    the_view,
    title_of,
)
from trialdeck.tui.messages import OpenTrial
from trialdeck.tui.screens.choose import Answers
from trialdeck.tui.seen import Seen
from trialdeck.tui.views.trials_filter import FilterLine
from trialdeck.tui.widgets.grid import Grid

ALL = list(range(31, -1, -1))


async def write(pilot, text):
    """Write into the line of the filter, all at once."""
    the_view(pilot.app).query_one(Input).value = text
    await pilot.pause()


async def test_the_newest_trials_are_at_the_top():
    async with (app := mixed_app()).run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        assert title_of(app) == "32 trials · newest first"
        assert rows_of(app) == ALL
        lines = text_of(app).splitlines()
        assert lines[2].split()[:5] == ["trial", "▼", "state", "auc", "time"]
        assert lines[3].split()[:7] == ["31", "✗", "failed", "—", "7.0", "s", "2"]
        assert lines[6].split()[:3] == ["28", "▸", "running"]


async def test_a_new_trial_comes_to_the_top_and_the_cursor_goes_with_it():
    scene = mixed()
    async with (app := an_app(scene.seen())).run_test() as pilot:
        await pilot.press("2")
        scene.events += [started(32)]
        app.feed.show(scene.seen())
        await pilot.pause()
        assert the_grid(app).cursor == 32
        await pilot.press("down")
        scene.events += [started(33), finished(32)]
        app.feed.show(scene.seen())
        await pilot.pause()
        assert the_grid(app).cursor == 31
        assert rows_of(app)[:2] == [33, 32]
        assert "34 trials" in title_of(app)


async def test_the_best_has_a_star_and_gives_it_away():
    scene = Scene(trials(3))
    async with (app := an_app(scene.seen())).run_test() as pilot:
        await pilot.press("2")
        assert "    2  ★ best" in text_of(app)
        scene.events += [started(3), finished(3, loss=-0.999, metrics={"auc": 0.999})]
        app.feed.show(scene.seen())
        await pilot.pause()
        assert "    2  ✓ ok" in text_of(app)
        assert "    3  ★ best  0.99900" in text_of(app)


async def test_ages_grow_and_nothing_else_is_drawn():
    now = 1010.0
    scene = Scene([started(0, at=1000.0)], cores=(core(0, tid=0),))
    async with (app := an_app(scene.seen())).run_test() as pilot:
        await pilot.press("2")
        table = the_view(app).table
        table.clock = table.fields._clock = lambda: now
        the_view(app).tick()
        await pilot.pause()
        assert "10 s" in text_of(app)
        now = 1071.0
        the_view(app).tick()
        await pilot.pause()
        assert "1 m 11 s" in text_of(app)


async def test_any_column_sorts_and_once_more_turns():
    async with (app := mixed_app()).run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "o")
        await pilot.pause()
        answers = app.screen.query_one(Answers)
        assert answers.highlighted == 0
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert title_of(app) == "32 trials · sorted by auc"
        best = the_view(app).seen.snapshot.best
        assert rows_of(app)[0] == best
        assert "auc ▼" in text_of(app)
        await pilot.press("O")
        await pilot.pause()
        assert "auc ▲" in text_of(app)
        done = [tid for tid in rows_of(app) if tid not in (3, 9, 17, 28, 29, 31)]
        assert done == rows_of(app)[: len(done)]  # those without a value are last both ways
        assert rows_of(app)[len(done) - 1] == best
        await pilot.press("o", "enter")  # the same again
        await pilot.pause()
        assert rows_of(app)[0] == best


async def test_a_click_on_a_title_sorts():
    async with (app := mixed_app()).run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        place = text_of(app).splitlines()[2].index("layers")
        await pilot.click(Grid, offset=(place + 1, 0))
        await pilot.pause()
        assert title_of(app) == "32 trials · sorted by layers"
        assert rows_of(app)[:3] == [0, 5, 10]
        await pilot.click(Grid, offset=(place + 1, 0))
        await pilot.pause()
        assert rows_of(app)[:3] == [29, 24, 19]


async def test_columns_are_chosen_moved_and_remembered():
    async with (app := mixed_app()).run_test(size=(80, 30)) as pilot:
        await pilot.press("2", "c")
        await pilot.pause()
        # Without the time, and with the layers behind the trial.
        await pilot.press("j", "j", "j", "space", "j", "K", "K", "K")
        await pilot.press("enter")
        await pilot.pause()
        line = text_of(app).splitlines()[2].split()
        assert line[:6] == ["trial", "▼", "layers", "state", "auc", "learning_rate"]
        await pilot.press("1", "2", "c")
        await pilot.pause()
        await pilot.press("d", "enter")
        await pilot.pause()
        assert "time" in text_of(app).splitlines()[2]


async def test_leaving_the_columns_changes_nothing_and_one_column_stays():
    async with (app := mixed_app()).run_test(size=(80, 30)) as pilot:
        await pilot.press("2", "c")
        await pilot.pause()
        before = the_view(app).table.columns
        await pilot.press("space", "J", "escape")
        await pilot.pause()
        assert the_view(app).table.columns == before
        await pilot.press("c")
        chooser = app.screen
        for _ in before:
            chooser.action_show_or_hide()
            chooser.query_one(Grid).action_move(1)
        await pilot.press("enter")
        await pilot.pause()
        assert len(the_view(app).table.columns) == 1


async def test_an_expression_chooses_while_it_is_typed():
    async with (app := mixed_app()).run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "slash", *"failed")
        await pilot.pause()
        assert rows_of(app) == [31, 17, 3]
        assert title_of(app) == "3 of 32 trials · failed · newest first"
        await write(pilot, "failed and trail")
        last = text_of(app).splitlines()[-2]
        assert last == '             ^ there is no name "trail". Did you mean trial?'
        assert rows_of(app) == [31, 17, 3]  # as before
        await pilot.press("enter")
        await pilot.pause()
        assert the_view(app).query_one(FilterLine).is_open
        await write(pilot, "failed and trial < 9")
        await pilot.press("enter")
        await pilot.pause()
        assert not the_view(app).query_one(FilterLine).is_open
        assert rows_of(app) == [3]
        assert the_grid(app).has_focus


async def test_escape_shows_all_from_the_line_and_from_the_table():
    async with (app := mixed_app()).run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "slash")
        await write(pilot, "failed")
        await pilot.press("escape")
        await pilot.pause()
        assert rows_of(app) == ALL
        await pilot.press("slash")
        await write(pilot, "failed")
        await pilot.press("enter", "slash")
        await pilot.pause()
        assert the_view(app).query_one(FilterLine).text == "failed"
        await pilot.press("enter", "f")  # running and failed: none
        await pilot.pause()
        assert rows_of(app) == []
        assert "No trial is so." in text_of(app)
        await pilot.press("escape")
        await pilot.pause()
        assert rows_of(app) == ALL


async def test_with_very_many_trials_choosing_waits_for_a_pause_in_typing(monkeypatch):
    monkeypatch.setattr("trialdeck.tui.views.trials.MANY", 10)
    monkeypatch.setattr("trialdeck.tui.views.trials.MOMENT", 1000.0)
    async with (app := mixed_app()).run_test() as pilot:
        await pilot.press("2", "slash")
        await write(pilot, "failed")
        assert rows_of(app) == ALL
        the_view(app)._later._callback()
        await pilot.pause()
        assert rows_of(app) == [31, 17, 3]
        await write(pilot, "failed or pruned")
        await pilot.press("enter")
        assert rows_of(app) == [31, 30, 17, 3]


async def test_a_trial_that_is_hidden_is_shown_when_it_is_opened():
    async with (app := mixed_app()).run_test() as pilot:
        await pilot.press("2", "slash")
        await write(pilot, "failed")
        await pilot.press("enter", "1")
        app.post_message(OpenTrial(12))
        await pilot.pause()
        assert the_page(app).tid == 12
        assert rows_of(app) == ALL
        assert the_grid(app).cursor == 12
        await pilot.press("escape")
        app.post_message(OpenTrial(77))
        await pilot.pause()
        assert app.view.id == "trials"
        assert len(app.screen_stack) == 1


EMPTY = [
    (Scene().seen(), "No trials yet. n launches cores."),
    (Scene(cores=(core(0),)).seen(), "No trials yet. The cores are starting."),
    (Seen(name="t", has_draft=True, reading=True), "The history is being read."),
    (Seen(name="t", has_draft=True, trouble="params.toml: one mistake"), "one mistake"),
]


async def test_an_empty_table_says_what_to_do():
    async with (app := mixed_app()).run_test() as pilot:
        await pilot.press("2")
        for seen, text in EMPTY:
            app.feed.show(seen)
            await pilot.pause()
            assert text in text_of(app)
        await pilot.press("slash", "f", "o", "O", "c", "r", "y", "w", "L", "escape", "enter")
        assert len(app.screen_stack) == 1


async def test_what_was_chosen_outlives_a_history_that_cannot_be_read_for_a_while():
    seen = mixed().seen()
    async with (app := an_app(seen)).run_test() as pilot:
        await pilot.press("2", "f", "f")
        app.feed.show(Seen(name=seen.name, has_draft=True, trouble="the disk is gone"))
        await pilot.pause()
        assert rows_of(app) == [31, 17, 3]
        app.feed.show(seen)
        await pilot.pause()
        assert "3 of 32 trials · failed" in title_of(app)
