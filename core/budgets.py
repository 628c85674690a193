"""What there is to do in a search: its trials, then the promotion of the best of them.

Something may end it before the last one. Everybody comes to the same from the same history, and
nothing that happens later takes it back: of results in the order of their ends, and of time that
has passed, there is only ever more.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from trialdeck.core.budget import Budget, all_ended, first_ended
from trialdeck.core.course import Course
from trialdeck.core.history.snapshot import Trials
from trialdeck.core.params.durations import format_duration
from trialdeck.core.stages import (
    SEARCHING,
    best_first,
    first_stage,
    first_with_points,
    promoted,
    stage_of,
    standing,
)

if TYPE_CHECKING:
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.params.model import Params, SearchTable


def budget_of(params: Params, snapshot: Snapshot) -> Budget:
    """Return what there is to do. Whoever asks again and again has `Budgets`."""
    return Budgets().of(params, snapshot)


class Budgets:
    """Says for one search, from snapshot to snapshot, what there is to do. For any thread."""

    def __init__(self) -> None:
        self._course = Course()
        self._ranking = _Ranking()
        self._last: tuple[Params, Snapshot, Budget] | None = None
        self._lock = threading.Lock()

    def of(self, params: Params, snapshot: Snapshot) -> Budget:
        """Return what there is to do in the search of this history with these parameters."""
        with self._lock:
            last = self._last
            if last is None or last[0] is not params or last[1] is not snapshot:
                budget = self._work_out(params, snapshot)
                budget = replace(budget, limits=_limits(params.search, self._course))
                last = self._last = params, snapshot, budget
            return last[2]

    def _work_out(self, params: Params, snapshot: Snapshot) -> Budget:
        search = params.search
        if search.patience is not None or search.time_limit is not None:
            self._course.follow(snapshot)
        budget = self._without_limits(params, snapshot)
        for ended, more in (
            (_target(params, snapshot), "a better target, or none,"),
            (_time_limit(search, self._course), "a higher time_limit"),
        ):
            if ended and not all_ended(snapshot, budget):
                return Budget(0, ended=ended, more=more)
        return budget

    def _without_limits(self, params: Params, snapshot: Snapshot) -> Budget:
        """Return what there would be to do without a target and a time limit."""
        search, reduced = params.search, params.reduced_sample
        budget = Budget(search.max_trials)
        ended = _patience(search, self._course)
        if ended and not first_ended(snapshot, budget):
            budget = Budget(0, ended=ended, more="a higher patience")
        if reduced is None:
            return budget
        if not first_ended(snapshot, budget):  # it is not certain which are the best
            return replace(budget, awaited=reduced.promote)
        best = self._ranking.best(snapshot, reduced.promote)
        return replace(budget, further=tuple(standing(promoted(tid), snapshot) for tid in best))


class _Ranking:
    """The best trials of stage 0; ranked anew only when one of that stage has changed."""

    def __init__(self) -> None:
        self._seen = Trials({}, 0)
        self._best: tuple[int, ...] = ()
        self._count = -1

    def best(self, snapshot: Snapshot, count: int) -> tuple[int, ...]:
        changed = snapshot.trials.changed_since(self._seen)
        if count != self._count or any(stage_of(trial.tid) == SEARCHING for trial in changed):
            # What was imported was not measured on this part of the sample.
            own = (trial for trial in first_stage(snapshot) if not trial.imported)
            found = list(islice(best_first(own), count))
            self._best, self._count = tuple(first_with_points(snapshot, found)), count
        self._seen = snapshot.trials
        return self._best


def _limits(search: SearchTable, course: Course) -> tuple[str, ...]:
    found = []
    if search.patience is not None:
        found.append(f"{course.row} of {search.patience} results without improvement")
    if search.time_limit is not None:
        ran, limit = format_duration(course.ran.total), format_duration(search.time_limit)
        found.append(f"cores have run for {ran} of {limit}")
    return tuple(found)


def _target(params: Params, snapshot: Snapshot) -> str:
    search, reduced = params.search, params.reduced_sample
    if search.target is None or snapshot.best is None:
        return ""
    if reduced is not None and stage_of(snapshot.best) == SEARCHING:
        return ""  # what is good on a part of the sample is not what is wanted
    loss = snapshot.trials[snapshot.best].loss
    wanted = -search.target if search.direction == "maximize" else search.target
    if loss is None or loss > wanted:
        return ""
    name = search.metric or "loss"
    return f"the target {name} {search.target:g} has been reached by trial {snapshot.best}"


def _patience(search: SearchTable, course: Course) -> str:
    if search.patience is None or not course.stood_still(search.patience):
        return ""
    return f"no improvement in {search.patience} finished trials (patience)"


def _time_limit(search: SearchTable, course: Course) -> str:
    if search.time_limit is None or course.ran.total < search.time_limit:
        return ""
    return f"its cores have run for {format_duration(search.time_limit)} (time_limit)"
