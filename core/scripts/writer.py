"""What one process of a script writes into the history: what a pool of one core would."""

from __future__ import annotations

import math
import platform
import time
from typing import TYPE_CHECKING, Any, TypeVar

from trialdeck.core import provenance
from trialdeck.core.budget import Budget
from trialdeck.core.errors import HistoryError
from trialdeck.core.history.events import Environment, Finished, Started
from trialdeck.core.pool.ledger import Ledger, environment_id
from trialdeck.core.pool.scheduling import Assignment, Scheduler
from trialdeck.core.scripts.heart import Heart
from trialdeck.core.scripts.patience import Patience, is_full

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trialdeck.core.history.events import Cause, Outcome
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.history.writers import Liveness

_Found = TypeVar("_Found")


class ScriptWriter:
    """Claims trials and records them, for one process. Raises HistoryError where it cannot begin.

    `objective` and its `file` say which code runs, `retries` how often a trial whose process was
    killed is tried again.
    """

    def __init__(
        self,
        paths: HistoryPaths,
        liveness: Liveness,
        objective: str = "",
        file: Path | None = None,
        *,
        retries: int,
    ) -> None:
        paths.create()
        self.retries = retries
        self.liveness = liveness
        self.ledger = Ledger(paths, "script")
        self.id = self.ledger.writer
        self.scheduler = Scheduler(paths, self.ledger, self._gone, liveness.job_end)
        self.running: dict[int, tuple[Assignment, float]] = {}  # by tid, with the time of its start
        self.claimed: dict[int, Assignment] = {}
        self.environment = _environment(self.id, objective, file, paths.project)
        self.heart = Heart(paths, self.id)
        self.heart.start()

    def claim(
        self, snapshot: Snapshot, limit: int, deadline: float = math.inf
    ) -> Assignment | None:
        """Claim an attempt that waits, or a new trial below `limit`; None if there is none.

        A full disk is waited for until the `deadline`, a value of the monotonic clock.
        """
        cores = self._live_writers()
        found = self._once_there_is_room(
            lambda: self.scheduler.next(
                snapshot, budget=Budget(limit), retries=self.retries, live_cores=cores
            ),
            deadline,
        )
        self._settle()
        if found is not None:
            self.claimed[found.tid] = found
        return found

    def take(self, tid: int) -> bool:
        """Claim the trial of this number; return whether it is this writer's now."""
        if tid not in self.claimed:
            # As its own search would.
            attempt = self._once_there_is_room(lambda: self.scheduler._claim(tid, 0))  # noqa: SLF001
            if attempt is None:
                return False
            self.claimed[tid] = Assignment(tid, attempt)
        return True

    def started(self, tid: int, point: dict[str, Any], revision: int) -> bool:
        """Record that a claimed trial begins; return, once that is on the disk, whether it may.

        It may not if another process has taken it over since: this one stood still for too long.
        """
        assignment = self.claimed[tid]
        if self._overtaken(assignment):
            return False
        event = Started(
            writer=self.id,
            at=round(time.time(), 3),
            tid=tid,
            attempt=assignment.attempt,
            stage=assignment.stage,
            point=point,
            revision=revision,
            environment=self.environment.id,
            origin=assignment.origin,
        )
        written = self.ledger.started(event, self.environment)
        self._settle()
        if not written and self._overtaken(assignment):
            return False  # that it never began is recorded at the end
        self.ledger.unbegun.pop((tid, assignment.attempt), None)  # however late, it begins now
        self.running[tid] = (assignment, time.monotonic())
        del self.claimed[tid]
        self.heart.trains(tid, assignment.attempt)
        return True

    def _overtaken(self, assignment: Assignment) -> bool:
        """Let go of a claimed trial if another process has taken it over; return whether."""
        if not self.scheduler.overtaken(assignment):
            return False
        del self.claimed[assignment.tid]
        self.scheduler.release(assignment.tid)
        return True

    def finished(self, tid: int, outcome: Outcome, *, cause: Cause = "", **rest: Any) -> bool:
        """Record the end of a trial; return whether it counts, once that is on the disk.

        It does not if another process had believed this one to be dead, and taken the trial over.
        """
        if tid not in self.running:  # told before, when a ctrl+C came between
            return any(tid == sealed for sealed, _ in self.ledger.sealed)
        assignment, since = self.running[tid]
        if not self._has_result(tid, assignment.attempt):
            self.ledger.finished(
                Finished(
                    writer=self.id,
                    at=round(time.time(), 3),
                    tid=tid,
                    attempt=assignment.attempt,
                    stage=assignment.stage,
                    outcome=outcome,
                    cause=cause,
                    seconds=round(time.monotonic() - since, 3),
                    **rest,
                )
            )
        self._settle()
        del self.running[tid]  # only now: a ctrl+C before would have it recorded again
        self.heart.idles()
        self.scheduler.release(tid)
        return outcome == "interrupted" or (tid, assignment.attempt + 1) in self.ledger.sealed

    def _has_result(self, tid: int, attempt: int) -> bool:
        """Whether the result of an attempt is recorded already, or waits for the disk."""
        waiting = ((event.tid, event.attempt) for event in self.ledger.unsealed)
        return (tid, attempt + 1) in self.ledger.sealed or (tid, attempt) in waiting

    def close(self) -> None:
        """End: what has been claimed and not begun is free again, what runs is interrupted."""
        try:
            for tid in list(self.running):
                self.finished(tid, "interrupted", cause="stopped", message="its script ended")
        finally:
            try:
                self.heart.stop()
            finally:
                self.ledger.close()  # as far as a full disk lets it

    def _settle(self) -> None:
        """Wait until everything is on the disk: a result is worth more than the time."""
        self.ledger.settle()
        patience = Patience()
        while not self.ledger.healthy:
            patience.wait(self.ledger.complaint)
            self.ledger.settle()

    def _once_there_is_room(
        self, claim: Callable[[], _Found | None], deadline: float = math.inf
    ) -> _Found | None:
        """Return what is claimed, once the disk has room for it; None if that takes too long."""
        patience = Patience()
        while True:
            try:
                found = claim()
            except HistoryError as error:
                if not is_full(error.__cause__):
                    raise
                self.ledger.cannot_claim(error)
                if self.heart.told.stop or time.monotonic() >= deadline:
                    return None
                patience.wait(str(error))
            else:
                self.ledger.claim_trouble = ""
                return found

    def _gone(self, writer: str) -> bool:
        return writer != self.id and self.liveness.gone(writer)

    def _live_writers(self) -> int:
        files = self.liveness.writers
        return 1 + sum(w != self.id and not self.liveness.gone(w) for w in files)


def _environment(writer: str, objective: str, file: Path | None, folder: Path) -> Environment:
    commit, dirty = provenance.git_state(file.parent if file is not None else folder)
    about = Environment(
        writer=writer,
        id="",
        objective=objective,
        objective_hash=provenance.file_hash(file),
        git_commit=commit,
        git_dirty=dirty,
        python=provenance.python_version(),
        versions=provenance.versions(),
        host=platform.node(),
    )
    fields = {name: getattr(about, name) for name in about.__struct_fields__}
    return Environment(**{**fields, "id": environment_id(about), "at": round(time.time(), 3)})
