"""What there is to do in a search: its trials, unless something has ended it before the last one.

Everybody comes to the same from the same history, and nothing that happens later takes it back:
of results in the order of their ends, and of time that has passed, there is only ever more.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from trialdeck.core.budget import Budget
from trialdeck.core.course import Course
from trialdeck.core.params.durations import format_duration

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
        self._last: tuple[Params, Snapshot, Budget] | None = None
        self._lock = threading.Lock()

    def of(self, params: Params, snapshot: Snapshot) -> Budget:
        """Return what there is to do in the search of this history with these parameters."""
        with self._lock:
            last = self._last
            if last is None or last[0] is not params or last[1] is not snapshot:
                last = self._last = params, snapshot, self._work_out(params, snapshot)
            return last[2]

    def _work_out(self, params: Params, snapshot: Snapshot) -> Budget:
        search = params.search
        if search.patience is not None or search.time_limit is not None:
            self._course.follow(snapshot)
        for ended, more in (
            (_target(search, snapshot), "a better target, or none,"),
            (_patience(search, self._course), "a higher patience"),
            (_time_limit(search, self._course), "a higher time_limit"),
        ):
            if ended:
                return Budget(0, ended, more)
        return Budget(search.max_trials)


def _target(search: SearchTable, snapshot: Snapshot) -> str:
    if search.target is None or snapshot.best is None:
        return ""
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
