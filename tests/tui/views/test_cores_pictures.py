"""What the views "Cores" and "Logs" and the launch form look like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.tui.app.scenes import NOW, an_app, core
from tests.tui.views.cores_scenes import (
    FAILURE,
    OTHER,
    bare,
    launched,
    pool,
    seen_with,
    some_cores,
)
from tests.tui.views.logs_scenes import SEEN, Logs, logs, output
from trialdeck.core.check import Finding
from trialdeck.tui import launching
from trialdeck.tui.launching import Place, Plan
from trialdeck.tui.views import cores_rows

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from trialdeck.tui.seen import Seen

__all__ = ["bare", "logs"]
pytestmark = pytest.mark.usefixtures("bare")

COMMAND = (
    "cd /home/me/tagging && setsid /usr/bin/python3 -P -m trialdeck.core "
    "/home/me/tagging/history/tagging --cores 4 --backend local --name 1123-142200-4f2a90 "
    "</dev/null >>/home/me/tagging/history/tagging/logs/pool-1123-142200-4f2a90.log 2>&1 &"
)


def timeless(seen: Seen) -> Seen:
    """Return it with a rate that does not fall while nothing finishes."""
    assert seen.look is not None
    status = msgspec.structs.replace(seen.look.status, trials_per_hour=360.0)
    return replace(seen, look=replace(seen.look, status=status))


@pytest.fixture
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores_rows, "rates_of", lambda _: {})
    monkeypatch.setattr("trialdeck.tui.views.cores.rates_of", lambda _: RATES)
    monkeypatch.setattr("trialdeck.tui.views.cores.time.time", lambda: NOW + 200)


RATES = {(core(0).writer, 0): 121.0, (core(0).writer, 1): 118.5, (OTHER, 0): 60.25}
CORES = (
    *some_cores(since=NOW + 120),
    *some_cores(OTHER, 2, host="birch", since=NOW + 20, beat_age=41.0),
)
POOLS = (pool(), pool(OTHER, 3, job="4711", state="running"))
FAILED = timeless(seen_with((*CORES, launched("failed", since=NOW, note=FAILURE)), POOLS))
WAITING = timeless(seen_with((*CORES, launched(since=NOW, note="(Priority)")), POOLS))


@pytest.mark.usefixtures("_still_clock")
@pytest.mark.parametrize(
    ("seen", "size", "theme"),
    [
        pytest.param(FAILED, (80, 24), "textual-dark", id="failed"),
        pytest.param(WAITING, (120, 30), "textual-light", id="waiting"),
    ],
)
def test_cores(snap_compare: Any, seen: Seen, size: tuple[int, int], theme: str):
    async def prepare(pilot: Pilot[None]) -> None:
        pilot.app.theme = theme
        await pilot.press("4", "G")
        await pilot.pause()

    assert snap_compare(an_app(seen), terminal_size=size, run_before=prepare)


def test_the_launch_form(snap_compare: Any, monkeypatch: pytest.MonkeyPatch):
    places = [Place("local", "This machine: a pool is a process that outlives the terminal.", 4)]
    found = [
        Finding("error", "the objective train.py:train cannot run: ModuleNotFoundError: torch"),
        Finding("warning", "history/tagging: only 812 MiB of disk are free"),
    ]
    monkeypatch.setattr(launching, "places", lambda _: places)
    monkeypatch.setattr(launching, "findings", lambda _: found)
    warnings = ("4 cores share 2 CPUs: each trial takes longer.",)
    monkeypatch.setattr(launching, "plan", lambda *_: Plan(COMMAND, warnings))

    async def prepare(pilot: Pilot[None]) -> None:
        await pilot.press("4", "n")
        await pilot.pause()
        await pilot.pause()

    session: Any = object()
    app = an_app(seen_with(()), session)
    assert snap_compare(app, terminal_size=(80, 24), run_before=prepare)


def test_the_question_before_trials_are_lost(snap_compare: Any):
    app = an_app(SEEN)
    assert snap_compare(app, terminal_size=(80, 24), press=["S"])


@pytest.mark.parametrize("size", [(80, 24), (140, 30)], ids=["narrow", "wide"])
def test_logs(snap_compare: Any, logs: Logs, size: tuple[int, int]):
    logs.write(output(last=5, epochs=6) + "\x1b[32mnow\x1b[0m " + "a long line " * 12 + "\n 40%")
    logs.write(output(), core=1)

    async def prepare(pilot: Pilot[None]) -> None:
        await pilot.press("5")
        await pilot.pause()
        await pilot.press("slash", *"of trial 4", "enter")
        await pilot.pause()
        await pilot.pause()

    assert snap_compare(an_app(SEEN, logs.session), terminal_size=size, run_before=prepare)
