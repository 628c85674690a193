"""Which trials of a search are still to be run, as far as a snapshot shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.budget import unclaimed
from trialdeck.core.sites import HOME

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from trialdeck.core.budget import Budget
    from trialdeck.core.history.snapshot import Snapshot, Trial


def can_be_taken(trial: Trial, gone: Callable[[str], bool], site: str = HOME) -> bool:
    """Whether an unfinished trial of a site waits, or runs at a writer that is gone."""
    return trial.site == site and (trial.state != "running" or gone(trial.writer))


def claimable(
    snapshot: Snapshot,
    budget: Budget,
    gone: Callable[[str], bool],
    held: Collection[int] = (),
    site: str = HOME,
) -> int:
    """Return how many trials there are for pools of a site to claim, besides those `held`."""
    left = sum(
        can_be_taken(snapshot.trials[tid], gone, site)
        for tid in snapshot.unfinished
        if tid not in held
    )
    return left + sum(1 for tid in unclaimed(snapshot, budget, site) if tid not in held)
