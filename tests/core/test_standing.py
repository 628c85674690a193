from __future__ import annotations

from dataclasses import replace

import pytest

from trialdeck.backends.base import State, Status
from trialdeck.core.history.identity import Identity
from trialdeck.core.history.writers import WriterFile
from trialdeck.core.launches import Launch
from trialdeck.core.standing import (
    ENDING_SECONDS,
    Standing,
    rows_of,
    standing_of,
    why_failed,
    why_stuck,
    why_waiting,
)

LAUNCH = Launch(name="n", backend="slurm", cores=16, at=5.0, job="12", many=True, cores_per_job=4)
SINGLE = Launch(name="n", backend="local", cores=3, at=5.0, job="n")
RUNS = Status(State.RUNNING)


def standing(pools=(), ended=None, launch=LAUNCH, **status):
    return standing_of(launch, Status(State.RUNNING, **status), set(pools), ended or {})


def rows(one):
    return [(core.state, core.job, core.count, core.note) for core in rows_of(one)]


def test_each_job_that_runs_and_is_no_pool_has_a_row():
    one = standing(pools=["12_0"], jobs={f"12_{n}": RUNS for n in range(3)})
    assert rows(one) == [("starting", "12_1", 4, ""), ("starting", "12_2", 4, "")]
    assert one.pending
    assert why_waiting([], [one]) == "2 jobs on slurm are starting"


def test_a_job_whose_pool_has_just_ended_is_not_starting():
    jobs = {"12_0": RUNS}
    assert not standing(ended={"12_0": ENDING_SECONDS - 1}, jobs=jobs).starting
    assert standing(ended={"12_0": ENDING_SECONDS + 1}, jobs=jobs).starting == ("12_0",)


def test_what_waits_has_one_row_and_so_has_what_takes_the_place_of_others():
    jobs = {f"12_{n}": RUNS for n in range(13)}
    one = standing(pools=jobs, jobs=jobs, queued=3, reserve=36, reason="Priority")
    assert rows(one) == [
        ("queued", "12", 12, "3 of 16 jobs wait: Priority"),
        ("reserve", "12", 144, "36 jobs take the place of those that end"),
    ]
    assert why_waiting([], [one]) == "3 jobs on slurm are queued (Priority)"


def test_a_reserve_is_no_reason_for_waiting():
    one = standing(pools=["12_0"], jobs={"12_0": RUNS}, reserve=1)
    assert rows(one) == [("reserve", "12", 4, "1 job takes the place of those that end")]
    assert one.pending
    assert why_waiting([], [one]) == ""


def test_nothing_has_begun_yet():
    one = standing_of(LAUNCH, Status(State.QUEUED, "Resources", queued=4, reserve=8), set(), {})
    assert rows(one)[0] == ("queued", "12", 16, "4 jobs wait: Resources")
    assert why_waiting([], [one]) == "16 cores on slurm are queued (Resources)"


def test_what_is_not_known_is_said_unless_there_are_pools():
    unknown = Status(State.UNKNOWN, "being asked")
    assert rows(standing_of(LAUNCH, unknown, set(), {})) == [("unknown", "12", 16, "being asked")]
    one = standing_of(LAUNCH, unknown, {"12_0"}, {})
    assert rows(one) == []
    assert not one.pending
    assert one.goes_on


def test_what_is_stuck_comes_before_every_other_reason():
    cure = "the time limit is above the partition's (PartitionTimeLimit): lower `time`"
    stuck = replace(
        standing_of(LAUNCH, Status(State.QUEUED, cure, stuck=True, queued=4), set(), {}),
    )
    assert rows(stuck) == [("stuck", "12", 16, cure)]
    waits = Standing(SINGLE, Status(State.QUEUED))
    pool = WriterFile(id="w", identity=Identity(host="node1"), state="cannot write: full")
    text = f"16 cores on slurm cannot start: {cure}"
    assert why_waiting([pool], [waits, stuck]) == why_stuck([waits, stuck]) == text
    assert why_waiting([pool], [waits]) == "the pool on node1 is cannot write: full"
    assert why_stuck([waits]) == ""


def test_jobs_that_fail_before_they_are_pools_are_told_while_others_go_on():
    jobs = {"12_0": Status(State.FAILED, "exit status 1"), "12_1": RUNS, "12_2": RUNS}
    one = standing(jobs=jobs, queued=1)
    output = "Traceback\nModuleNotFoundError: trialdeck"
    one = replace(one, output=output)
    assert one.dead == ("12_0",)
    assert rows(one)[-1] == (
        "failed",
        "12",
        4,
        f"1 job has ended without training: exit status 1\n{output}",
    )
    assert why_waiting([], [one]) == (
        "on slurm 1 job has ended without training: exit status 1; "
        "the last said: ModuleNotFoundError: trialdeck"
    )


def test_what_a_place_took_back_before_it_was_a_pool_did_not_fail():
    one = standing(jobs={"12_0": Status(State.FAILED, "preempted", taken=True), "12_1": RUNS})
    assert one.dead == ()
    assert one.starting == ("12_1",)


@pytest.mark.parametrize("where", ["living", "ended"])
def test_a_job_that_failed_after_it_was_a_pool_is_no_news(where):
    jobs = {"12_0": Status(State.FAILED, "killed"), "12_1": RUNS}
    pools, ended = (["12_0", "12_1"], {}) if where == "living" else (["12_1"], {"12_0": 99.0})
    one = standing(pools=pools, ended=ended, jobs=jobs)
    assert not one.dead
    assert rows(one) == []


def test_a_launch_that_ended_before_it_was_a_pool_has_failed():
    failed = standing_of(LAUNCH, Status(State.FAILED, "exit status 1"), set(), {})
    assert failed.failed
    assert not failed.pending
    assert why_failed(failed) == "the slurm launch n could not start: exit status 1"
    said = replace(failed, output="no\nno module")
    assert why_failed(said) == "the slurm launch n could not start: no module"
    assert rows(said) == [("failed", "12", 16, "no\nno module")]
    trained = standing_of(LAUNCH, Status(State.FAILED, "killed"), set(), {"12_0": 5.0})
    assert not trained.failed
    assert rows(trained) == []


def test_a_launch_of_one_job_is_one_row():
    assert rows(Standing(SINGLE, RUNS)) == [("starting", "n", 3, "")]
    assert why_waiting([], [Standing(SINGLE, RUNS)]) == "3 cores on local are starting"
    one = Launch(name="n", backend="b", cores=1, at=5.0)
    assert why_waiting([], [Standing(one, RUNS)]) == "1 core on b is starting"
