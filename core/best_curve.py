"""How the best value of a search came about: its finished trials, one after another.

Kept from snapshot to snapshot: what is new costs what is new, and not the whole history.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING

from trialdeck.core.history.snapshot import Snapshot
from trialdeck.core.stages import SEARCHING, stage_of
from trialdeck.core.status import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialdeck.core.history.snapshot import Trial


class BestCurve:
    """The finished trials in the order in which they were seen to have ended, each of them a row.

    Those that are seen at once are in the order of their ends; a file that is read late, or a
    clock that is behind, moves no row that is there already.

    `tids` has their numbers; `values` the metric as people read it, NaN where there is none.
    `records` are the rows of the trials that were better than all before them, `failed` the rows
    of those that failed; both ascend.
    """

    def __init__(self) -> None:
        self.tids = array("q")
        self.values = array("d")
        self.records: list[int] = []
        self.failed: list[int] = []
        self._lowest = math.inf  # loss
        self._seen = Snapshot()
        self._about = ("", "")

    def __len__(self) -> int:
        return len(self.tids)

    def update(self, snapshot: Snapshot, metric: str, direction: str) -> int:
        """Take up what has changed since the last snapshot; return the first row that is new.

        It is the number of rows when nothing is. Everything is worked out anew with another metric
        or direction, for the history of another search, and when a result was superseded.
        """
        before, self._seen = self._seen.trials, snapshot
        changed = list(snapshot.trials.changed_since(before))
        if (
            (metric, direction) != self._about
            or len(snapshot.trials) < len(before)
            or any(t.tid in before and before[t.tid].state.settled for t in changed)
        ):
            self._clear()
            self._about = (metric, direction)
            changed = list(snapshot.trials.values())
        first = len(self)
        self._append(sorted(filter(_belongs, changed), key=_end))
        return first

    def _clear(self) -> None:
        for column in (self.tids, self.values, self.records, self.failed):
            del column[:]
        self._lowest = math.inf

    def _append(self, trials: Iterable[Trial]) -> None:
        for row, trial in enumerate(trials, len(self)):
            value = shown(trial, *self._about)
            self.tids.append(trial.tid)
            self.values.append(math.nan if value is None else value)
            if trial.state == "failed":
                self.failed.append(row)
            elif trial.state == "ok" and trial.loss is not None and trial.loss < self._lowest:
                self._lowest = trial.loss
                self.records.append(row)


def _belongs(trial: Trial) -> bool:
    """Whether a trial is in the curve: of a later stage only if it failed, for `failed`.

    On another part of the sample its value is of another kind.
    """
    later = stage_of(trial.tid) != SEARCHING
    return trial.state.settled and (not later or trial.state == "failed")


def _end(trial: Trial) -> tuple[float, int]:
    return trial.finished_at or 0.0, trial.tid
