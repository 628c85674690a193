"""Processes that stand still for longer than others believe in them, and then go on."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conditions import until
from tests.core.pool.exactly import assert_exact, results
from tests.core.pool.faulty import a_faulty_pool
from tests.searching import searching, wait_for
from trialdeck.backends.process import descendants, identify
from trialdeck.core.history.reader import History

if TYPE_CHECKING:
    from trialdeck.core.search import Search


def a_zombie(folder: Path, budget: int, *, whole: bool) -> None:
    """Freeze a pool (with `whole` all below it too), have another take over, and thaw it.

    The trials that ran when it was frozen are superseded, and everything counts once.
    """
    search = searching(folder, "slow", budget, fixed="seconds = 0.1")
    with a_faulty_pool(search, "none:0") as zombie:
        wait_for(search, lambda s: s.counts.running == 2)
        (pool,) = search.launcher.pools()
        frozen = freeze(zombie.pid, whole=whole)
        snapshot = search.snapshot()
        caught = {t for t in snapshot.unfinished if snapshot.trials[t].state == "running"}
        assert caught
        with a_faulty_pool(search, "none:0", TRIALDECK_STALE_SECONDS="1.5") as other:
            until(lambda: _others_ran(search, pool.id, caught), 30, "a takeover")
            before = results(search.snapshot())
            thaw(frozen)
            assert zombie.wait(30) == other.wait(30) == 0
    assert_exact(search, budget, before)
    for tid in caught:
        trial = search.snapshot().trials[tid]
        assert [a.state for a in trial.attempts] == ["superseded", "ok"]
        assert trial.writer != pool.id


def stands_still(pid: int) -> bool:
    """Whether a process is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def freeze(pid: int, *, whole: bool) -> list[int]:
    """Stop a process, and with `whole` all below it; return their numbers, the parent first."""
    os.kill(pid, signal.SIGSTOP)
    below = [process.pid for process in descendants(pid)] if whole else []
    for number in below:
        os.kill(number, signal.SIGSTOP)
    return [pid, *below]


def thaw(pids: list[int]) -> None:
    """Let processes go on, the last first."""
    for pid in reversed(pids):
        if identify(pid) is not None:
            os.kill(pid, signal.SIGCONT)


def _others_ran(search: Search, pool: str, tids: set[int]) -> bool:
    trials = History(search.paths).refresh().trials
    return all(trials[tid].state == "ok" and trials[tid].writer != pool for tid in tids)
