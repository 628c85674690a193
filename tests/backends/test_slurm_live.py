"""What becomes of jobs on a real Slurm, and what is said of it."""

from __future__ import annotations

import os
import statistics
import sys
import textwrap
import time
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from trialdeck.backends.base import Handle, LaunchError, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.backends.place import Place
    from tests.services.slurm import Cluster

LONG = 60.0
# A job that runs until the file `go` is there, and ends at once when it is told to.
WAITS = "echo $TRIALDECK_JOB >>up; until [ -e go ]; do sleep 0.05; done"


def running(place: Place, *handles: Handle) -> bool:
    return all(s.state is State.RUNNING for s in place.backend().poll(handles).values())


def test_each_end_is_told_apart_with_slurms_word(
    on_slurm: Callable[..., Place], cluster: Cluster
) -> None:
    first, second = "--nodelist=node1", "--nodelist=node2"
    yields = on_slurm(partition="lowc", cpus=4, sbatch=[first]).submit("yields", WAITS)
    lonely = on_slurm(partition="main", sbatch=[second]).submit("lonely", WAITS)
    place = on_slurm(partition="main", sbatch=[first])
    unwanted = place.submit("unwanted", WAITS)
    fails = place.submit("fails", "exit 3")
    dies = place.submit("dies", "kill -SEGV $$")
    until(lambda: running(place, yields, lonely, unwanted), LONG)

    cluster.run("scancel", f"{unwanted.job}_0")
    cluster.run("scontrol", "update", f"jobid={lonely.job}_0", "Requeue=0")
    cluster.node_down("node2")
    cluster.preempt("node1", cores=6)

    handles = [yields, lonely, unwanted, fails, dies]
    asked = place.backend().poll
    until(lambda: all(s.state.final for s in asked(handles).values()), LONG)
    found = {one: (s.state, s.reason, s.taken) for one, s in asked(handles).items()}
    assert found[yields] == (State.FAILED, "it was preempted (PREEMPTED)", True)
    assert found[lonely] == (State.FAILED, "its node failed (NODE_FAIL)", True)
    assert found[unwanted] == (State.ENDED, "cancelled", True)
    assert found[fails] == (State.FAILED, "exit status 3 (NonZeroExitCode)", False)
    assert found[dies][::2] == (State.FAILED, False)
    assert "signal 11" in found[dies][1]


# What a pool asks its job: how long it lives; and, when it is told to end, why.
ASKS = textwrap.dedent("""\
    import os, pathlib, signal
    from trialdeck import backends
    name = os.environ["TRIALDECK_JOB"]
    job = backends.create("slurm", {}, pathlib.Path("state")).own_job(name)

    def end(*_):
        with open("why", "a") as file:
            print(job.why_ending(), file=file)
        raise SystemExit

    signal.signal(signal.SIGTERM, end)
    with open("told", "a") as file:
        print(name, job.seconds_left(), job.grace(), job.why_ending() or "nothing", file=file)
    while True:
        signal.pause()
    """)


@pytest.mark.parametrize("deed", ["preempted", "requeued", "node down", "power off"])
def test_what_is_requeued_begins_again_under_its_name(
    on_slurm: Callable[..., Place], cluster: Cluster, deed: str
) -> None:
    place = on_slurm(partition="low", cpus=8)
    (place.folder / "asks.py").write_text(ASKS)
    handle = place.submit("a", f"exec {sys.executable} -P asks.py")
    job = f"{handle.job}_0"
    place.written("told")
    node = cluster.run("squeue", "-h", "-j", job, "-o", "%N").strip()
    hog = None
    if deed == "preempted":
        hog = cluster.preempt(node)
    elif deed == "requeued":
        cluster.run("scontrol", "requeue", job)
    else:
        cluster.node_down(node, at_once=deed == "power off")
    until(lambda: place.status(handle).state is State.QUEUED, LONG)
    until(lambda: "BeginTime" in (reason := place.status(handle).reason) or "busy" in reason)
    status = place.status(handle)
    assert (status.stuck, status.queued, dict(status.jobs)) == (False, 1, {})

    if hog is not None:
        cluster.run("scancel", hog)
    cluster.requeue_now(handle.job)
    until(lambda: len(place.written("told").splitlines()) == 2, LONG)
    assert place.status(handle).state is State.RUNNING
    for line in place.written("told").splitlines():
        name, left, grace, *why = line.split()
        # What ended the earlier job is in the same log, and says nothing of this one.
        assert (name, grace, why) == (job, "3.0", ["nothing"])
        assert 500 < float(left) <= 600
    reasons = {
        "preempted": "Slurm preempted the job",
        "requeued": "Slurm queued the job again",
        "node down": "the job's node failed",
    }
    if deed in reasons:
        assert place.written("why").startswith(reasons[deed])
        assert place.log("a").count("slurmstepd") == 1
    else:
        assert not (place.folder / "why").exists()


