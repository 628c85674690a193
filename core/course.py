"""How a search has gone: its results in the order of their ends, and how long its cores ran.

Both follow from the events alone, so that every machine comes to the same: the order is that of the
times in the events, whichever clock wrote them.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from typing import TYPE_CHECKING, NamedTuple

from trialdeck.core.history.events import Finished
from trialdeck.core.history.snapshot import Trials
from trialdeck.core.stages import CONFIRMING, SEARCHING, stage_of

if TYPE_CHECKING:
    from trialdeck.core.history.snapshot import Snapshot, Trial

GAP_SECONDS = 60.0  # suggesting a point and starting a core take time in which cores work, too


class Result(NamedTuple):
    """A trial that ended `at` (seconds since 1970); `loss` is infinite where it was pruned."""

    at: float
    tid: int
    loss: float
    imported: bool


class Course:
    """Follows one search from snapshot to snapshot, at the cost of what has changed."""

    def __init__(self) -> None:
        self.ran = Spans()
        self._seen = Trials({}, 0)
        self._results: list[Result] = []  # in order
        self._of: dict[int, Result] = {}
        self._scan = _Scan(0)

    def follow(self, snapshot: Snapshot) -> None:
        """Take in what is new."""
        for trial in snapshot.trials.changed_since(self._seen):
            if stage_of(trial.tid) == CONFIRMING:
                continue  # the search is over by then
            for event in trial.events if not trial.imported else ():
                if isinstance(event, Finished) and event.seconds > 0:
                    self.ran.add(event.at - event.seconds, event.at)
            self._note(trial)
        self._seen = snapshot.trials

    def _note(self, trial: Trial) -> None:
        old = self._of.pop(trial.tid, None)
        if old is not None:  # another attempt counts now
            self._results.remove(old)
            self._scan = _Scan(0)
        if trial.state not in ("ok", "pruned") or stage_of(trial.tid) != SEARCHING:
            return
        loss = trial.loss if trial.state == "ok" and trial.loss is not None else math.inf
        new = Result(trial.finished_at or 0.0, trial.tid, loss, trial.imported)
        if self._scan.done and new < self._results[self._scan.done - 1]:
            self._scan = _Scan(0)
        insort(self._results, new)
        self._of[trial.tid] = new

    @property
    def row(self) -> int:
        """How many results in a row have been no better by now, as of the last `stood_still`."""
        return self._scan.row

    def stood_still(self, patience: int) -> bool:
        """Whether so many results in a row have once been no better than the best before them."""
        if self._scan.patience != patience:
            self._scan = _Scan(patience)
        self._scan.go_on(self._results)
        return self._scan.longest >= patience


class _Scan:
    """How many results in a row were no better, among the first `done` ones."""

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.done = 0
        self.longest = 0
        self.row = 0
        self._best = math.inf

    def go_on(self, results: list[Result]) -> None:
        for result in results[self.done :]:
            if result.loss < self._best:
                self._best, self.row = result.loss, 0
            elif self._best < math.inf and not result.imported:
                self.row += 1
                self.longest = max(self.longest, self.row)
        self.done = len(results)


class Spans:
    """A union of spans of time; what lies less than a minute apart is one span."""

    def __init__(self, gap: float = GAP_SECONDS) -> None:
        self.gap = gap
        self.total = 0.0  # seconds
        self._begins: list[float] = []
        self._ends: list[float] = []

    def add(self, begin: float, end: float) -> None:
        """Add a span; one that is known already changes nothing."""
        first = bisect_left(self._ends, begin - self.gap)
        last = bisect_left(self._begins, end + self.gap)
        if first < last:  # those from first to before last become one with it
            begin, end = min(begin, self._begins[first]), max(end, self._ends[last - 1])
            old = zip(self._begins[first:last], self._ends[first:last], strict=True)
            self.total -= sum(upper - lower for lower, upper in old)
        self._begins[first:last], self._ends[first:last] = [begin], [end]
        self.total += end - begin
