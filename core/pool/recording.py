"""From what a core says to the events of the history."""

from __future__ import annotations

import platform
import time
from typing import TYPE_CHECKING, Any

from trialdeck.core.history.events import Environment, Finished, Started
from trialdeck.core.pool.cores import Gone, describe_end
from trialdeck.core.pool.ledger import environment_id

if TYPE_CHECKING:
    from trialdeck.core.history.events import Cause, Outcome
    from trialdeck.core.pool.crew import Member
    from trialdeck.core.pool.ledger import Ledger
    from trialdeck.core.pool.messages import Done, Ready, Run
    from trialdeck.core.pool.scheduling import Assignment


class Recorder:
    """Writes the events of trials into a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.environments: dict[str, Environment] = {}

    def environment(self, ready: Ready, objective: str, device: str) -> str:
        """Remember which code a core runs; return the id for its trials."""
        event = Environment(
            writer=self.ledger.writer,
            id="",
            objective=objective,
            objective_hash=ready.objective_hash,
            git_commit=ready.git_commit,
            git_dirty=ready.git_dirty,
            python=ready.python,
            versions=ready.versions,
            host=platform.node(),
            device=device,
        )
        name = environment_id(event)
        event = Environment(**{**_fields(event), "id": name, "at": time.time()})
        self.environments.setdefault(name, event)
        return name

    def started(
        self,
        member: Member,
        assignment: Assignment,
        point: dict[str, Any],
        revision: int,
        seed: int,
    ) -> bool:
        """Record that an attempt begins on this core; return whether that is on the disk."""
        return self.ledger.started(
            Started(
                writer=self.ledger.writer,
                at=round(time.time(), 3),
                tid=assignment.tid,
                attempt=assignment.attempt,
                stage=assignment.stage,
                point=point,
                revision=revision,
                core=member.core.index,
                seed=seed,
                environment=member.environment,
                origin=assignment.origin,
            ),
            self.environments[member.environment],
        )

    def finished(self, member: Member, run: Run, done: Done) -> None:
        """Record what the objective returned or raised."""
        self._finish(
            member,
            run,
            outcome=done.outcome,
            loss=done.loss,
            metrics=done.metrics,
            cause=done.cause,
            message=done.message,
            traceback=done.traceback,
            steps=done.steps,
        )

    def ended(self, member: Member, run: Run, gone: Gone, *, retry: bool) -> None:
        """Record a trial whose core has ended under it, on its own or by this pool's doing.

        A trial whose process was killed from outside runs again if `retry`.
        """
        cause, text = member.killed_for or describe_end(gone)
        again = cause in ("stopped", "preempted") or (cause == "killed" and retry)
        outcome: Outcome = "interrupted" if again else "failed"
        self._finish(member, run, outcome=outcome, cause=cause, message=text)

    def _finish(
        self, member: Member, run: Run, *, outcome: Outcome, cause: str, **rest: Any
    ) -> None:
        known: Cause = cause  # type: ignore[assignment]  # cores and the pool use these words
        self.ledger.finished(
            Finished(
                writer=self.ledger.writer,
                at=round(time.time(), 3),
                tid=run.tid,
                attempt=run.attempt,
                stage=run.stage,
                outcome=outcome,
                cause=known,
                seconds=round(time.monotonic() - member.since, 3),
                **rest,
            )
        )


def _fields(event: Environment) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}
