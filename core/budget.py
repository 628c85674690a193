"""Which tids there may be: `max_trials` of them, and one more for each that was taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialdeck.core.sites import HOME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialdeck.core.history.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Budget:
    """How many `trials` there may be.

    None that has not begun where the search has been ended early: `ended` says why, or is "", and
    `more` what gives it more to do.
    """

    trials: int
    ended: str = ""
    more: str = "a higher max_trials"


def bound(snapshot: Snapshot, budget: Budget) -> int:
    """Return the first tid that is too high: below it, enough have not been taken back."""
    limit = budget.trials
    for tid in sorted(snapshot.voided):
        if tid < limit:
            limit += 1
    return limit


def unclaimed(snapshot: Snapshot, budget: Budget, site: str = HOME) -> Iterator[int]:
    """Yield the tids of which nothing is known and that pools of a site may claim, in order."""
    limit = bound(snapshot, budget)
    if site == HOME:
        yield from (tid for tid in snapshot.unstarted(limit) if tid not in snapshot.granted)
    else:
        yield from sorted(t for t, to in snapshot.granted.items() if to == site and t < limit)


def all_ended(snapshot: Snapshot, budget: Budget) -> bool:
    """Whether every trial that may exist has come to its end, at whatever site."""
    limit = bound(snapshot, budget)
    return not snapshot.unfinished and not any(True for _ in snapshot.unstarted(limit))
