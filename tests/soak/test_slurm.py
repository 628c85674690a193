"""Searches on a cluster where everything goes wrong, and while nobody looks: ``make soak``."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from tests.searching import searching

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.slurm import Cluster
    from trialdeck.core.search import Search

TABLE = """
[backends.slurm]
partition = "low"
time = "{time}"
memory = "100M"
refill = 10
"""


class Chaos:
    """Preempts, requeues and cancels jobs, takes a node down, restarts the controller."""

    def __init__(self, cluster: Cluster, seed: int) -> None:
        self.cluster = cluster
        self.rng = random.Random(seed)
        self.toll: Counter[str] = Counter()
        self.calm = threading.Event()  # never set: time for what was done to have its effect

    def rage(self) -> None:
        """Do the next bad thing."""
        deeds = (self.preempt, self.requeue, self.cancel, self.requeue, self.node, self.restart)
        deed = deeds[self.toll.total() % len(deeds)]
        deed()
        self.toll[deed.__name__] += 1
        self.calm.wait(2.0)

    def _running(self) -> list[str]:
        return [job for job in self.cluster.jobs(states="R") if "_" in job]

    def preempt(self) -> None:
        hog = self.cluster.preempt(self.rng.choice(("node1", "node2")))
        self.calm.wait(4.0)
        self.cluster.run("scancel", hog)
        self.go_on()

    def requeue(self) -> None:
        if running := self._running():
            self.cluster.run("scontrol", "requeue", self.rng.choice(running))
            self.calm.wait(1.0)
            self.go_on()

    def cancel(self) -> None:
        if running := self._running():
            self.cluster.run("scancel", self.rng.choice(running))

    def node(self) -> None:
        self.cluster.node_down("node2")
        self.calm.wait(2.0)
        self.cluster.node_up("node2")
        self.go_on()

    def restart(self) -> None:
        self.cluster.stop_controller()
        self.calm.wait(2.0)
        self.cluster.start_controller()

    def go_on(self) -> None:
        """Spare us the two minutes that Slurm waits before it starts a requeued job again."""
        for job in {job.partition("_")[0] for job in self.cluster.jobs(states="PD")}:
            self.cluster.requeue_now(job)


def slow_search(folder: Path, trials: int, seconds: float, time: str, cores: str = "") -> Search:
    """Return a search whose trials take so many seconds, in jobs that have so much time."""
    table = TABLE.format(time=time)
    return searching(folder, "slow", trials, cores=cores, fixed=f"seconds = {seconds}", space=table)


def told_once(search: Search, trials: int) -> bool:
    """Whether every trial of the budget has exactly one result."""
    snapshot = search.snapshot()
    once = all([a.state for a in t.attempts].count("ok") == 1 for t in snapshot.trials.values())
    return once and sorted(snapshot.trials) == list(range(trials)) and len(search.trials) == trials


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_two_hundred_trials_while_everything_goes_wrong(tmp_path: Path, cluster: Cluster) -> None:
    search = slow_search(tmp_path, 200, 3.0, "10m", cores="retries = 1000\ngrace = 2")
    began = time.monotonic()
    search.launch("slurm", 16)
    until(lambda: search.status().running >= 8, 60)
    chaos = Chaos(cluster, seed=1)

    def all_finished() -> bool:
        chaos.rage()
        return search.snapshot().counts.finished == 200

    until(all_finished, 900, lambda: str(search.status()))
    print(f"{dict(chaos.toll)} in {time.monotonic() - began:.0f} s, {told(search)}")
    assert told_once(search, 200)


def told(search: Search) -> dict[str, int]:
    """Return how attempts ended, and how often."""
    found = (a for trial in search.snapshot().trials.values() for a in trial.attempts)
    return dict(Counter(f"{a.state} {a.cause}".strip() for a in found))


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_minute_a_job_and_nobody_looks(tmp_path: Path, cluster: Cluster) -> None:
    search = slow_search(tmp_path, 100, 5.0, "1m")
    began = time.monotonic()
    search.launch("slurm", 4)
    until(lambda: not cluster.jobs(), 600, lambda: str(cluster.jobs()))
    print(f"{time.monotonic() - began:.0f} s, {told(search)}")
    assert told_once(search, 100)
