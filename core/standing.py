"""Launches that have not all become pools: what their places say of them, in rows and reasons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import State, Status
from trialdeck.core.roster import Core, job_order

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.launches import Launch

ENDING_SECONDS = 20.0  # so long a job may still be seen to run after its pool has ended


@dataclass(frozen=True, slots=True)
class Standing:
    """A launch, what its place says of it, and what is known of its jobs.

    `pools` of them live, and `trained` says whether any ever did. `starting` are those that run and
    are no pool yet, `dead` those that failed by themselves before they were one. `output` is the
    end of what was printed where something failed.
    """

    launch: Launch
    status: Status
    pools: int = 0
    trained: bool = False
    starting: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    output: str = ""

    @property
    def word(self) -> str:
        """The state of what has not begun."""
        if self.status.stuck:
            return "stuck"
        if self.status.state == State.RUNNING:
            return "queued" if self.status.queued else "starting"
        return str(self.status.state.value)

    @property
    def pending(self) -> bool:
        """Whether something of it has yet to become a pool, or may."""
        if self.status.state.final:
            return False
        if not self.launch.many or not self.pools:
            return True
        return bool(self.starting or self.status.queued or self.status.reserve)

    @property
    def jobs_left(self) -> int:
        """How many of its jobs run or have yet to begin, 0 where that is not known."""
        status = self.status
        runs = sum(said.state == State.RUNNING for said in status.jobs.values())
        return runs + status.queued + status.reserve

    @property
    def goes_on(self) -> bool:
        """Whether it is several jobs and may still change."""
        return self.launch.many and not self.status.state.final

    @property
    def failed(self) -> bool:
        """Whether it has ended without ever becoming a pool, and should have become one."""
        return self.status.state == State.FAILED and not self.trained


def standing_of(
    launch: Launch, status: Status, living: Collection[str], ended: Mapping[str, float]
) -> Standing:
    """Return how a launch of several jobs stands.

    `living` are the jobs of its living pools, `ended` those of pools that have ended, with the
    seconds since then.
    """
    # In the order of their numbers, whatever the order in which the place names them.
    jobs = sorted(status.jobs.items(), key=lambda one: job_order(one[0]))
    return Standing(
        launch,
        status,
        pools=len(living),
        trained=bool(living or ended),
        starting=tuple(
            job
            for job, said in jobs
            if said.state == State.RUNNING
            and job not in living
            and ended.get(job, math.inf) > ENDING_SECONDS
        ),
        dead=tuple(
            job
            for job, said in jobs
            if said.state == State.FAILED
            and not said.taken
            and job not in living
            and job not in ended
        ),
    )


# -- rows -----------------------------------------------------------------------------------


def rows_of(standing: Standing) -> Iterator[Core]:
    """Yield the rows of a launch: what starts, what waits and why, what failed."""
    launch, status = standing.launch, standing.status
    if not launch.many or status.state.final:
        if standing.pending or standing.failed:
            failed = status.state == State.FAILED
            note = standing.output if failed else status.reason
            yield _row(launch, standing.word, note, since=launch.at, count=launch.cores)
        return
    each = launch.cores_per_job or 1
    for job in standing.starting:
        yield _row(launch, "starting", status.jobs[job].reason, job=job, count=each)
    if status.queued or _is_silent_about(standing):
        count = status.queued * each or launch.cores
        yield _row(launch, standing.word, _waiting_note(standing), since=launch.at, count=count)
    if standing.dead:
        note = "\n".join(filter(None, [_dead(standing), standing.output]))
        yield _row(launch, "failed", note, count=len(standing.dead) * each)
    if status.reserve:
        jobs = "1 job takes" if status.reserve == 1 else f"{status.reserve} jobs take"
        note = f"{jobs} the place of those that end"
        yield _row(launch, "reserve", note, count=status.reserve * each)


def _row(launch: Launch, state: str, note: str, **more: Any) -> Core:
    given = {"job": launch.job or launch.name, "host": "", "writer": "", "index": 0, **more}
    return Core(backend=launch.backend, state=state, note=note, **given)


def _is_silent_about(standing: Standing) -> bool:
    """Whether nothing is known of a launch but that there is one."""
    return not (standing.pools or standing.status.jobs or standing.status.reserve)


def _waiting_note(standing: Standing) -> str:
    status = standing.status
    if status.stuck or not status.queued:
        return status.reason
    return f"{_waiting_jobs(standing)}: {status.reason}".removesuffix(": ")


def _waiting_jobs(standing: Standing) -> str:
    """Return "3 of 16 jobs wait"; the 16 are those that are to run at once."""
    queued = standing.status.queued
    at_once = queued + sum(said.state == State.RUNNING for said in standing.status.jobs.values())
    waits = "waits" if queued == 1 else "wait"
    if queued == at_once:
        return f"{queued} job waits" if queued == 1 else f"{queued} jobs wait"
    return f"{queued} of {at_once} jobs {waits}"


# -- reasons --------------------------------------------------------------------------------


def why_stuck(standings: Sequence[Standing]) -> str:
    """Return what cannot start before somebody changes something, or ""."""
    for one in standings:
        if one.status.stuck and one.pending:
            count, word = _what_waits(one)
            return f"{count} {word} cannot start: {one.status.reason}".removesuffix(": ")
    return ""


def why_waiting(pools: Sequence[WriterFile], standings: Sequence[Standing]) -> str:
    """Return why launched cores do not run trials, "" when there is no such reason."""
    if stuck := why_stuck(standings):
        return stuck
    for pool in pools:
        if pool.state not in ("running", "starting", "paused"):
            return f"the pool on {pool.identity.host} is {pool.state}"
    pending = [one for one in standings if one.pending]
    for one in pending:
        if one.dead and not one.pools:
            return _died(one)
    return next((_why_pending(one) for one in pending if _is_awaited(one)), "")


def why_failed(standing: Standing) -> str:
    """Return why a launch could not start, by the end of what it printed."""
    launch = standing.launch
    lines = standing.output.splitlines() or [standing.status.reason]
    return f"the {launch.backend} launch {launch.name} could not start: {lines[-1]}"


def _is_awaited(standing: Standing) -> bool:
    """Whether there is more to come than what takes the place of others."""
    return not standing.pools or bool(standing.starting or standing.status.queued)


def _why_pending(standing: Standing) -> str:
    count, word = _what_waits(standing)
    said = f" ({standing.status.reason})" if standing.status.reason else ""
    return f"{count} {word} {'is' if count == 1 else 'are'} {standing.word}{said}"


def _what_waits(standing: Standing) -> tuple[int, str]:
    """Return how many of what: the jobs of a launch of which some have begun, else its cores."""
    launch, status = standing.launch, standing.status
    began = launch.many and (standing.pools or standing.starting)
    count, word = launch.cores, "core"
    if began:
        count, word = status.queued or len(standing.starting), "job"
    return count, f"{word if count == 1 else word + 's'} on {launch.backend}"


def _dead(standing: Standing) -> str:
    count = len(standing.dead)
    reason = standing.status.jobs[standing.dead[-1]].reason
    jobs = "1 job has" if count == 1 else f"{count} jobs have"
    return f"{jobs} ended without training: {reason}".removesuffix(": ")


def _died(standing: Standing) -> str:
    lines = standing.output.splitlines()
    last = f"; the last said: {lines[-1]}" if lines else ""
    return f"on {standing.launch.backend} {_dead(standing)}{last}"
