from __future__ import annotations

from typing import Any

import pytest

from tests.tui.app.scenes import PARAMS, Scene, an_app, core, finished, started, trials
from tests.tui.views.overview_scenes import (
    FINISHED,
    HAPPENINGS,
    PAUSED,
    RUNNING,
    a_start,
    said,
    text_of,
)
from trialdeck.core.happenings import Happening
from trialdeck.core.history.commands import Pause
from trialdeck.tui.messages import OpenTrial
from trialdeck.tui.seen import Seen
from trialdeck.tui.views.overview import OverviewView
from trialdeck.tui.views.overview_chart import MANY, BestChart
from trialdeck.tui.views.overview_notice import Notice
from trialdeck.tui.widgets.best_point import BestPoint
from trialdeck.tui.widgets.event_list import EventList
from trialdeck.tui.widgets.running_list import RunningList


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the trials that were opened; the view that shows them is not wanted here."""
    tids: list[int] = []
    real = OverviewView.post_message

    def post(self: OverviewView, message: Any) -> bool:
        if isinstance(message, OpenTrial):
            tids.append(message.tid)
            return True
        return real(self, message)

    monkeypatch.setattr(OverviewView, "post_message", post)
    return tids


async def test_everything_is_on_a_small_screen() -> None:
    async with (app := an_app(RUNNING.seen())).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        text = text_of(app)
        for part in (
            "9 of 50 trials",
            "best auc 0.9795 (trial 5)",
            "▸ 10",
            "▸ 12",
            "local 3 training",
            "trial 9 is the best so far",
            "a pool on amber has begun",
        ):
            assert part in text
        assert text.index("trial 9 is the best") < text.index("trial 4 has failed")


async def test_tab_goes_from_part_to_part() -> None:
    async with (app := an_app(RUNNING.seen())).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        visited = []
        for _ in range(4):
            assert app.focused is not None
            visited.append(app.focused.id)
            await pilot.press("tab")
        assert visited == ["chart", "running", "events", "chart"]


async def test_enter_opens_a_running_trial_and_that_of_an_event(opened: list[int]) -> None:
    async with (app := an_app(RUNNING.seen())).run_test(size=(80, 24)) as pilot:
        app.query_one(RunningList).focus()
        await pilot.press("j", "enter")
        app.query_one(EventList).focus()
        await pilot.press("down", "enter", "down", "enter")  # the last is about no trial
        await pilot.pause()
        assert opened == [11, 4]


async def test_the_last_failure_is_one_key_away(opened: list[int]) -> None:
    async with (app := an_app(PAUSED.seen())).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "f shows the last failure" in text_of(app)
        assert "p resumes" in text_of(app)
        await pilot.press("f")
        await pilot.pause()
        assert opened == [8]


async def test_without_failures_there_is_none_to_show(opened: list[int]) -> None:
    async with (app := an_app(Scene(trials(3)).seen())).run_test(size=(80, 24)) as pilot:
        await pilot.press("f")
        await pilot.pause()
        assert said(app) == ["No trial has failed."]
        assert opened == []


async def test_y_copies_the_best_point() -> None:
    async with (app := an_app(FINISHED.seen())).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.query_one(BestPoint).display
        assert not app.query_one(RunningList).display
        await pilot.press("y")
        await pilot.pause()
        best = FINISHED.seen().status.best  # type: ignore[union-attr]
        assert best is not None
        assert app.clipboard.startswith("[fixed]\n")
        assert f"layers = {best.params['layers']}" in app.clipboard
        assert said(app) == [f"Copied trial {best.tid} as a [fixed] table."]


async def test_there_may_be_nothing_to_copy() -> None:
    async with (app := an_app(Scene().seen())).run_test(size=(80, 24)) as pilot:
        await pilot.press("y")
        await pilot.pause()
        assert said(app) == ["No trial has succeeded yet."]
        assert app.clipboard == ""


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Seen(has_draft=True), "Nothing has run yet."),
        (Seen(has_draft=True), "n launches cores"),
        (Seen(name="tagging", reading=True), "Reading the history …"),
        (Seen(has_draft=True, trouble='[space] "layers": low > high'), '"layers": low > high'),
        (Scene().seen(), "3 edits the space"),
        (Scene(cores=(core(0, "starting"),)).seen(), "The first trials are about to start."),
    ],
)
async def test_where_there_is_nothing_it_says_what_to_do(seen: Seen, expected: str) -> None:
    async with (app := an_app(seen)).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert expected in text_of(app)


async def test_the_notice_goes_when_trials_come() -> None:
    async with (app := an_app(Seen(name="tagging", reading=True))).run_test() as pilot:
        await pilot.pause()
        assert app.query_one(Notice).display
        app.feed.show(RUNNING.seen())  # type: ignore[attr-defined]
        await pilot.pause()
        assert not app.query_one(Notice).display
        assert app.query_one(RunningList).display


async def test_parts_stand_side_by_side_where_there_is_room() -> None:
    async with (app := an_app(RUNNING.seen())).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        running, events = app.query_one(RunningList), app.query_one(EventList)
        assert events.region.y >= running.region.bottom
        await pilot.resize_terminal(140, 45)
        await pilot.pause()
        assert events.region.x >= running.region.right
        assert app.query_one("#chart").size.height > 20


async def test_the_chart_keeps_some_lines_below_a_long_reason() -> None:
    reason = "5 trials in a row failed with the same error: " + "out of luck " * 20
    scene = Scene(
        trials(30, failed=tuple(range(5, 30))), paused=Pause(reason=reason), happenings=HAPPENINGS
    )
    async with (app := an_app(scene.seen())).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.query_one("#chart").size.height >= 6
        assert app.query_one(EventList).region.bottom <= 23


async def test_markup_in_names_is_text(opened: list[int]) -> None:
    scene = Scene(
        [*trials(3), started(3)],
        cores=(core(0, tid=3, host="[red]ho\x1b[31mst"),),
        params=PARAMS.replace('"auc"', '"[b]a\\u001buc"'),
        happenings=(Happening(0.0, "failed", 1, "[/] nothing"),),
    )
    async with (app := an_app(scene.seen())).run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert "[/] nothing" in text_of(app)
        assert "[red]ho" in text_of(app)


async def test_the_crosshair_names_a_trial_and_enter_opens_it(opened: list[int]) -> None:
    async with (app := an_app(RUNNING.seen())).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("end")
        assert "trial 9  auc 0.9771  layers 5  learning_rate 0.0002358" in text_of(app)
        await pilot.press("left", "enter")
        await pilot.pause()
        assert opened == [8]


async def test_a_long_history_is_put_in_order_elsewhere() -> None:
    events = [event for tid in range(MANY + 1) for event in (a_start(tid), finished(tid))]
    seen = Scene(events).seen()
    async with (app := an_app(seen)).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert f"sorting {MANY + 1} trials" in text_of(app)
        (job,) = app.feed.asked  # type: ignore[attr-defined]
        assert job.then is not None
        job.then(job.work(None))
        await pilot.pause()
        assert "auc by finished trials" in text_of(app)


async def test_the_chart_has_logarithmic_axes_and_zoom() -> None:
    async with (app := an_app(RUNNING.seen())).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        chart = app.query_one(BestChart)
        await pilot.press("x", "v")
        assert chart.log_x
        assert chart.log_y
        whole = text_of(app)
        await pilot.press("z")
        await pilot.pause()
        assert text_of(app) != whole
        await pilot.press("0")
        await pilot.pause()
        assert text_of(app) == whole