def test_why_jobs_wait_is_told_with_the_cure(
    on_slurm: Callable[..., Place], cluster: Cluster
) -> None:
    place = on_slurm(partition="main")
    failed = place.submit("failed", "exit 1")
    held = on_slurm(partition="main", sbatch=["--hold"]).submit("held", WAITS)
    moved = on_slurm(partition="main", time=3600.0, sbatch=["--hold"]).submit("moved", WAITS)
    place.ended(failed)
    after = f"--dependency=afterok:{failed.job}"
    orphan = on_slurm(partition="main", sbatch=[after]).submit("orphan", WAITS)
    hog = cluster.preempt("node1", "node2")
    until(lambda: cluster.jobs().get(hog) == "RUNNING", LONG)
    crowded = place.submit("crowded", WAITS)
    cluster.run("scontrol", "update", f"jobid={moved.job}", "partition=short")
    cluster.run("scontrol", "release", moved.job)
    expected = {
        held: (True, "`scontrol release`", "(JobHeldUser)"),
        moved: (True, "lower `time` below [backends.slurm]", "(PartitionTimeLimit)"),
        orphan: (True, "change `sbatch` below [backends.slurm]", "(DependencyNeverSatisfied)"),
        crowded: (False, "", ""),
    }
    for handle, (stuck, cure, word) in expected.items():
        until(lambda: word in place.status(handle).reason, LONG)  # noqa: B023 - waited for here
        status = place.status(handle)
        assert (status.state, status.stuck, status.queued) == (State.QUEUED, stuck, 1)
        assert cure in status.reason
    cluster.run("scancel", hog)
    until(lambda: running(place, crowded), LONG)
    assert place.status(crowded).reason == ""


REFUSED = [
    ({"partition": "mian"}, 'no partition "mian": did you mean main?'),
    ({"partition": "short", "time": 3600.0}, "longer than the partition short allows"),
    ({"partition": "main", "memory": "900G"}, "lower `memory`"),
    ({"partition": "main", "cpus": 64}, "lower `cpus`"),
    ({"partition": "short", "gpus": 1}, "the partition short has no GPUs"),
    ({"partition": "gpu", "gpus": 3}, "lower cpus, memory or gpus"),
    ({"partition": "main", "constraint": "FAST"}, "change `constraint`"),
    ({"partition": "main", "sbatch": ["--wibble"]}, "change `sbatch`"),
]


def test_what_cannot_run_is_refused_before_anything_is_queued(
    on_slurm: Callable[..., Place], cluster: Cluster
) -> None:
    before = cluster.jobs(states="all")
    for settings, why in REFUSED:
        place = on_slurm(**settings)
        assert why in place.backend().refusal(place.spec("a", "true")), settings
        with pytest.raises(LaunchError) as refused:
            place.submit("a", "true")
        assert why in str(refused.value)
        assert "[backends.slurm]" in str(refused.value)
        assert not place.handles
    assert cluster.jobs(states="all") == before


def test_a_launch_takes_more_room_and_less_and_gives_back_what_waits(
    on_slurm: Callable[..., Place],
) -> None:
    place = on_slurm(partition="low", refill=4)
    handle = place.submit("a", WAITS, cores=2)

    def shape() -> tuple[int, int, int]:
        status = place.status(handle)
        begun = sum(one.state is State.RUNNING for one in status.jobs.values())
        return begun, status.queued, status.reserve

    until(lambda: shape() == (2, 0, 6), LONG, lambda: str(shape()))
    place.backend().resize(handle, 5)
    until(lambda: shape() == (5, 0, 3), LONG, lambda: str(shape()))
    place.backend().resize(handle, 3)
    assert shape() == (5, 0, 3)
    with pytest.raises(LaunchError, match="8 jobs left, which is too few for 9 cores"):
        place.backend().resize(handle, 9)
    place.backend().cancel([Handle("slurm", f"{handle.job}_{number}") for number in range(3)])
    until(lambda: shape() == (3, 0, 2), LONG, lambda: str(shape()))
    place.backend().release([handle])
    assert shape() == (3, 0, 0)
    (place.folder / "go").touch()
    assert place.ended(handle) == (State.ENDED, "")
    assert len(place.written("up").splitlines()) == 6


def test_an_enclosing_job_changes_nothing(
    on_slurm: Callable[..., Place], cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = {
        "SLURM_JOB_ID": "4711",
        "SLURM_ARRAY_TASK_ID": "7",
        "SLURM_NTASKS": "3",
        "SLURM_MEM_PER_CPU": "77777",
        "SBATCH_PARTITION": "gpu",
        "SBATCH_TIMELIMIT": "3",
        "SBATCH_ARRAY_INX": "5-6",
        "SQUEUE_FORMAT": "%N",
        "SQUEUE_STATES": "FAILED",
        "SQUEUE_PARTITION": "gpu",
        "SCANCEL_PARTITION": "gpu",
        "SINFO_FORMAT": "%N",
    }
    for name, value in outer.items():
        monkeypatch.setenv(name, value)
    place = on_slurm(partition="short")
    handle = place.submit("a", f"env >env.tmp; mv env.tmp env; {WAITS}")
    until(lambda: running(place, handle), LONG)
    variables = dict(
        line.split("=", 1) for line in place.written("env").splitlines() if "=" in line
    )
    assert {name for name, value in outer.items() if variables.get(name) == value} == set()
    assert variables["TRIALDECK_JOB"] == f"{handle.job}_0"
    assert variables["PATH"] == os.environ["PATH"]
    (line,) = cluster.run("squeue", "-h", "-j", handle.job, "-o", "%P %l").splitlines()
    assert line == "short 10:00"
    place.backend().cancel([handle])
    assert place.ended(handle) == (State.ENDED, "cancelled")


def test_a_thousand_jobs_are_asked_about_in_a_moment(on_slurm: Callable[..., Place]) -> None:
    place = on_slurm(partition="low", refill=1000)
    handle = place.submit("a", WAITS)
    until(lambda: running(place, handle), LONG)
    took = []
    for _ in range(5):
        began = time.perf_counter()
        status = place.status(handle)
        took.append(time.perf_counter() - began)
    assert (len(status.jobs), status.reserve) == (1, 999)
    assert statistics.median(took) < 0.2
