"""What a search's algorithm would suggest next, without claiming anything."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, count, islice
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.budget import bound
from trialdeck.core.budgets import budget_of
from trialdeck.core.history.events import Started
from trialdeck.core.history.trial import TrialState, WholeTrial
from trialdeck.core.suggest.algorithms import OURS, Suggester, startup
from trialdeck.core.suggest.explaining import Evidence, Explanation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.params.model import Params

_WRITER = "suggested"  # of trials that are only imagined


class Suggestion(msgspec.Struct, frozen=True):
    """The point that trial `tid` would get; `drawn` is one that no result has had a part in.

    `learnt` is how many trials the algorithm knows of then, with those that run.
    """

    tid: int
    params: dict[str, Any]
    drawn: bool
    learnt: int
    explanation: Explanation | None = None


def upcoming(
    params: Params,
    snapshot: Snapshot,
    fixed_of: Callable[[int], Mapping[str, Any]],
    number: int = 1,
    *,
    explain: bool = False,
) -> list[Suggestion]:
    """Return the next points, each as if those before it ran already.

    These are the points that the next trials get, unless a result comes in first. `fixed_of` is
    for `Suggester`.
    """
    suggester, evidence = Suggester(fixed_of), Evidence.of(params, snapshot, fixed_of)
    found: list[Suggestion] = []
    for learnt, tid in enumerate(islice(_tids(params, snapshot), number), evidence.learnt):
        point = suggester.suggest(params, snapshot, tid)
        drawn = _is_drawn(params, snapshot, learnt)
        reasons = evidence.explain(point) if explain else None
        found.append(Suggestion(tid, point, drawn, learnt, reasons))
        snapshot = _running(snapshot, tid, point)
    return found


def _is_drawn(params: Params, snapshot: Snapshot, learnt: int) -> bool:
    """Whether a point comes from the space alone; `learnt`: trials that are known, running too."""
    algorithm = params.search.algorithm
    known = snapshot.counts.finished if algorithm == OURS else learnt
    return algorithm == "rand" or known < startup(params)


def _tids(params: Params, snapshot: Snapshot) -> Iterator[int]:
    """Yield the numbers that trials get next, also where there may be no more of them."""
    first, limit = snapshot.highest_tid + 1, bound(snapshot, budget_of(params, snapshot))
    new = chain(range(first, limit), snapshot.unstarted(min(first, limit)))
    yield from (tid for tid in new if tid not in snapshot.granted)
    yield from (tid for tid in count(max(first, limit)) if tid not in snapshot.granted)


def _running(snapshot: Snapshot, tid: int, point: dict[str, Any]) -> Snapshot:
    start = Started(writer=_WRITER, tid=tid, point=point)
    trial = WholeTrial.of(TrialState.RUNNING, 0, start, None, (start,))
    return replace(snapshot, trials=snapshot.trials.with_trial(trial))
