from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from textual._compositor import Compositor
from textual.widget import Widget

from tests.tui.app.scenes import NOW, PARAMS, Scene, an_app, finished
from tests.tui.views.overview_scenes import RUNNING, a_start, text_of
from trialdeck.core.history.state import State
from trialdeck.core.search import Look
from trialdeck.tui.views.overview import OverviewView
from trialdeck.tui.views.overview_chart import BestChart
from trialdeck.tui.widgets.running_list import RunningList

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from trialdeck.tui.seen import Seen


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the kinds of the widgets that ask to be painted, "screen" for what then is."""
    kinds: list[str] = []
    refresh, render_update = Widget.refresh, Compositor.render_update

    def refreshed(self: Widget, *regions: Any, **how: Any) -> Widget:
        kinds.append(type(self).__name__)
        return refresh(self, *regions, **how)

    def rendered(self: Compositor, *args: Any, **how: Any) -> Any:
        kinds.append("screen")
        return render_update(self, *args, **how)

    monkeypatch.setattr(Widget, "refresh", refreshed)
    monkeypatch.setattr(Compositor, "render_update", rendered)
    return kinds


async def calm(pilot: Pilot[None], painted: list[str]) -> None:
    """Wait until all that the start brings has been painted."""
    painted.append("the start")
    while painted:
        painted.clear()
        await pilot.pause(0.05)


async def test_nothing_is_painted_when_nothing_has_changed(painted: list[str]) -> None:
    async with (app := an_app(RUNNING.seen())).run_test(size=(80, 24)) as pilot:
        view = app.query_one(OverviewView)
        app.query_one(RunningList)._clock = lambda: NOW + 1000
        view.tick()
        await calm(pilot, painted)
        view.show(RUNNING.seen(look=view.seen.look, params=view.seen.params))
        view.tick()
        await pilot.pause()
        assert painted == []


async def test_only_ages_are_painted_when_time_passes(painted: list[str]) -> None:
    async with (app := an_app(RUNNING.seen())).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        running, view = app.query_one(RunningList), app.query_one(OverviewView)
        for seconds in (1000, 1060):
            await pilot.pause()
            painted.clear()
            running._clock = lambda now=NOW + seconds: now
            view.tick()
            await pilot.pause()
        assert set(painted) == {"RunningList", "screen"}
        assert "16 m" in text_of(app)


async def test_a_new_trial_costs_little_in_a_long_history() -> None:
    state = State()
    state.apply_all(event for tid in range(100_000) for event in (a_start(tid), finished(tid)))
    params = PARAMS.replace("max_trials = 50", "max_trials = 200_000")
    seen = Scene(params=params).seen()

    def looked() -> Seen:
        assert seen.look is not None
        look = Look(state.snapshot(), replace(seen.look.status, metric="auc"), (), ())
        return dataclasses.replace(seen, look=look)

    async with (app := an_app(looked())).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        view = app.query_one(OverviewView)
        (job,) = app.feed.asked  # type: ignore[attr-defined]
        job.then(job.work(None))
        seconds = []
        for tid in range(100_000, 100_100, 25):
            state.apply_all(e for t in range(tid, tid + 25) for e in (a_start(t), finished(t)))
            news, begun = looked(), time.process_time()
            view.show(news)
            seconds.append(time.process_time() - begun)
            await pilot.pause()
        assert app.query_one(BestChart).tid_at(100_100) == 100_099
        assert min(seconds) < 0.015
