"""What the views "Cores" and "Logs" and the launch form look like."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.tui.app.scenes import NOW, an_app, core
from tests.tui.views.cores_scenes import (
    ARRAY,
    FAILURE,
    OTHER,
    STUCK,
    an_array,
    bare,
    launched,
    pool,
    seen_with,
    some_cores,
)
from tests.tui.views.logs_scenes import SEEN, Logs, logs, output

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from trialdeck.tui.seen import Seen

__all__ = ["bare", "logs"]
pytestmark = pytest.mark.usefixtures("bare")


def timeless(seen: Seen) -> Seen:
    """Return it with a rate that does not fall while nothing finishes."""
    assert seen.look is not None
    status = msgspec.structs.replace(seen.look.status, trials_per_hour=360.0)
    return replace(seen, look=replace(seen.look, status=status))


@pytest.fixture
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trialdeck.tui.views.cores.rates_of", lambda _: RATES)
    monkeypatch.setattr("trialdeck.tui.views.cores.time.time", lambda: NOW + 200)


def keys_to(seen: Seen) -> list[str]:
    """Return what selects the row that there is something to say about."""
    return ["g", "j"] if seen is MANY else ["G"]


RATES = {(core(0).writer, 0): 121.0, (core(0).writer, 1): 118.5, (OTHER, 0): 60.25}
CORES = (
    *some_cores(since=NOW + 120),
    *some_cores(OTHER, 2, host="birch", since=NOW + 20, beat_age=41.0),
)
POOLS = (pool(), pool(OTHER, 3, job="4711", state="running"))
FAILED = timeless(seen_with((*CORES, launched("failed", since=NOW, note=FAILURE)), POOLS))
MANY = timeless(
    seen_with(
        *an_array(
            3,
            stuck=STUCK,
            reserve="144 jobs take the place of those that end",
            starting="",
        ),
        (ARRAY,),
    )
)
WAITING = timeless(seen_with((*CORES, launched(since=NOW, note="(Priority)")), POOLS))


@pytest.mark.usefixtures("_still_clock")
@pytest.mark.parametrize(
    ("seen", "size", "theme"),
    [
        pytest.param(FAILED, (80, 24), "textual-dark", id="failed"),
        pytest.param(WAITING, (120, 30), "textual-light", id="waiting"),
        pytest.param(MANY, (80, 24), "textual-dark", id="several-jobs"),
    ],
)
def test_cores(snap_compare: Any, seen: Seen, size: tuple[int, int], theme: str):
    async def prepare(pilot: Pilot[None]) -> None:
        pilot.app.theme = theme
        await pilot.press("4", *keys_to(seen))
        await pilot.pause()

    assert snap_compare(an_app(seen), terminal_size=size, run_before=prepare)


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
