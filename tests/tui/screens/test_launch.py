"""The launch form: what it asks for, what it shows, and that nothing typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button

from tests.tui.app.scenes import StillFeed, an_app
from tests.tui.screens.launch_forms import PLACES, Answering, an_answering_app, feed, opened, value
from tests.tui.views.cores_scenes import ONE_POOL, bare, eventually, lines, said, words
from trialdeck.core.check import Finding
from trialdeck.tui import launching
from trialdeck.tui.launching import Outcome, Place, Plan, Wanted
from trialdeck.tui.screens.choose import Choose
from trialdeck.tui.screens.launch import LaunchScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

__all__ = ["bare", "feed"]
pytestmark = pytest.mark.usefixtures("bare")


async def test_it_shows_what_would_run_for_what_is_typed(feed: Answering):
    async with an_answering_app(feed).run_test(size=(80, 24)) as pilot:
        form = await opened(pilot)
        assert value(form, "cores") == "2"
        assert "run --backend local --cores 2" in words(pilot.app)
        assert "the check found nothing wrong" in words(pilot.app)
        await pilot.press("up", "up", "down", "tab", "2", "5")
        await pilot.pause()
        assert (value(form, "cores"), value(form, "trials")) == ("3", "25")
        assert feed.plans[-1] == Wanted("local", 3, 25)
        await pilot.press("shift+tab", "shift+tab", "j", "enter")
        await pilot.pause()
        assert value(form, "cores") == "3"  # typed, so it stays
        assert "run --backend cluster --cores 3" in words(pilot.app)
        await pilot.press("backspace", "1", "2")
        await pilot.pause()
        assert "! 16 cores share 2 CPUs." in words(pilot.app)


async def test_another_place_brings_its_number_of_cores(feed: Answering):
    async with an_answering_app(feed).run_test(size=(80, 24)) as pilot:
        form = await opened(pilot, "shift+tab", "j")
        assert value(form, "cores") == "16"


async def test_a_number_that_is_typed_takes_the_place_of_the_proposed_one(feed: Answering):
    async with an_answering_app(feed).run_test(size=(80, 24)) as pilot:
        form = await opened(pilot, "3")
        assert value(form, "cores") == "3"


async def test_enter_launches_and_closes(feed: Answering):
    feed.outcomes = [Outcome("2 cores started on local: job 17", started=True)]
    app = an_answering_app(feed)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("enter")
        await eventually(pilot, lambda: not isinstance(app.screen, LaunchScreen))
        assert feed.launches == [(Wanted("local", 2), ())]
        assert said(app) == ["2 cores started on local: job 17"]


@pytest.mark.parametrize("keys", [["escape"], ["tab", "tab", "enter"]])
async def test_it_closes_without_a_launch(feed: Answering, keys: list[str]):
    app = an_answering_app(feed)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        assert not isinstance(app.screen, LaunchScreen)
        assert feed.launches == []


async def test_a_refusal_is_shown_and_what_was_typed_stays(feed: Answering):
    refusal = "the job was not started: no space left\nsecond line"
    feed.outcomes = [Outcome(refusal), Outcome("started", started=True)]
    app = an_answering_app(feed)
    async with app.run_test(size=(80, 24)) as pilot:
        form = await opened(pilot, "up", "tab", "9", "enter")
        await pilot.pause()
        assert "✗ the job was not started: no space left second line" in words(app)
        assert (value(form, "cores"), value(form, "trials")) == ("3", "9")
        await pilot.press("enter")
        await pilot.pause()
        assert feed.launches == [(Wanted("local", 3, 9), ())] * 2
        assert not isinstance(app.screen, LaunchScreen)


async def test_errors_of_the_check_stand_first_and_forbid_nothing(feed: Answering):
    feed.findings = [Finding("warning", "little space"), Finding("error", "cannot run:\nboom")]
    async with an_answering_app(feed).run_test(size=(80, 24)) as pilot:
        form = await opened(pilot)
        assert "✗ cannot run: boom ! little space" in words(pilot.app)
        assert "Launch anyway" in str(form.query_one("#launch", Button).label)


async def test_no_number_no_launch(feed: Answering):
    async with an_answering_app(feed).run_test(size=(80, 24)) as pilot:
        form = await opened(pilot, "backspace", "enter")
        assert feed.launches == []
        assert "A launch needs at least one core." in words(pilot.app)
        await pilot.press("0", "enter")
        await pilot.pause()
        assert feed.launches == []
        await pilot.press("up")
        assert value(form, "cores") == "1"


async def choosing(pilot: Pilot[None], text: str) -> None:
    """Wait for the question that says so."""
    app = pilot.app
    await eventually(pilot, lambda: isinstance(app.screen, Choose) and text in words(app))


async def test_ways_out_of_a_refusal_add_up(feed: Answering):
    feed.outcomes = [
        Outcome("measured differently", way_out=launching.KEEP_LOSSES),
        Outcome("overtaken", way_out=launching.FORCE),
        Outcome("started", started=True),
    ]
    app = an_answering_app(feed)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("enter")
        for refusal in ("measured differently", "overtaken"):
            await choosing(pilot, refusal)
            await pilot.press("up", "enter")
        await eventually(pilot, lambda: not isinstance(app.screen, LaunchScreen | Choose))
    ways = [launch[-1] for launch in feed.launches]
    assert ways == [(), ("keep_losses",), ("keep_losses", "force")]


@pytest.mark.parametrize("keys", [["escape"], ["enter"]])
async def test_a_refusal_may_be_left_alone(feed: Answering, keys: list[str]):
    feed.outcomes = [Outcome("overtaken", way_out=launching.FORCE)]
    app = an_answering_app(feed)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("enter")
        await choosing(pilot, "overtaken")
        await pilot.press(*keys)
        await eventually(pilot, lambda: isinstance(app.screen, LaunchScreen))
        assert "overtaken" in words(app)
        assert len(feed.launches) == 1


async def test_while_it_is_being_checked_it_says_so():
    app = an_app(ONE_POOL)  # nothing is answered
    async with app.run_test(size=(80, 24)) as pilot:
        form = await opened(pilot)
        assert "checking the search…" in words(app)
        feed = app.feed
        assert isinstance(feed, StillFeed)
        failed: Callable[[str], None] | None = feed.asked[-1].otherwise
        assert failed is not None
        failed("params.toml: one mistake")
        await pilot.pause()
        assert "✗ params.toml: one mistake" in words(app)
        assert "Launch anyway" not in words(app)
        assert form.query_one("#launch").region.bottom <= 24


@pytest.mark.parametrize("size", [(80, 24), (60, 15)], ids=["usual", "small"])
async def test_all_of_it_can_be_read_and_the_buttons_stay(
    feed: Answering, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
):
    places = [*PLACES, Place("far", "Another machine.", 1)]
    monkeypatch.setattr(launching, "places", lambda _: places)
    script = "\n".join(f"#SBATCH {number}" for number in range(60))
    monkeypatch.setattr(launching, "plan", lambda *_: Plan(script))
    feed.findings = [Finding("error", "\n".join(f"line {number}" for number in range(200)))]
    async with an_answering_app(feed).run_test(size=size) as pilot:
        form = await opened(pilot)

        def reads(text: str) -> bool:
            return any(text in line for line in lines(pilot.app))

        assert form.query_one(".title").region.y >= 0
        for keys, text in (("pagedown", "line 100"), ("pagedown", "#SBATCH 59"), ("pageup", "far")):
            while not reads(text):
                at = form.query_one("#form").scroll_y
                await pilot.press(keys)
                assert form.query_one("#form").scroll_y != at
            button = form.query_one("#launch").region
            assert button.bottom <= size[1]
            assert button.right <= size[0]
            assert reads("Launch anyway (enter)")
