"""The launch form: what a place lets choose, what it refuses, and a place that does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.screens.launch_forms import PLACES, Answering, an_answering_app, feed, opened, value
from tests.tui.views.cores_scenes import bare, eventually, words
from trialdeck.backends.base import Choice
from trialdeck.core.check import Finding
from trialdeck.tui import launching
from trialdeck.tui.launching import Outcome, Wanted
from trialdeck.tui.screens.choose import Choose
from trialdeck.tui.screens.launch import LaunchScreen

if TYPE_CHECKING:
    from textual.pilot import Pilot

__all__ = ["bare", "feed"]
pytestmark = pytest.mark.usefixtures("bare")


async def at_the_cluster(pilot: Pilot[None], *keys: str) -> LaunchScreen:
    return await opened(pilot, "shift+tab", "j", "enter", *keys)


async def test_what_a_place_lets_choose_stands_below_it(feed: Answering):
    async with an_answering_app(feed).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "partition" not in words(pilot.app)
        await pilot.press("shift+tab", "j", "enter")
        await pilot.pause()
        shown = words(pilot.app)
        form = pilot.app.screen
        assert "partition < main > up to infinite, 2 of 2 nodes idle" in shown
        assert 'time not set of one job, as "4h"' in shown
        assert not form.query_one("#field-trials").display  # they cannot be shared out


async def test_what_is_chosen_goes_into_the_launch(feed: Answering):
    feed.outcomes = [Outcome("16 cores queued on cluster: job 12", started=True)]
    app = an_answering_app(feed)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_the_cluster(pilot, "tab", "right", "tab", "5", "m")
        await pilot.pause()
        assert "--partition=short --time=5m" in words(app)
        await pilot.press("enter")
        await eventually(pilot, lambda: not isinstance(app.screen, LaunchScreen))
        wanted = Wanted("cluster", 16, None, (("partition", "short"), ("time", "5m")))
        assert feed.launches == [(wanted, ())]


async def test_what_is_as_in_the_file_is_not_given_to_the_launch(feed: Answering):
    async with an_answering_app(feed).run_test(size=(80, 24)) as pilot:
        await at_the_cluster(pilot, "tab", "right", "left", "tab", "5", "backspace")
        await pilot.pause()
        assert feed.plans[-1] == Wanted("cluster", 16)


async def test_all_options_of_a_choice_can_be_read(feed: Answering):
    app = an_answering_app(feed)
    async with app.run_test(size=(60, 15)) as pilot:
        form = await at_the_cluster(pilot, "tab")
        await pilot.press("enter")
        await eventually(pilot, lambda: isinstance(app.screen, Choose))
        assert "partition: where the jobs wait" in words(app)
        assert "GPUs gpu:2, the default" in words(app)
        await pilot.press("j", "enter")
        await eventually(pilot, lambda: app.screen is form)
        assert "partition < short >" in words(app)
        assert feed.plans[-1].options == (("partition", "short"),)


async def test_what_was_chosen_at_a_place_is_there_again(feed: Answering):
    async with an_answering_app(feed).run_test(size=(80, 24)) as pilot:
        await at_the_cluster(pilot, "tab", "right", "shift+tab", "shift+tab", "k")
        await pilot.pause()
        assert "partition" not in words(pilot.app)
        assert feed.plans[-1].options == ()
        await pilot.press("j")
        await pilot.pause()
        assert "partition < short >" in words(pilot.app)
        assert feed.plans[-1].options == (("partition", "short"),)


async def test_a_value_of_the_file_that_is_not_offered_stays_until_another_is_chosen(
    feed: Answering, monkeypatch: pytest.MonkeyPatch
):
    old = [Choice("partition", "old", "where the jobs wait", {"main": "no time limit"})]
    monkeypatch.setattr(launching, "choices", lambda _, backend: old)
    async with an_answering_app(feed).run_test(size=(80, 24)) as pilot:
        await at_the_cluster(pilot)
        assert "< old > of the parameter file; it is not offered here" in words(pilot.app)
        await pilot.press("tab", "right")
        await pilot.pause()
        assert "< main > no time limit" in words(pilot.app)


async def test_a_refusal_by_the_place_is_an_error_and_there_is_no_anyway(feed: Answering):
    feed.findings = [Finding("error", "the objective cannot run")]
    app = an_answering_app(feed)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_the_cluster(pilot)
        assert "Launch anyway" in words(app)  # the check may be wrong about another machine
        await pilot.press("tab", "tab", "1", "h")
        await pilot.pause()
        assert "✗ partition short: 10 m at most" in words(app)
        assert "Launch anyway" not in words(app)
        assert "✗ 2 ! 1" in words(app)  # also where the notes are not on the screen


async def test_a_finished_search_has_no_anyway(feed: Answering):
    feed.over = "t is finished: all 9 trials have finished"
    async with an_answering_app(feed).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert "✗ t is finished" in words(pilot.app)
        assert "Launch anyway" not in words(pilot.app)
        assert "found nothing wrong" not in words(pilot.app)


async def test_a_place_that_does_not_answer_is_a_warning(feed: Answering):
    feed.silent = "squeue does not answer within 10 s"
    app = an_answering_app(feed)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_the_cluster(pilot)
        assert "! squeue does not answer within 10 s" in words(app)
        assert "run --backend cluster --cores 16" in words(app)
        assert "asking" not in words(app)
        assert "partition" not in words(app)
        feed.silent = ""
        await pilot.press("up")
        await pilot.pause()
        assert "does not answer" not in words(app)


async def test_while_a_place_is_asked_the_form_says_so_and_goes_on(feed: Answering):
    feed.session = None  # nothing is answered
    app = an_answering_app(feed)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await pilot.pause()
        places = feed.asked[-1].then
        assert places is not None
        places(PLACES)
        form = await at_the_cluster_from(pilot)
        assert "asking cluster…" in words(app)
        asked = len(feed.asked)
        await pilot.press("up", "up", "up")
        await pilot.pause()
        assert value(form, "cores") == "19"
        assert len(feed.asked) == asked  # one question at a time


async def at_the_cluster_from(pilot: Pilot[None]) -> LaunchScreen:
    """Go to the second place of the form that is open."""
    await pilot.press("shift+tab", "j", "enter")
    await pilot.pause()
    form = pilot.app.screen
    assert isinstance(form, LaunchScreen)
    return form
