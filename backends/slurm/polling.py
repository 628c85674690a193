"""What `squeue` says of arrays, put into one status for each launch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from trialdeck.backends.base import LaunchError, State, Status
from trialdeck.backends.slurm import words
from trialdeck.backends.slurm.commands import run

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

_FORMAT = "%F|%K|%A|%T|%j|%r"  # the reason last: it may have anything in it
_EXPLAINED = 3  # so many failed jobs of an array are asked about one by one


class Element(NamedTuple):
    """One job of an array, as Slurm lists it; `job` is its name for the job itself: "12_3"."""

    array: str
    job: str
    state: str
    name: str
    reason: str


def elements(ids: Collection[str] = (), names: Collection[str] = ()) -> list[Element]:
    """Return the jobs of these arrays, and of those with these names, that Slurm still knows.

    One command for the ids, one for the names. Raises NoAnswer, LaunchError.
    """
    found = []
    if ids:
        found += _listed("-j", ",".join(sorted(ids)))
    if names:
        found += _listed("-n", ",".join(sorted(names)))
    return found


def _listed(*which: str) -> list[Element]:
    answer = run("squeue", "-h", "-r", "-t", "all", *which, "-o", _FORMAT)
    if answer.status and "Invalid job id" not in answer.err:
        raise LaunchError(f"squeue failed: {answer.complaint}")
    return [element for line in answer.out.splitlines() if (element := _element(line))]


def _element(line: str) -> Element | None:
    parts = line.strip().split("|", 5)
    if len(parts) != 6:
        return None
    array, index, job, state, name, reason = parts
    own = f"{array}_{index}" if index.isdecimal() else job
    return Element(array, own, state, name, reason)


class Crashes:
    """Knows how jobs that crashed have ended, which `squeue` does not list; asks once for each."""

    def __init__(self) -> None:
        self._known: dict[str, Status] = {}

    def explained(self, jobs: Mapping[str, Status]) -> dict[str, Status]:
        """Return the same statuses, with the exit codes of some that failed by themselves."""
        crashed = [job for job, one in jobs.items() if one.state == State.FAILED and not one.taken]
        for job in jobs.keys() - crashed:
            self._known.pop(job, None)  # it was started again
        for job in crashed[:_EXPLAINED]:
            if job not in self._known and (status := _asked_for(job)) is not None:
                self._known[job] = status
        return {job: self._known.get(job, status) for job, status in jobs.items()}


def _asked_for(job: str) -> Status | None:
    said = run("scontrol", "show", "job", job, "-o").out
    found = [re.search(rf"\b{key}=(\S+)", said) for key in ("JobState", "Reason", "ExitCode")]
    return words.job_status(*(one[1] for one in found if one)) if all(found) else None


def together(found: Iterable[Element], at_once: int | None, crashes: Crashes) -> Status:
    """Return the status of one launch, of which `at_once` jobs may run at a time (None: all)."""
    told = [(element, words.job_status(element.state, element.reason)) for element in found]
    # The rest of an array that was cancelled before it began is listed as one.
    jobs = crashes.explained(
        {one.job: status for one, status in told if status.state != State.QUEUED and "_" in one.job}
    )
    running = sum(status.state == State.RUNNING for status in jobs.values())
    waiting = [element for element, status in told if status.state == State.QUEUED]
    ready = [element for element in waiting if not words.is_reserve(element.reason)]
    room = len(ready) if at_once is None else max(0, at_once - running)
    queued = min(len(ready), room)
    reserve = len(waiting) - queued
    stuck, reason = words.why_waiting(ready[0].reason) if queued else (False, "")
    if not running and not waiting:
        return _ended(jobs) if jobs else Status(State.ENDED, "cancelled", taken=True)
    return Status(
        State.RUNNING if running else State.QUEUED,
        reason,
        stuck=stuck,
        queued=queued,
        reserve=reserve,
        jobs=jobs,
    )


def _ended(jobs: dict[str, Status]) -> Status:
    """Return the status of a launch whose jobs have all ended."""
    ends = list(jobs.values())
    crashed = [one for one in ends if one.state == State.FAILED and not one.taken]
    unknown = [one for one in ends if one.state == State.UNKNOWN]
    if unknown:
        return Status(State.UNKNOWN, unknown[0].reason, jobs=jobs)
    if crashed:
        return Status(State.FAILED, crashed[-1].reason, jobs=jobs)
    if any(one.state == State.ENDED and not one.taken for one in ends):
        return Status(State.ENDED, jobs=jobs)
    if all(one.state == State.ENDED for one in ends):
        return Status(State.ENDED, "cancelled", jobs=jobs, taken=True)
    last = next(one for one in reversed(ends) if one.state == State.FAILED)
    return Status(State.FAILED, last.reason, jobs=jobs, taken=True)


def remembered(ids: Collection[str]) -> dict[str, Status]:
    """Return what the accounting says of arrays that `squeue` has forgotten; {} without one."""
    try:
        answer = run(
            "sacct", "-n", "-X", "-P", "-j", ",".join(sorted(ids)), "-o", "JobID,State,ExitCode"
        )
    except LaunchError:  # no accounting, or it does not answer
        return {}
    groups: dict[str, dict[str, Status]] = {}
    for line in answer.out.splitlines():
        job, _, rest = line.strip().partition("|")
        state, _, code = rest.partition("|")
        status = words.job_status(state, "", code)
        if status.state.final:
            groups.setdefault(job.partition("_")[0], {})[job] = status
    return {array: _ended(jobs) for array, jobs in groups.items()}
