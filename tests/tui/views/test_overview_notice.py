"""What the overview says of launches that cannot start, and of places that do not answer."""

from __future__ import annotations

import pytest

from tests.tui.app.scenes import StillFeed, an_app
from tests.tui.views.cores_scenes import STUCK, said_by_status, words
from tests.tui.views.overview_scenes import RUNNING
from trialdeck.tui.seen import Seen
from trialdeck.tui.views.overview_notice import Notice, alerts, beginning

SEEN = RUNNING.seen()
STUCK_JOBS = f"2 jobs on slurm cannot start: {STUCK}"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"stuck": STUCK_JOBS}, f"✗ {STUCK_JOBS}."),
        ({"silent": "slurm cannot be asked: it rests"}, "! Slurm cannot be asked: it rests."),
    ],
    ids=["stuck", "silent"],
)
async def test_it_is_said_beside_the_chart_and_goes_away_by_itself(
    fields: dict[str, str], text: str
) -> None:
    app = an_app(SEEN)
    feed = app.feed
    assert isinstance(feed, StillFeed)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        feed.show(said_by_status(SEEN, **fields))
        await pilot.pause()
        await pilot.pause()
        shown = words(app)
        assert text in shown
        assert "running !" in shown
        assert "best so far" in shown  # the chart
        feed.show(SEEN)
        await pilot.pause()
        await pilot.pause()
        assert not app.query_one(Notice).display
        assert "running !" not in words(app)
        assert text not in words(app)
        assert "9 of 50 trials" in words(app)


async def test_what_keeps_everything_from_running_is_said_once_as_an_error() -> None:
    waiting = said_by_status(SEEN, state="waiting", reason=STUCK_JOBS, stuck=STUCK_JOBS)
    assert alerts(waiting) == []
    async with an_app(waiting).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert words(pilot.app).count("2 jobs on slurm cannot start") == 1
        assert f"✗ {STUCK_JOBS}." in words(pilot.app)
        assert "4 shows the cores" in words(pilot.app)


async def test_why_nothing_is_pruned() -> None:
    async with an_app(said_by_status(SEEN, unpruned="nothing can be pruned: why")).run_test() as on:
        await on.pause()
        assert "! Nothing can be pruned: why." in words(on.app)


def test_what_waits_for_a_scheduler_is_not_about_to_start() -> None:
    queued = said_by_status(SEEN, state="waiting")
    assert beginning(queued) == []
    assert beginning(Seen(has_draft=True))[0].text == "Nothing has run yet."
