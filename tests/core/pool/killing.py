"""Random kills: a search under fire, for the test and for the long run."""

from __future__ import annotations

import os
import random
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.conditions import until
from tests.searching import start_pool
from trialdeck.backends.process import descendants, identify

if TYPE_CHECKING:
    import subprocess

    from trialdeck.backends.process import ProcessId
    from trialdeck.core.search import Search


@dataclass
class Toll:
    """What was killed, and who was ever seen."""

    pools: int = 0
    others: int = 0
    seen: set[ProcessId] = None  # type: ignore[assignment]  # set below

    def __post_init__(self):
        self.seen = set()


def under_fire(search: Search, *, pools: int, cores: int, kills: int, seed: int) -> Toll:
    """Run a search to its end while random processes of it are killed with -9.

    After each `kills` random kills it is left alone. Pools that died are started again.
    """
    rng, toll = random.Random(seed), Toll()
    running: list[subprocess.Popen[bytes]] = [start_pool(search, cores) for _ in range(pools)]
    try:
        while search.status().state != "finished":
            for number, pool in enumerate(running):
                if pool.poll() is not None:
                    running[number] = start_pool(search, cores)
            toll.seen.update(p for pool in running for p in descendants(pool.pid))
            if toll.pools + toll.others < kills and search.snapshot().counts.running:
                _kill_one(running, rng, toll)
            _let_it_work(search, rng.uniform(0.05, 0.5))
        for pool in running:
            pool.wait(30)
    finally:
        for pool in running:
            pool.kill()
            pool.wait()
    until(lambda: not [p for p in toll.seen if _lives(p)], 15, "processes are left over")
    return toll


def _kill_one(running, rng, toll):
    pool = rng.choice(running)
    below = descendants(pool.pid)
    if not below:
        return  # it has only just been started
    if rng.random() < 0.3:
        toll.pools += 1
        os.kill(pool.pid, signal.SIGKILL)
        pool.wait()
        return
    victim = rng.choice(below)
    if identify(victim.pid) == victim:
        toll.others += 1
        os.kill(victim.pid, signal.SIGKILL)


def _let_it_work(search, seconds):
    """Wait for `seconds`, or until another trial has finished."""
    before = search.snapshot().counts.finished
    with_patience = max(1, int(seconds / 0.05))
    looks = iter(range(with_patience))
    until(
        lambda: next(looks, None) is None or search.snapshot().counts.finished > before,
        30,
        "a while",
    )


def _lives(process):
    return identify(process.pid) == process
