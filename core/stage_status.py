"""Where the stages of a search stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from trialdeck.core.budget import bound
from trialdeck.core.rank_correlation import spearman
from trialdeck.core.stages import CONFIRMING, PROMOTED, SEARCHING, of_stage, source_of, stage_of

if TYPE_CHECKING:
    from trialdeck.core.budget import Budget
    from trialdeck.core.history.snapshot import Counts, Snapshot
    from trialdeck.core.params.model import Params


class Stage(msgspec.Struct, frozen=True):
    """One stage: what its trials are, how many there are to be, and how many are.

    `fraction` is the part of the training sample that they see.
    """

    stage: int
    what: str
    fraction: float
    trials: int
    ok: int
    failed: int
    pruned: int
    running: int
    waiting: int  # to run again, or for the first time


def stages_of(params: Params, snapshot: Snapshot, budget: Budget) -> tuple[Stage, ...]:
    """Return the stages; none where there is only the search itself."""
    found = []
    reduced = params.reduced_sample
    if reduced is not None or any(counts.finished for counts in snapshot.later):
        found.append(_stage(SEARCHING, params, params.search.max_trials, snapshot.counts))
    promoted, confirming = snapshot.later
    if reduced is not None or _all(promoted):
        count = max(len(budget.further) or budget.awaited, _all(promoted))
        found.append(_stage(PROMOTED, params, count, promoted))
    if _all(confirming):
        found.append(_stage(CONFIRMING, params, _all(confirming), confirming))
    return tuple(found)


def _all(counts: Counts) -> int:
    return counts.finished + counts.running + counts.interrupted


def _stage(stage: int, params: Params, trials: int, counts: Counts) -> Stage:
    fraction = params.fraction if stage == SEARCHING else 1.0
    part = f"on {100 * fraction:g} % of the sample" if fraction < 1 else "on the full sample"
    return Stage(
        stage=stage,
        what="confirming" if stage == CONFIRMING else part,
        fraction=fraction,
        trials=trials,
        ok=counts.ok,
        failed=counts.failed,
        pruned=counts.pruned,
        running=counts.running,
        waiting=counts.interrupted,
    )


def still_to_end(snapshot: Snapshot, budget: Budget) -> int:
    """Return how many trials have yet to end, of all stages, as far as that is known."""
    later = sum(stage_of(tid) != SEARCHING for tid in snapshot.unfinished)
    # Where stage 0 goes on, some have been promoted before.
    awaited = max(0, budget.awaited - _all(snapshot.later[0]))
    return _left_of_first(snapshot, budget) + awaited + _unbegun(snapshot, budget) + later


def stage_at_work(snapshot: Snapshot, budget: Budget) -> int | None:
    """Return the first stage of which there is something left to run, None when there is none."""
    if _left_of_first(snapshot, budget):
        return SEARCHING
    if _unbegun(snapshot, budget):
        return PROMOTED
    return min(map(stage_of, snapshot.unfinished), default=None)


def _left_of_first(snapshot: Snapshot, budget: Budget) -> int:
    """Return how many of stage 0 have yet to end.

    What has begun is among them also beyond the budget: after an early end, or to run again.
    """
    begun = [tid for tid in snapshot.unfinished if stage_of(tid) == SEARCHING]
    limit = bound(snapshot, budget)
    beyond = sum(tid >= limit for tid in begun)
    return max(len(begun), max(0, budget.trials - snapshot.counts.finished) + beyond)


def _unbegun(snapshot: Snapshot, budget: Budget) -> int:
    return sum(tid not in snapshot.trials for tid in budget.further)


def rank_correlation(snapshot: Snapshot) -> float | None:
    """Return how alike the order of the promoted trials is on a part and on all of the sample.

    Spearman's, of their losses; None before three of them have succeeded.
    """
    pairs = {}
    for trial in of_stage(snapshot, PROMOTED):
        source = snapshot.trials.get(source_of(trial.tid))
        if trial.state == "ok" and trial.loss is not None and source is not None:
            pairs[source.tid] = (source.loss, trial.loss)
    have = [(small, whole) for small, whole in pairs.values() if small is not None]
    return spearman([small for small, _ in have], [whole for _, whole in have])
