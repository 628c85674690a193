"""What the events about one trial, in whatever order they were read, say together.

A trial is settled once any attempt has a result. Of several the best kind wins (ok, pruned,
failed), then the lowest attempt, then the lowest writer. Otherwise one that was taken back from its
site is voided, and else its newest attempt decides whether it runs, or waits to run again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.history.attempts import whose
from trialdeck.core.history.codec import encode
from trialdeck.core.history.events import Finished, Lost, Started, Superseded, Voided
from trialdeck.core.history.trial import SETTLED, TrialState, WholeTrial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.history.events import TrialEvent

_RANKS = {outcome: rank for rank, outcome in enumerate(SETTLED)}
_KINDS = {Started: 0, Finished: 1, Superseded: 2, Lost: 3, Voided: 4}


def fold(events: Sequence[TrialEvent]) -> WholeTrial:
    """Return the trial that the distinct `events` (at least one) about it make."""
    ordered = tuple(sorted(events, key=_order)) if len(events) > 1 else tuple(events)
    results = [e for e in ordered if isinstance(e, Finished) and e.outcome in SETTLED]
    if not results:
        voids = [e for e in ordered if isinstance(e, Voided)]
        return _voided(ordered, voids[0]) if voids else _unsettled(ordered)
    end = min(results, key=_rank)  # the first of equals, as they are in order
    start = _start(ordered, end.attempt, end.writer)
    return WholeTrial.of(SETTLED[end.outcome], end.attempt, start, end, ordered)


def _order(event: TrialEvent) -> tuple[int, int, bool, str, bytes]:
    # Of several opinions on a lost attempt one that knows more comes first.
    vague = isinstance(event, Lost) and not event.cause
    return event.attempt, _KINDS[type(event)], vague, event.writer, encode(event)


def _rank(result: Finished) -> int:
    return _RANKS[result.outcome]


def _start(events: Sequence[TrialEvent], attempt: int, writer: str) -> Started | None:
    """Return the start of this attempt by this writer, or the nearest to it that is known.

    All attempts have the same point, and a result may be another writer's word on a lost attempt.
    """

    def distance(start: Started) -> tuple[bool, bool]:
        return start.attempt != attempt, start.writer != writer

    starts = (e for e in events if isinstance(e, Started))
    return min(starts, key=distance, default=None)


def _voided(events: tuple[TrialEvent, ...], void: Voided) -> WholeTrial:
    number = max(event.attempt for event in events)
    start = _start(events, number, "")
    return WholeTrial.of(TrialState.VOIDED, start.attempt if start else 0, start, void, events)


def _unsettled(events: tuple[TrialEvent, ...]) -> WholeTrial:
    number = max(event.attempt for event in events)
    newest = [event for event in events if event.attempt == number]
    over = {whose(event) for event in newest if not isinstance(event, Started)}
    for event in newest:
        if isinstance(event, Started) and event.writer not in over:
            return WholeTrial.of(TrialState.RUNNING, number, event, None, events)
    ends = [event for event in newest if isinstance(event, Finished | Lost)]
    end = ends[0] if ends else None
    start = _start(events, number, whose(end) if end is not None else "")
    return WholeTrial.of(TrialState.INTERRUPTED, number, start, end, events)
