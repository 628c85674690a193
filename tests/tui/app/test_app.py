"""What all views have in common, in the application itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from tests.tui.app.scenes import NOW, Scene, StillFeed, an_app, core, finished, started, trials
from trialdeck.core.errors import SearchError
from trialdeck.tui.app import VIEWS, TrialdeckApp
from trialdeck.tui.config import Config
from trialdeck.tui.screens.ask_number import AskNumber
from trialdeck.tui.screens.confirm import Confirm
from trialdeck.tui.screens.help import HelpScreen
from trialdeck.tui.screens.message import MessageScreen

if TYPE_CHECKING:
    from trialdeck.tui.session import Session

SIZE = (80, 24)


def feed_of(app: TrialdeckApp) -> StillFeed:
    assert isinstance(app.feed, StillFeed)
    return app.feed


@pytest.mark.parametrize(("key", "name"), [(str(n), name) for n, name in enumerate(VIEWS, 1)])
async def test_a_number_shows_a_view(key: str, name: str) -> None:
    async with an_app(Scene(trials(5)).seen()).run_test(size=SIZE) as pilot:
        await pilot.press(key)
        app = pilot.app
        assert isinstance(app, TrialdeckApp)
        assert app.view is not None
        assert app.view.id == name


async def test_a_view_is_made_once_and_kept() -> None:
    async with an_app(Scene(trials(5)).seen()).run_test(size=SIZE) as pilot:
        app = pilot.app
        assert isinstance(app, TrialdeckApp)
        first = app.view
        await pilot.press("2", "1")
        assert app.view is first


async def test_help_names_every_key_of_the_view_with_its_name_for_the_settings() -> None:
    async with an_app(Scene(trials(5)).seen()).run_test(size=(100, 60)) as pilot:
        await pilot.press("question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        groups = pilot.app.screen._groups
        assert {"app", "overview"} <= set(groups)
        named = {line.name for line in groups["app"]}
        assert {"app.overview", "app.launch", "app.leave"} <= named
        assert all(line.text.endswith(".") for lines in groups.values() for line in lines)
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, HelpScreen)


async def test_every_binding_with_a_name_can_be_remapped() -> None:
    feed = StillFeed(Scene(trials(5)).seen())
    app = TrialdeckApp(feed, Config(keys={"app.trials": "f7", "app.leave": "x"}))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2")
        assert app.view is not None
        assert app.view.id == "overview"
        await pilot.press("f7")
        assert app.view.id == "trials"
        await pilot.press("x")
    assert not app.is_running


async def test_an_unknown_theme_is_told_and_harms_nothing() -> None:
    app = TrialdeckApp(StillFeed(Scene().seen()), Config(theme="solarised"))
    async with app.run_test(size=SIZE):
        assert any("there is no theme" in note.message for note in app._notifications)


async def test_the_settings_choose_a_theme() -> None:
    app = TrialdeckApp(StillFeed(Scene().seen()), Config(theme="nord"))
    async with app.run_test(size=SIZE):
        assert app.theme == "nord"


async def test_a_trial_is_found_by_its_number() -> None:
    async with an_app(Scene(trials(30)).seen()).run_test(size=SIZE) as pilot:
        await pilot.press("colon")
        assert isinstance(pilot.app.screen, AskNumber)
        await pilot.press("1", "7", "enter")
        await pilot.pause()
        app = pilot.app
        assert isinstance(app, TrialdeckApp)
        assert app.view is not None
        assert app.view.id == "trials"


async def test_a_trial_that_is_not_there_is_told() -> None:
    async with an_app(Scene(trials(3)).seen()).run_test(size=SIZE) as pilot:
        await pilot.press("colon", "9", "enter")
        await pilot.pause()
        notes = [note.message for note in pilot.app._notifications]
        assert "There is no trial 9; the last is 2." in notes


async def test_asking_for_a_number_takes_digits_only_and_can_be_left() -> None:
    async with an_app(Scene(trials(3)).seen()).run_test(size=SIZE) as pilot:
        await pilot.press("colon", "x", "1")
        assert pilot.app.screen.query_one(Input).value == "1"
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, AskNumber)


async def test_the_best_trial_is_one_key_away() -> None:
    async with an_app(Scene(trials(9)).seen()).run_test(size=SIZE) as pilot:
        await pilot.press("b")
        await pilot.pause()
        app = pilot.app
        assert isinstance(app, TrialdeckApp)
        assert app.view is not None
        assert app.view.id == "trials"


async def test_without_a_best_trial_the_key_says_so() -> None:
    async with an_app(Scene([started(0)]).seen()).run_test(size=SIZE) as pilot:
        await pilot.press("b")
        assert any("No trial has succeeded" in n.message for n in pilot.app._notifications)


async def test_the_best_point_is_copied_from_any_view() -> None:
    async with an_app(Scene(trials(9)).seen()).run_test(size=SIZE) as pilot:
        await pilot.press("1", "y")
        assert pilot.app.clipboard.startswith("[fixed]\n")


async def test_a_short_error_is_a_note_and_a_long_one_a_dialog() -> None:
    def fails(_session: Session) -> None:
        raise SearchError("no")

    def fails_at_length(_session: Session) -> None:
        raise SearchError("\n".join(["no"] * 9))

    app = an_app(Scene(trials(3)).seen())
    feed_of(app).session = object()  # type: ignore[assignment]
    async with app.run_test(size=SIZE) as pilot:
        app.ask(fails)
        await pilot.pause()
        assert [note.message for note in app._notifications] == ["no"]
        app.ask(fails_at_length)
        await pilot.pause()
        assert isinstance(app.screen, MessageScreen)
        await pilot.press("y", "escape")
        assert app.clipboard == "\n".join(["no"] * 9)


async def test_news_are_told_with_a_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[bool] = []
    monkeypatch.setattr(TrialdeckApp, "bell", lambda _app: rung.append(True))
    app = an_app(Scene(trials(3)).seen())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        best = finished(3, loss=-0.999, metrics={"auc": 0.999})
        feed_of(app).show(Scene([*trials(3), started(3), best]).seen())
        await pilot.pause()
        assert [note.message for note in app._notifications] == ["New best auc 0.999: trial 3"]
        assert rung == [True]


async def test_no_bell_where_the_user_wants_none(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[bool] = []
    monkeypatch.setattr(TrialdeckApp, "bell", lambda _app: rung.append(True))
    app = TrialdeckApp(StillFeed(Scene(trials(3)).seen()), Config(bell=False))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        best = finished(3, loss=-0.999, metrics={"auc": 0.999})
        feed_of(app).show(Scene([*trials(3), started(3), best]).seen())
        await pilot.pause()
        assert rung == []


async def test_leaving_asks_when_something_is_not_saved() -> None:
    app = an_app(Scene(trials(3)).seen())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("3", "1")
        view = app.query_one("#space")
        view.__class__ = type("Unsaved", (view.__class__,), {"unsaved": True})
        await pilot.press("q")
        assert isinstance(app.screen, Confirm)
        await pilot.press("escape")
        assert app.is_running
        await pilot.press("q", "y")
    assert not app.is_running


async def test_nothing_is_drawn_while_nothing_is_new() -> None:
    app = an_app(Scene(trials(30), cores=(core(0, tid=29, since=NOW),)).seen())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        drawn: list[object] = []
        app.screen.compositor_updates = drawn  # type: ignore[attr-defined]
        seen = app.seen
        feed_of(app).show(seen)
        await pilot.pause()
        assert app.seen is seen
        assert not app.screen._dirty_widgets


async def test_every_action_is_in_the_palette() -> None:
    app = an_app(Scene(trials(3)).seen())
    async with app.run_test(size=SIZE):
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert {"Launch", "Pause", "Quit", "Theme"} <= titles
        assert any(title.startswith("Overview: ") for title in titles)
