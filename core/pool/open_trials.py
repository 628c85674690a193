"""Which trials of a search are still to be run, as far as a snapshot shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from trialdeck.core.history.snapshot import Snapshot, Trial


def can_be_taken(trial: Trial, gone: Callable[[str], bool]) -> bool:
    """Whether an unfinished trial waits, or runs at a writer that is gone."""
    return trial.state != "running" or gone(trial.writer)


def claimable(
    snapshot: Snapshot, limit: int, gone: Callable[[str], bool], held: Collection[int] = ()
) -> int:
    """Return how many trials below `limit` there are to claim, besides those `held`."""
    left = sum(
        can_be_taken(snapshot.trials[tid], gone) for tid in snapshot.unfinished if tid not in held
    )
    return left + sum(1 for tid in snapshot.unstarted(limit) if tid not in held)


def all_ended(snapshot: Snapshot, limit: int) -> bool:
    """Whether every trial that may exist has come to its end."""
    return not snapshot.unfinished and not any(True for _ in snapshot.unstarted(limit))
