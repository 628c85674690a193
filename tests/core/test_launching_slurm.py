"""Launches on a real Slurm: what is shown of them at every moment, and what can be done to them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from tests.searching import project
from trialdeck.core.asking import WAIT_SECONDS
from trialdeck.core.errors import LaunchError
from trialdeck.core.searches import start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.services.slurm import Cluster
    from trialdeck.core.launching import Core
    from trialdeck.core.search import Search

TABLE = """
[backends.slurm]
partition = "main"
time = "10m"
memory = "200M"
cores_per_job = 2
refill = 2
"""
LONG = 60.0


@pytest.fixture
def make(
    tmp_path: Path, slurm: Cluster, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Search]]:
    for key, value in slurm.environment.items():
        monkeypatch.setenv(key, value)

    made = []

    def made_search(objective: str, trials: int = 1000) -> Search:
        made.append(start(project(tmp_path, objective, trials, space=TABLE)))
        return made[0]

    yield made_search
    for search in made:
        slurm.reset()
        until(lambda: not living(search), LONG)  # noqa: B023 - there is one


def living(search: Search) -> list[str]:
    search.snapshot()
    return [pool.job for pool in search.launcher.pools()]


def waiting(search: Search) -> dict[str, Core]:
    """Return the rows that are no cores yet, by their states."""
    search.snapshot()
    return {core.state: core for core in search.launcher.roster().cores if not core.writer}


def test_a_launch_waits_then_runs_then_is_over(make, slurm):
    search = make("fine", 8)
    hog = slurm.preempt("node1", "node2")
    launch = search.launch("slurm", 4)
    assert (launch.many, launch.cores_per_job) == (True, 2)
    until(lambda: "Resources" in search.status().reason or "Priority" in search.status().reason)
    assert search.status().reason.startswith("4 cores on slurm are queued (")
    queued, reserve = waiting(search)["queued"], waiting(search)["reserve"]
    assert (queued.job, queued.count) == (launch.job, 4)
    assert queued.note.startswith("2 jobs wait: ")
    assert reserve.note == "2 jobs take the place of those that end"
    slurm.run("scancel", hog)
    until(lambda: search.status().state == "finished", LONG, lambda: str(search.status()))
    until(lambda: not waiting(search) and not living(search), LONG, lambda: str(waiting(search)))
    until(lambda: not slurm.jobs(), LONG)
    until(lambda: search.look().launches == ())
    assert search.launcher.launches() == []


def test_what_can_never_start_is_refused_or_shown_with_its_cure(make, slurm):
    search = make("until_stopped")
    options = {"partition": "short", "time": "2h"}
    assert "time" in search.refusal("slurm", 2, options=options)
    assert search.refusal("slurm", 2) == ""
    with pytest.raises(LaunchError, match="partition"):
        search.launch("slurm", 2, options={"partition": "nowhere"})
    assert search.launcher.launches() == []
    launch = search.launch("slurm", 2)
    until(lambda: living(search), LONG)
    slurm.run("scontrol", "update", "partitionname=main", "state=down")
    try:
        stuck = search.launch("slurm", 2)
        until(lambda: "stuck" in waiting(search), LONG, lambda: str(waiting(search)))
        assert search.status().stuck.startswith("2 cores on slurm cannot start: ")
        assert search.cancel("slurm", stuck.job)
        assert launch.job in {one.job for one in search.look().launches}
        until(lambda: "stuck" not in waiting(search))
    finally:
        slurm.run("scontrol", "update", "partitionname=main", "state=up")


def test_a_launch_becomes_larger_and_smaller(make, slurm):
    search = make("until_stopped")
    search.launch("slurm", 2, options={"refill": "4"})
    until(lambda: len(living(search)) == 1, LONG)
    (pool,) = search.launcher.pools()
    search.resize(pool.id, 4)
    until(lambda: len(living(search)) == 2, LONG, lambda: str(waiting(search)))
    assert search.look().launches[0].cores == 4
    assert search.stop(now=True, writers=[pool.id]) == 1
    until(lambda: len(living(search)) == 1, LONG)
    assert search.look().launches[0].cores == 2
    assert len(slurm.jobs(states="R")) <= 2  # the one that ends, and the other
    assert "reserve" in waiting(search)


def test_stopping_leaves_nothing_that_would_begin_again(make, slurm):
    search = make("until_stopped")
    search.launch("slurm", 4)
    until(lambda: len(living(search)) == 2, LONG)
    assert search.stop(now=True) == 2
    until(lambda: not slurm.jobs(), LONG, lambda: str(slurm.jobs()))
    until(lambda: not waiting(search) and not living(search), LONG)
    assert search.status().state == "idle"


def test_what_was_submitted_by_hand_is_shown_and_stopped_like_what_was_launched(
    make, slurm, tmp_path
):
    search = make("until_stopped")
    script = tmp_path / "by_hand.sbatch"
    script.write_text(search.launcher.script("slurm", 4))
    job = slurm.run("sbatch", "--parsable", str(script)).strip()
    until(lambda: sorted(living(search)) == [f"{job}_0", f"{job}_1"], LONG)
    until(lambda: "reserve" in waiting(search))
    (launch,) = search.look().launches
    assert (launch.job, launch.cores, launch.many) == (job, 4, True)
    assert search.stop(now=True) == 2
    until(lambda: not slurm.jobs(), LONG, lambda: str(slurm.jobs()))


def test_jobs_that_cannot_start_python_say_so(make, slurm):
    search = make("fine")
    search.launch("slurm", 4, options={"python": "/nowhere/python3"})
    until(lambda: search.status().state == "idle", LONG, lambda: str(search.status()))
    assert "could not start: " in search.status().reason
    assert "/nowhere/python3" in search.status().reason
    assert list(waiting(search)) == ["failed"]


def test_without_its_controller_what_was_known_is_shown_and_nothing_ends(make, slurm):
    search = make("until_stopped")
    launch = search.launch("slurm", 4)
    until(lambda: len(living(search)) == 2, LONG)
    until(lambda: "reserve" in waiting(search))
    search.look()
    slurm.stop_controller()
    try:
        until(lambda: search.look().status.silent, LONG)
        assert search.look().status.silent.startswith("Slurm does not answer")
        look = search.look()
        assert [core.state for core in look.cores if not core.writer] == ["reserve"]
        assert look.launches == (launch,)
        assert len(look.pools) == 2
        began = time.monotonic()
        for _ in range(5):
            search.look()
        assert time.monotonic() - began < 5 * (WAIT_SECONDS + 1.0)
    finally:
        slurm.start_controller()
    until(lambda: not search.look().status.silent, LONG)
    assert len(living(search)) == 2


def test_a_command_that_hangs_holds_up_nobody_who_looks(make, slurm, tmp_path, monkeypatch):
    search = make("until_stopped")
    search.launch("slurm", 2)
    until(lambda: len(living(search)) == 1, LONG)
    until(lambda: search.look().launches)
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "squeue").write_text('#!/bin/sh\nsleep 5\nexec /usr/bin/squeue "$@"\n')
    (bin_ / "squeue").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_}{os.pathsep}{os.environ['PATH']}")
    deadline = time.monotonic() + 6.0
    while time.monotonic() < deadline:
        began = time.monotonic()
        assert search.look().launches
        assert time.monotonic() - began < WAIT_SECONDS + 1.0
