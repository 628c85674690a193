"""The keys that steer cores, from any view: what they command, what they ask first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tui.app.scenes import WRITER, Scene, StillFeed, an_app, trials
from tests.tui.views.cores_scenes import (
    ONE_POOL,
    OTHER,
    TWO_POOLS,
    Steered,
    bare,
    eventually,
    launched,
    pool,
    said,
    seen_with,
    some_cores,
    words,
)
from trialdeck.core.history.commands import Pause
from trialdeck.tui import steering
from trialdeck.tui.pools import NO_CORES, pool_name
from trialdeck.tui.screens.confirm import Confirm
from trialdeck.tui.screens.launch import LaunchScreen
from trialdeck.tui.seen import Seen

__all__ = ["bare"]
pytestmark = pytest.mark.usefixtures("bare")


async def after(seen: Seen, *keys: str) -> tuple[list[tuple[Any, ...]], str, list[str]]:
    """Return what was commanded, the words on the screen, and what was said after some keys."""
    steered = Steered()
    app = an_app(seen, steered.session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        return steered.told, words(app), said(app)


async def test_presses_add_up_and_are_told_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(steering, "TELL_SECONDS", 1.0)  # a slow machine presses slowly
    steered = Steered()
    app = an_app(ONE_POOL, steered.session)
    async with app.run_test() as pilot:
        await pilot.press("plus", "plus", "minus", "plus")
        assert steered.told == [("resize", WRITER, cores) for cores in (4, 5, 4, 5)]
        await eventually(pilot, lambda: said(app))
        assert said(app) == ["local on amber: 3 → 5 cores"]


async def test_what_the_pool_says_counts_once_it_has_obeyed():
    app = an_app(ONE_POOL, Steered().session)
    async with app.run_test() as pilot:
        await pilot.press("plus", "plus")
        before = pool()
        assert steering.wanted_cores(app, before) == 5
        assert steering.wanted_cores(app, replace_cores(before, 4)) == 5  # on its way
        assert steering.wanted_cores(app, replace_cores(before, 5)) == 5
        assert steering.wanted_cores(app, replace_cores(before, 2)) == 2  # by somebody else


async def test_an_order_that_is_not_obeyed_is_forgotten(monkeypatch: pytest.MonkeyPatch):
    app = an_app(ONE_POOL, Steered().session)
    async with app.run_test() as pilot:
        await pilot.press("plus")
        monkeypatch.setattr(steering, "OBEYS_SECONDS", -1.0)
        assert steering.wanted_cores(app, pool()) == 3


def replace_cores(one: Any, cores: int) -> Any:
    return pool(one.id, cores)


async def test_an_order_that_cannot_be_given_is_taken_back():
    app = an_app(ONE_POOL)
    feed = app.feed
    assert isinstance(feed, StillFeed)
    async with app.run_test() as pilot:
        await pilot.press("plus")
        failed = feed.asked[-1].otherwise
        assert failed is not None
        failed("the command cannot be given: the disk is full")
        await pilot.pause()
        assert steering.wanted_cores(app, pool()) == 3
        assert said(app) == ["the command cannot be given: the disk is full"]


async def test_removing_the_last_core_asks_about_the_pool():
    told, shown, _ = await after(ONE_POOL, "minus", "minus", "minus")
    assert told == [("resize", WRITER, 2), ("resize", WRITER, 1)]
    assert "Stop the pool local on amber?" in shown
    told, _, spoken = await after(ONE_POOL, "minus", "minus", "minus", "enter")
    assert told[-1] == ("stop", [WRITER])
    assert "local on amber ends after its trials." in spoken


async def test_without_pools_plus_opens_the_form_and_minus_does_nothing():
    nothing = seen_with(())
    app = an_app(nothing)
    async with app.run_test() as pilot:
        await pilot.press("minus")
        assert said(app) == [NO_CORES]
        await pilot.press("plus")
        assert isinstance(app.screen, LaunchScreen)


async def test_with_several_pools_one_has_to_be_chosen():
    told, shown, spoken = await after(TWO_POOLS, "plus")
    assert told == []
    assert spoken == ["There are 2 pools: choose one, and press the key again."]
    assert "local on birch" in shown  # the view of the cores
    told, _, _ = await after(TWO_POOLS, "plus", "plus")
    assert told == [("resize", WRITER, 4)]


async def test_a_pool_that_stops_gets_no_more_cores():
    stopping = seen_with(some_cores(), (pool(state="stopping after the running trials"),))
    told, _, spoken = await after(stopping, "plus")
    assert told == []
    assert spoken == [
        "The pool local on amber is stopping after the running trials. n launches another."
    ]


async def test_stop_asks_when_it_is_for_all():
    told, shown, _ = await after(TWO_POOLS, "s")
    assert told == []
    assert "Stop all 2 pools?" in shown
    assert "1 launch that waits will be cancelled." in shown
    told, _, _ = await after(TWO_POOLS, "s", "y")
    assert told == [("stop", None)]


async def test_stop_now_says_what_is_lost_and_enter_is_harmless():
    told, shown, _ = await after(ONE_POOL, "S")
    assert "Stop the pool local on amber now?" in shown
    assert "2 running trials (8, 9) begin again from the last checkpoint" in shown
    told, _, _ = await after(ONE_POOL, "S", "enter")
    assert told == []
    told, _, spoken = await after(ONE_POOL, "S", "y")
    assert told == [("stop now", None)]
    assert spoken == ["1 pool told to stop now."]


async def test_stop_of_many_trials_only_counts_them():
    many = tuple(some_cores(OTHER, 2)) * 5
    _, shown, _ = await after(seen_with(many, (pool(OTHER, 10),)), "S")
    assert "10 running trials begin again" in shown
    idle = seen_with(some_cores()[2:], (pool(),))
    assert "No trial runs there now." in (await after(idle, "S"))[1]


async def test_nothing_to_stop():
    told, _, spoken = await after(seen_with(()), "s")
    assert (told, spoken) == ([], [NO_CORES])


async def test_only_launches_to_stop():
    waiting = seen_with((launched(),))
    told, shown, _ = await after(waiting, "s")
    assert "Cancel what is launched?" in shown
    told, _, _ = await after(waiting, "s", "y")
    assert told == [("stop", None)]


async def test_pause_and_go_on():
    told, _, spoken = await after(ONE_POOL, "p")
    assert told == [("pause",)]
    assert spoken == ["Paused: running trials finish, no more are started. p goes on."]
    paused = seen_with(some_cores(), (pool(),), paused=Pause(reason="by the user"))
    told, _, spoken = await after(paused, "p")
    assert (told, spoken) == ([("resume",)], ["The search goes on."])
    without = Scene(trials(3), paused=Pause(reason="by the user")).seen()
    assert (await after(without, "p"))[2] == [f"The search goes on. {NO_CORES}"]


async def test_no_search_to_pause():
    assert (await after(Seen(has_draft=True), "p"))[2] == ["There is no search to pause yet."]


async def test_the_question_closes_with_escape():
    app = an_app(ONE_POOL, Steered().session)
    async with app.run_test() as pilot:
        await pilot.press("S")
        assert isinstance(app.screen, Confirm)
        await pilot.press("escape")
        assert not isinstance(app.screen, Confirm)
        assert len(app.feed.asked) == 0  # type: ignore[attr-defined]


def test_a_pool_by_hand_has_a_name():
    assert pool_name(pool(backend="")) == "by hand on amber"
