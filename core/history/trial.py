"""One trial, as its readers see it. How it follows from the events is in `folding`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.history.attempts import Attempt, attempts_of, whose
from trialdeck.core.history.events import Finished, Lost, Started, Voided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.history.events import TrialEvent


IMPORTED = "import"  # the origin of trials that were taken over from a file


class TrialState(StrEnum):
    """Where a trial stands."""

    RUNNING = "running"
    OK = "ok"
    PRUNED = "pruned"
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # waits to run again
    VOIDED = "voided"  # was granted to another site, and taken back

    @property
    def settled(self) -> bool:
        """Whether it has its result, after which no further attempt is made."""
        return self in _ALL_SETTLED


# By the outcome of the attempt that counts; the best kind first.
SETTLED: dict[str, TrialState] = {
    "ok": TrialState.OK,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAILED,
}
_ALL_SETTLED = frozenset(SETTLED.values())


class Trial(msgspec.Struct, frozen=True, gc=False):
    """One evaluation; how its events are kept is left to its two kinds.

    `attempt` is the attempt that counts: the one with the result, or the newest. `loss` is the
    finite number that is minimised, None when there is none; `finished_at` is when the attempt
    ended, None while it runs.
    """

    tid: int
    state: TrialState
    attempt: int
    loss: float | None
    finished_at: float | None

    @property
    def start(self) -> Started | None:
        """The event that began the attempt, None when it is not known."""
        raise NotImplementedError

    @property
    def end(self) -> Finished | Lost | Voided | None:
        """The event that ended the attempt, None while it runs."""
        raise NotImplementedError

    @property
    def events(self) -> Sequence[TrialEvent]:
        """All events, of every attempt, in a fixed order."""
        raise NotImplementedError

    @property
    def writer(self) -> str:
        """The id of who runs or ran the attempt that counts."""
        if self.start is not None and self.start.attempt == self.attempt:
            return self.start.writer
        return whose(self.end or self.events[-1])

    @property
    def point(self) -> dict[str, Any]:
        """The point, empty when no start of this trial is known."""
        return self.start.point if self.start is not None else {}

    @property
    def core(self) -> int:
        """The number of the core in its pool."""
        return self.start.core if self.start is not None else 0

    @property
    def revision(self) -> int:
        """The revision of the parameters; 0 when there is none."""
        return self.start.revision if self.start is not None else 0

    @property
    def seed(self) -> int:
        """The seed given to the objective."""
        return self.start.seed if self.start is not None else 0

    @property
    def stage(self) -> int:
        """The stage of the trial."""
        return self.events[0].stage

    @property
    def site(self) -> str:
        """Whose pools run it: the site of the attempt that counts."""
        return (self.start or self.events[0]).site

    @property
    def origin(self) -> str:
        """Where the point comes from, "" when it was suggested."""
        return self.start.origin if self.start is not None else ""

    @property
    def imported(self) -> bool:
        """Whether it was taken over from a file: it says nothing of how trials run here."""
        return self.origin == IMPORTED

    @property
    def environment(self) -> str:
        """The id of what the attempt runs or ran in."""
        return self.start.environment if self.start is not None else ""

    @property
    def metrics(self) -> dict[str, Any]:
        """What the objective returned; numbers that are not finite as texts (`codec.number`)."""
        return self.end.metrics if isinstance(self.end, Finished) else {}

    # One value of many trials: quicker than all that a trial has.

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names in the point."""
        return tuple(self.point)

    @property
    def returned(self) -> tuple[str, ...]:
        """The names of what the objective returned."""
        return tuple(self.metrics)

    def value(self, dimension: str) -> Any:
        """Return the point's value of a dimension, None when it has none."""
        return self.point.get(dimension)

    def metric(self, name: str) -> Any:
        """Return one of the metrics, None when there is none of that name."""
        return self.metrics.get(name)

    @property
    def cause(self) -> str:
        """Why it failed, or why the newest attempt was interrupted; "" otherwise."""
        if self.end is None:
            return ""
        if isinstance(self.end, Voided):
            return "voided"
        return self.end.cause if isinstance(self.end, Finished) else "lost"

    @property
    def message(self) -> str:
        """The cause in words."""
        return self.end.message if self.end is not None else ""

    @property
    def traceback(self) -> str:
        """The traceback of the error."""
        return self.end.traceback if isinstance(self.end, Finished) else ""

    @property
    def seconds(self) -> float:
        """How long the attempt took."""
        return self.end.seconds if isinstance(self.end, Finished) else 0.0

    @property
    def steps(self) -> int:
        """How many steps were reported: by the result's attempt, or the most by any so far."""
        if self.state.settled and isinstance(self.end, Finished):
            return self.end.steps
        return max((e.steps for e in self.events if isinstance(e, Finished)), default=0)

    @property
    def started_at(self) -> float | None:
        """When the attempt began, in seconds since 1970; None when that is not known."""
        return self.start.at if self.start is not None else None

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt, in order."""
        result = self.end if self.state.settled else None
        return attempts_of((e for e in self.events if not isinstance(e, Voided)), result)

    @property
    def deaths(self) -> int:
        """How many attempts died: their process was killed, or their writer vanished."""
        return sum(attempt.died for attempt in self.attempts)

    @property
    def preempted_in_a_row(self) -> int:
        """How many of the newest attempts in a row were preempted."""
        row = 0
        for attempt in reversed(self.attempts):
            if attempt.state == "running":
                continue
            if not attempt.preempted:
                break
            row += 1
        return row

    @property
    def runners(self) -> tuple[str, ...]:
        """The writers whose newest attempts at this trial have not ended; one, as a rule."""
        return tuple(
            a.writer for a in self.attempts if a.state == "running" and a.attempt == self.attempt
        )

    @property
    def ever_began(self) -> bool:
        """Whether it is more than a tid that was handed out and taken back."""
        return self.state is not TrialState.VOIDED or self.start is not None


class WholeTrial(Trial, frozen=True, gc=False):
    """A trial that holds its events themselves; the rest is read off them."""

    start: Started | None
    end: Finished | Lost | Voided | None
    events: tuple[TrialEvent, ...]

    @classmethod
    def of(
        cls,
        state: TrialState,
        attempt: int,
        start: Started | None,
        end: Finished | Lost | Voided | None,
        events: tuple[TrialEvent, ...],
    ) -> WholeTrial:
        """Return the trial of some events, of which `start` and `end` are those that count."""
        loss = end.loss if isinstance(end, Finished) else None
        at = end.at if end is not None else None
        return cls(events[0].tid, state, attempt, loss, at, start, end, events)
