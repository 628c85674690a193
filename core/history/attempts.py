"""The attempts at one trial, each told from its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from trialdeck.core.history.events import Finished, Lost, Started

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialdeck.core.history.events import TrialEvent


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One try at a trial.

    `state` is running, ok, pruned, failed, interrupted, lost or superseded. `started_at` is None
    when the attempt's start is not known (its writer's journal is missing or damaged), and
    `finished_at` while it has not ended. `cause` and `message` say why it ended.
    """

    attempt: int
    writer: str
    state: str
    core: int | None = None
    revision: int | None = None
    environment: str = ""
    started_at: float | None = None
    finished_at: float | None = None
    loss: float | None = None
    cause: str = ""
    message: str = ""
    seconds: float = 0.0
    steps: int = 0

    @property
    def died(self) -> bool:
        """Whether its process was killed, or its writer vanished, and the place is not to blame."""
        lost = self.state == "lost" and self.cause != "preempted"
        return lost or (self.state == "interrupted" and self.cause == "killed")

    @property
    def preempted(self) -> bool:
        """Whether the place ended its job."""
        return self.state in ("interrupted", "lost") and self.cause == "preempted"


def whose(event: TrialEvent) -> str:
    """Return whose attempt an event is about."""
    return event.holder if isinstance(event, Lost) else event.writer


def attempts_of(events: Iterable[TrialEvent], result: TrialEvent | None) -> tuple[Attempt, ...]:
    """Return the attempts in order. `events` are in the order of `folding`; `result` counts."""
    groups: dict[tuple[int, str], list[TrialEvent]] = {}
    for event in events:
        groups.setdefault((event.attempt, whose(event)), []).append(event)
    return tuple(_attempt(*key, groups[key], result) for key in sorted(groups))


def _attempt(
    number: int, writer: str, events: list[TrialEvent], result: TrialEvent | None
) -> Attempt:
    start = next((e for e in events if isinstance(e, Started)), None)
    ends = [e for e in events if not isinstance(e, Started)]
    # What its own writer says of its end comes first, an opinion last.
    end = next((e for e in ends if e is result), ends[0] if ends else None)
    known = {
        name: getattr(event, field)
        for event, names in ((start, _START), (end, _END))
        for name, field in names.items()
        if hasattr(event, field)
    }
    return Attempt(attempt=number, writer=writer, state=_state(end, result), **known)


# What an attempt takes over from its first event and its last, by the names there.
_START = {
    "core": "core",
    "revision": "revision",
    "environment": "environment",
    "started_at": "at",
}
_END = {
    "finished_at": "at",
    "loss": "loss",
    "cause": "cause",
    "message": "message",
    "seconds": "seconds",
    "steps": "steps",
}


def _state(end: TrialEvent | None, result: TrialEvent | None) -> str:
    if end is None:
        return "running"
    if isinstance(end, Lost):
        return "lost"
    if isinstance(end, Finished) and (end is result or end.outcome == "interrupted"):
        return end.outcome
    return "superseded"
