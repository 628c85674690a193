"""The application steers real cores of a real search, by its keys."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from textual.widgets import Input

from tests.conditions import until
from tests.tui.views.cores_scenes import eventually, screen, words
from trialdeck.core.history.commands import read as commands_of
from trialdeck.core.params.starter import demo
from trialdeck.core.params.write import set_values
from trialdeck.tui.app import TrialdeckApp
from trialdeck.tui.deck import Deck
from trialdeck.tui.feed import LiveFeed
from trialdeck.tui.pools import pools_of
from trialdeck.tui.screens.launch import LaunchScreen
from trialdeck.tui.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from trialdeck.core.history.writers import WriterFile

LONG = 30.0  # seconds; Python starts in them even where much else runs


@contextmanager
def a_session(folder: Path, seconds: float) -> Iterator[Session]:
    """Make a search whose trials take so long; end whatever still runs of it afterwards."""
    file = folder / "params.toml"
    file.write_text(set_values(demo(), {"fixed.seconds": seconds, "search.max_trials": 10_000}))
    session = Session(Deck(file))
    try:
        yield session
    finally:
        if (search := session.find()) is not None:
            search.snapshot()
            search.launcher.cancel_pending()
            for pool in search.launcher.pools():
                with suppress(ProcessLookupError):
                    os.kill(pool.identity.pid, signal.SIGKILL)


def pools(pilot: Pilot[None]) -> tuple[WriterFile, ...]:
    assert isinstance(pilot.app, TrialdeckApp)
    return pools_of(pilot.app.seen)


def cores(pilot: Pilot[None]) -> list[int]:
    """Return how many cores each pool says that it is to have."""
    return [pool.cores_wanted for pool in pools(pilot)]


async def launch(pilot: Pilot[None], count: int) -> None:
    """Launch cores by the form, and wait for the pool."""
    await eventually(pilot, lambda: not pilot.app.seen.reading, LONG)  # type: ignore[attr-defined]
    await pilot.press("n")
    await eventually(pilot, lambda: isinstance(pilot.app.screen, LaunchScreen))
    field = pilot.app.screen.query_one("#cores", Input)
    await eventually(pilot, lambda: field.value)
    await pilot.press(*["backspace"] * len(field.value), str(count))
    await eventually(pilot, lambda: f"--cores {count}" in words(pilot.app))
    await pilot.press("enter")
    await eventually(pilot, lambda: not isinstance(pilot.app.screen, LaunchScreen), LONG)
    await eventually(pilot, lambda: cores(pilot) == [count], LONG)


async def test_launch_add_remove_and_stop(tmp_path: Path):
    with a_session(tmp_path, seconds=0.05) as session:
        app = TrialdeckApp(LiveFeed(session))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("4")
            await launch(pilot, 1)
            assert session.search.revision == 1  # the draft was published
            await eventually(pilot, lambda: "training" in screen(app), LONG)
            await pilot.press("plus", "plus")
            await pilot.pause()
            assert "1 → 3 cores" in screen(app)
            await eventually(pilot, lambda: cores(pilot) == [3], LONG)
            await eventually(pilot, lambda: "3 cores in 1 pool" in screen(app), LONG)
            await pilot.press("minus")
            await eventually(pilot, lambda: cores(pilot) == [2], LONG)
            await pilot.press("s")
            await eventually(pilot, lambda: not pools(pilot), LONG)
            await eventually(pilot, lambda: "n launches some." in screen(app))
            trials = app.seen.snapshot.trials.values()
            assert any(trial.state.settled for trial in trials)
            assert not any(trial.state == "interrupted" for trial in trials)


async def test_stop_now_interrupts_and_pause_pauses(tmp_path: Path):
    with a_session(tmp_path, seconds=60) as session:
        app = TrialdeckApp(LiveFeed(session))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("4")
            await launch(pilot, 2)
            await eventually(pilot, lambda: app.seen.snapshot.counts.running == 2, LONG)
            paths = session.search.paths
            await pilot.press("p")
            await eventually(pilot, lambda: commands_of(paths, "").paused)
            await eventually(pilot, lambda: app.seen.status.paused_kind == "user")
            await pilot.press("p")
            await eventually(pilot, lambda: commands_of(paths, "").paused is None)
            await eventually(pilot, lambda: not app.seen.status.paused_kind)
            await eventually(pilot, lambda: all(core.tid is not None for core in app.seen.cores))
            first, second = sorted(core.tid for core in app.seen.cores)
            await pilot.press("S")
            assert f"2 running trials ({first}, {second}) begin again" in words(app)
            await pilot.press("y")
            await eventually(pilot, lambda: not pools(pilot), LONG)
            counts = app.seen.snapshot.counts
            assert (counts.running, counts.interrupted) == (0, 2)


async def test_a_core_is_read_while_it_trains(tmp_path: Path):
    with a_session(tmp_path, seconds=0.05) as session:
        app = TrialdeckApp(LiveFeed(session))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("4")
            await launch(pilot, 1)
            await eventually(pilot, lambda: "training" in screen(app), LONG)
            await pilot.press("j", "enter")
            await eventually(pilot, lambda: "--- trial 0 attempt 0 ---" in screen(app), LONG)
            tid = app.seen.snapshot.highest_tid + 3
            await eventually(pilot, lambda: f"--- trial {tid} attempt" in screen(app), LONG)
            log = session.search.paths.log(pools(pilot)[0].id, 0)
            assert until(lambda: f"--- trial {tid} " in log.read_text())
