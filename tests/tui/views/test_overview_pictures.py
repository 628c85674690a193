from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.app.scenes import NOW, an_app
from tests.tui.views.cores_scenes import STUCK, said_by_status
from tests.tui.views.overview_scenes import FINISHED, HAPPENINGS, PAUSED, RUNNING, timeless
from trialdeck.core.history.commands import Pause
from trialdeck.tui.seen import Seen
from trialdeck.tui.views.overview import OverviewView
from trialdeck.tui.widgets.running_list import RunningList

if TYPE_CHECKING:
    from textual.pilot import Pilot

REASON = "2 trials in a row failed with the same error: trial 8, error: RuntimeError: out of luck"
SILENCE = (
    "slurm cannot be asked: squeue does not answer within 10 s; shown is what was known at 9:41"
)
NOTICED = said_by_status(
    timeless(RUNNING), stuck=f"2 jobs on slurm cannot start: {STUCK}", silent=SILENCE
)
LONG_PAUSED = dataclasses.replace(
    PAUSED, happenings=HAPPENINGS, paused=Pause(reason=REASON, kind="failures")
)


@pytest.mark.parametrize(
    ("seen", "size", "theme"),
    [
        pytest.param(timeless(RUNNING), (80, 24), "textual-dark", id="running"),
        pytest.param(timeless(RUNNING), (120, 40), "textual-dark", id="running-wide"),
        pytest.param(timeless(FINISHED), (80, 24), "textual-light", id="finished"),
        pytest.param(Seen(has_draft=True), (80, 24), "textual-dark", id="empty"),
        pytest.param(timeless(LONG_PAUSED), (80, 24), "textual-dark", id="paused"),
        pytest.param(NOTICED, (80, 24), "textual-dark", id="stuck-and-silent"),
    ],
)
def test_it_looks_as_it_should(
    snap_compare: Any, seen: Seen, size: tuple[int, int], theme: str
) -> None:
    async def prepare(pilot: Pilot[None]) -> None:
        pilot.app.theme = theme
        await pilot.pause()
        pilot.app.query_one(RunningList)._clock = lambda: NOW + 300
        pilot.app.query_one(OverviewView).tick()
        await pilot.press("end")

    assert snap_compare(an_app(seen), terminal_size=size, run_before=prepare)
