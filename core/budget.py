"""Which tids there may be: `max_trials` of them, and one more for each that was taken back.

Those of later stages (`trialdeck.core.stages`) come beside them once it is known which.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trialdeck.core.sites import HOME
from trialdeck.core.stages import SEARCHING, stage_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialdeck.core.history.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Budget:
    """How many `trials` of stage 0 there may be, and which `further` ones of later stages.

    None that has not begun where the search has been ended early: `ended` says why, or is "", and
    `more` what gives it more to do. `awaited` is how many further ones there will be once stage 0
    is over. `limits` say how near the search is to an early end.
    """

    trials: int
    further: tuple[int, ...] = ()
    awaited: int = 0
    ended: str = ""
    more: str = "a higher max_trials"
    limits: tuple[str, ...] = field(default=(), compare=False)


def bound(snapshot: Snapshot, budget: Budget) -> int:
    """Return the first tid that is too high: below it, enough have not been taken back."""
    limit = budget.trials
    for tid in sorted(snapshot.voided):
        if tid < limit:
            limit += 1
    return limit


def unclaimed(snapshot: Snapshot, budget: Budget, site: str = HOME) -> Iterator[int]:
    """Yield the tids of which nothing is known and that pools of a site may claim, in order."""
    granted = snapshot.granted
    if site == HOME:
        yield from (tid for tid in _unbegun(snapshot, budget) if tid not in granted)
    else:
        yield from (t for t in open_at(snapshot, site) if is_wanted(t, snapshot, budget))


def open_at(snapshot: Snapshot, site: str) -> list[int]:
    """Return the tids of a site that it has not started, in order."""
    return sorted(tid for tid, to in snapshot.granted.items() if to == site)


def is_wanted(tid: int, snapshot: Snapshot, budget: Budget) -> bool:
    """Whether there may be a trial of this number."""
    return tid < bound(snapshot, budget) or tid in budget.further


def _unbegun(snapshot: Snapshot, budget: Budget) -> Iterator[int]:
    """Yield the tids that there may be and that have neither a start nor a result."""
    yield from snapshot.unstarted(bound(snapshot, budget))
    known, pointless = snapshot.trials, snapshot.pointless
    yield from (tid for tid in budget.further if tid not in known or tid in pointless)


def all_ended(snapshot: Snapshot, budget: Budget) -> bool:
    """Whether every trial that may exist has come to its end, at whatever site."""
    return not snapshot.unfinished and not any(True for _ in _unbegun(snapshot, budget))


def first_ended(snapshot: Snapshot, budget: Budget) -> bool:
    """Whether every trial of stage 0 that may exist has come to its end, at whatever site."""
    runs = any(stage_of(tid) == SEARCHING for tid in snapshot.unfinished)
    return not runs and not any(True for _ in snapshot.unstarted(bound(snapshot, budget)))
