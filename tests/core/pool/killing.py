"""Random kills: a search under fire, for the test and for the long run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.conditions import until
from tests.searching import start_pool
from trialdeck.backends.process import descendants, identify

if TYPE_CHECKING:
    from trialdeck.backends.process import ProcessId
    from trialdeck.core.search import Search


@dataclass
class Toll:
    """What was killed, and who was ever seen."""

    pools: int = 0
    others: int = 0
    stops: int = 0  # how often all pools were told to stop, and others started afterwards
    freezes: int = 0  # how often a pool stood still for a while
    seen: set[ProcessId] = field(default_factory=set)
    results: dict[int, float | None] = field(
        default_factory=dict
    )  # whatever was seen to be settled


def under_fire(
    search: Search, *, pools: int, cores: int, kills: int, seed: int, stops: int = 0
) -> Toll:
    """Run a search to its end while random processes of it are killed with -9.

    Between them, all pools are told to stop `stops` times, and pools stand still for a while. After
    `kills` random kills and that it is left alone. Pools that ended are started again. A result
    that was seen once is there at the end, as it was.
    """
    rng, toll = random.Random(seed), Toll()
    running: list[subprocess.Popen[bytes]] = [start_pool(search, cores) for _ in range(pools)]
    try:
        while search.status().state != "finished":
            for number, pool in enumerate(running):
                if pool.poll() is not None:
                    running[number] = start_pool(search, cores)
            toll.seen.update(p for pool in running for p in descendants(pool.pid))
            _remember(search, toll)
            if search.snapshot().counts.running:
                if toll.pools + toll.others < kills:
                    _kill_one(running, rng, toll)
                if toll.stops < stops and rng.random() < 2 * stops / (kills + 1):
                    _stop_all(search, running, rng, toll)
            _let_it_work(search, rng.uniform(0.05, 0.5))
        for pool in running:
            pool.wait(30)
    finally:
        for pool in running:
            pool.kill()
            pool.wait()
    until(lambda: not [p for p in toll.seen if _lives(p)], 15, "processes are left over")
    trials = search.snapshot().trials
    assert {tid: trials[tid].loss for tid in toll.results} == toll.results
    return toll


def _remember(search, toll):
    """Note what is settled; what was settled before is as it was."""
    settled = {t.tid: t.loss for t in search.snapshot().trials.values() if t.state.settled}
    assert toll.results.items() <= settled.items()
    toll.results = settled


def _stop_all(search, running, rng, toll):
    """Tell all pools to stop, now or after their trials; or have one stand still for a moment."""
    if rng.random() < 0.3:
        frozen = rng.choice(running)
        if frozen.poll() is None:
            toll.freezes += 1
            frozen.send_signal(signal.SIGSTOP)
            _let_it_work(search, rng.uniform(0.2, 1.0))
            frozen.send_signal(signal.SIGCONT)
        return
    toll.stops += 1
    search.stop(now=rng.random() < 0.5)
    for pool in running:
        if search.launcher.pools() and pool.poll() is None:
            _ended(pool)


def _ended(pool):
    """Wait for a pool that was told to stop; one that began after the word never heard it."""
    try:
        pool.wait(5)
    except subprocess.TimeoutExpired:
        pool.kill()
        pool.wait()


def _kill_one(running, rng, toll):
    pool = rng.choice(running)
    below = descendants(pool.pid) if pool.poll() is None else []
    if not below:
        return  # it has only just been started
    if rng.random() < 0.3:
        toll.pools += 1
        os.kill(pool.pid, signal.SIGKILL)
        pool.wait()
        return
    victim = rng.choice(below)
    if identify(victim.pid) == victim:
        with suppress(ProcessLookupError):
            os.kill(victim.pid, signal.SIGKILL)
            toll.others += 1


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
