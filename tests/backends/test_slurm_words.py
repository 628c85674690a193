"""What Slurm's words mean; those of live jobs are tested on a real Slurm."""

from __future__ import annotations

import pytest

from trialdeck.backends.base import State, Status
from trialdeck.backends.slurm import polling, words
from trialdeck.backends.slurm.polling import Crashes, Element


@pytest.mark.parametrize(
    ("word", "state", "taken", "text"),
    [
        ("RUNNING", State.RUNNING, False, ""),
        ("COMPLETING", State.RUNNING, False, ""),
        ("PENDING", State.QUEUED, False, ""),
        ("COMPLETED", State.ENDED, False, ""),
        ("CANCELLED", State.ENDED, True, "cancelled"),
        ("CANCELLED by 1000", State.ENDED, True, "cancelled"),
        ("TIMEOUT", State.FAILED, True, "time limit (TIMEOUT)"),
        ("PREEMPTED", State.FAILED, True, "preempted (PREEMPTED)"),
        ("NODE_FAIL", State.FAILED, True, "node failed (NODE_FAIL)"),
        ("OUT_OF_MEMORY", State.FAILED, False, "memory"),
        ("A_NEW_WORD", State.UNKNOWN, False, "A_NEW_WORD"),
        ("", State.UNKNOWN, False, "nothing"),
    ],
)
def test_states(word, state, taken, text):
    status = words.job_status(word)
    assert (status.state, status.taken) == (state, taken)
    assert text in status.reason


def test_a_crash_says_how():
    assert words.job_status("FAILED", "NonZeroExitCode", "7:0").reason.startswith("exit status 7")
    assert words.job_status("FAILED", "JobLaunchFailure", "0:9").reason.startswith("signal 9")
    assert "JobLaunchFailure" in words.job_status("FAILED", "JobLaunchFailure").reason


@pytest.mark.parametrize(
    ("reason", "stuck", "text"),
    [
        ("Priority", False, "others come first"),
        ("Resources", False, "busy"),
        ("PartitionTimeLimit", True, "lower `time`"),
        ("QOSMaxWallDurationPerJobLimit", True, "ask for less"),
        ("QOSMaxJobsPerUserLimit", False, "more at a time"),
        ("QOSGrpCpuLimit", False, "group's share"),
        ("AssocMaxMemPerJob", True, "ask for less"),
        ("ReqNodeNotAvail, UnavailableNodes:node[1-4]", True, "down, drained"),
        ("ReqNodeNotAvail, May be reserved for other job", False, "kept for another"),
        ("JobHeldUser", True, "scontrol release"),
        ("SomethingNew", False, "SomethingNew"),
        ("None", False, "not looked at it yet"),
    ],
)
def test_reasons_to_wait(reason, stuck, text):
    assert words.why_waiting(reason)[0] is stuck
    assert text in words.why_waiting(reason)[1]


def test_every_cure_names_what_to_change():
    for reason, text in words.STUCK.items():
        assert words.why_waiting(reason) == (True, f"{text} ({reason})")
        assert "`" in text or "limit" in text or "ask" in text, reason


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("JOB 2 ON n1 CANCELLED AT 2026-11-24T04:03:39 DUE TO JOB REQUEUE", "queued the job again"),
        (
            "JOB 2 ON n1 CANCELLED AT 2026-11-24T04:03:39 DUE TO TIME LIMIT",
            "reached its time limit",
        ),
        ("JOB 2 ON n1 CANCELLED AT 2026-11-24T04:03:39 DUE TO PREEMPTION", "preempted the job"),
        ("JOB 2 ON n1 CANCELLED AT 2026-11-24T04:03:39 DUE TO NODE FAILURE", "node failed"),
        ("JOB 2 ON n1 CANCELLED AT 2026-11-24T04:03:39", "the job was cancelled"),
    ],
)
def test_why_a_job_is_ended(line, text):
    said = words.why_ending(f"slurmstepd-n1: error: *** {line} ***")
    assert said.endswith(f"{text} (Slurm: {line})")


def some(states: list[tuple[str, str]]) -> list[Element]:
    return [Element("9", f"9_{i}", state, "x", reason) for i, (state, reason) in enumerate(states)]


def together(found: list[Element], at_once: int) -> Status:
    return polling.together(found, at_once, Crashes())


def test_an_array_is_told_as_one():
    found = some([("RUNNING", "None")] * 2 + [("PENDING", "JobArrayTaskLimit")] * 5)
    status = together(found, at_once=2)
    assert (status.state, status.queued, status.reserve) == (State.RUNNING, 0, 5)
    assert set(status.jobs) == {"9_0", "9_1"}


def test_only_as_many_wait_for_room_as_may_run():
    status = together(some([("PENDING", "PartitionTimeLimit")] * 40), at_once=4)
    assert (status.state, status.queued, status.reserve) == (State.QUEUED, 4, 36)
    assert status.stuck
    assert "lower `time`" in status.reason


def test_some_run_and_some_wait():
    found = some([("RUNNING", "None"), ("PENDING", "Resources"), ("PENDING", "Resources")])
    status = together(found, at_once=2)
    assert (status.state, status.queued, status.reserve) == (State.RUNNING, 1, 1)
    assert status.reason.endswith("(Resources)")


def test_the_end_of_an_array():
    done, gone, late = ("COMPLETED", "None"), ("CANCELLED", "None"), ("TIMEOUT", "TimeLimit")
    assert together(some([done, gone]), 1).reason == ""
    assert together(some([gone, gone]), 1).reason == "cancelled"
    assert together([Element("9", "9", "CANCELLED", "x", "None")], 1).reason == "cancelled"
    assert together(some([late, gone]), 1).state is State.FAILED
    assert together(some([late, done]), 1).state is State.ENDED
    assert together(some([("ODD", ""), done]), 1).state is State.UNKNOWN
