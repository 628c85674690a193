"""Which tids there may be: `max_trials` of them, and one more for each that was taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.sites import HOME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialdeck.core.history.snapshot import Snapshot


def bound(snapshot: Snapshot, max_trials: int) -> int:
    """Return the first tid that is too high: below it, `max_trials` have not been taken back."""
    limit = max_trials
    for tid in sorted(snapshot.voided):
        if tid < limit:
            limit += 1
    return limit


def unclaimed(snapshot: Snapshot, max_trials: int, site: str = HOME) -> Iterator[int]:
    """Yield the tids of which nothing is known and that pools of a site may claim, in order."""
    limit = bound(snapshot, max_trials)
    if site == HOME:
        yield from (tid for tid in snapshot.unstarted(limit) if tid not in snapshot.granted)
    else:
        yield from sorted(t for t, to in snapshot.granted.items() if to == site and t < limit)


def all_ended(snapshot: Snapshot, max_trials: int) -> bool:
    """Whether every trial that may exist has come to its end, at whatever site."""
    limit = bound(snapshot, max_trials)
    return not snapshot.unfinished and not any(True for _ in snapshot.unstarted(limit))
