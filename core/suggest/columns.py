"""The history as columns of numbers, which grow with it, and what of it is good and what is bad."""

from __future__ import annotations

import math
from collections import Counter
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trialdeck.core.seeds import seed_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trialdeck.core.suggest.normal import Floats
    from trialdeck.core.suggest.variables import Variable

    Rows = NDArray[np.intp]


class Kind(IntEnum):
    """What is known of a trial, the best first."""

    FINISHED = 0
    PRUNED = 1
    FAILED = 2
    RUNNING = 3
    GONE = 4


class Standing(NamedTuple):
    """What a trial counts as. A pruned one is the better the more steps it has come."""

    kind: Kind
    loss: float = math.inf
    steps: int = 0


def standing(loss: float | None) -> Standing:
    """Return that of a trial which ended with a loss; not a number is a failure."""
    if loss is None or math.isnan(loss) or loss == math.inf:
        return Standing(Kind.FAILED)
    return Standing(Kind.FINISHED, loss)


class Split(NamedTuple):
    """Rows of the good and of the bad set, and the weight of each."""

    good: Rows
    good_weights: Floats
    bad: Rows
    bad_weights: Floats


class Columns:
    """One row for each trial, in whatever order they came; what is asked does not depend on it."""

    def __init__(self, variables: Sequence[Variable]) -> None:
        self.variables = variables
        self.rows: dict[int, int] = {}
        self.seen: Counter[bytes] = Counter()  # how often each point was tried
        self._values = np.empty((64, len(variables)))
        self._tids = np.empty(64, np.int64)
        self._kinds = np.empty(64, np.int8)
        self._losses = np.empty(64)
        self._steps = np.empty(64, np.int64)
        self._marks = np.empty(64)  # at random, but always the same: who represents the many

    def put(self, tid: int, values: Sequence[float], what: Standing) -> None:
        """Add a trial, or change it. Values that are not there, or do not fit, are NaN."""
        self.forget(tid)
        row = self.rows.get(tid)
        if row is None:
            row = self.rows[tid] = len(self.rows)
            if row == len(self._tids):
                self._grow()
            self._tids[row] = tid
            self._marks[row] = seed_for(0, "represents", tid)
        self._values[row] = values
        self._kinds[row], self._losses[row], self._steps[row] = what
        self.seen[key_of(self._values[row])] += 1

    def forget(self, tid: int) -> None:
        """Take a trial out, if it is there."""
        row = self.rows.get(tid)
        if row is not None and self._kinds[row] != Kind.GONE:
            self._kinds[row] = Kind.GONE
            key = key_of(self._values[row])
            self.seen[key] -= 1
            if not self.seen[key]:
                del self.seen[key]

    def _grow(self) -> None:
        for name in ("_values", "_tids", "_kinds", "_losses", "_steps", "_marks"):
            old = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.empty_like(old)]))

    def values(self, rows: Rows, places: Sequence[int]) -> Floats:
        """Return the values of some trials, of shape (rows, places)."""
        return self._values[rows[:, None], list(places)]

    def settled(self) -> int:
        """Return how many trials have ended."""
        kinds = self._kinds[: len(self.rows)]
        return int(np.count_nonzero(kinds <= Kind.FAILED))

    def with_values(self, places: Sequence[int]) -> Rows:
        """Return the trials that have a value of any of these variables."""
        values = self._values[: len(self.rows), list(places)]
        return np.flatnonzero(~np.isnan(values).all(axis=1))

    def split(self, rows: Rows, share: float, most: int, bad: int) -> Split:
        """Return the good and the bad ones of some trials.

        Good are the best `share` of those that have ended, at most `most`, never failed ones. Of
        the bad ones so many represent all; running ones, which count as bad, are there beside them.
        """
        kinds = self._kinds[rows]
        ended = np.count_nonzero(kinds <= Kind.FAILED)
        count = min(math.ceil(share * ended), most)
        good = self._best(rows[kinds == Kind.FINISHED], self._losses, count)
        if len(good) < count:
            pruned = rows[kinds == Kind.PRUNED]
            good = np.append(good, self._best_pruned(pruned, count - len(good)))
        others = rows[(kinds <= Kind.FAILED) & ~np.isin(rows, good, kind="sort")]
        running = self._by_tid(rows[kinds == Kind.RUNNING])
        chosen = self._by_tid(others)
        weight = 1.0
        if len(others) > bad:
            marks = self._marks[others]
            chosen = self._by_tid(others[np.argpartition(marks, bad)[:bad]])
            weight = len(others) / bad
        weights = np.append(np.full(len(chosen), weight), np.ones(len(running)))
        return Split(good, np.ones(len(good)), np.append(chosen, running), weights)

    def _best(self, rows: Rows, keys: Floats, count: int) -> Rows:
        """Return the rows with the lowest keys, in order; of equal ones those of the lower tid."""
        if 0 < count < len(rows):
            limit = np.partition(keys[rows], count - 1)[count - 1]
            rows = rows[keys[rows] <= limit]
        order = np.lexsort((self._tids[rows], keys[rows]))
        return rows[order[:count]]

    def _best_pruned(self, rows: Rows, count: int) -> Rows:
        order = np.lexsort((self._tids[rows], self._losses[rows], -self._steps[rows]))
        return rows[order[:count]]

    def _by_tid(self, rows: Rows) -> Rows:
        return rows[np.argsort(self._tids[rows])]


def key_of(values: Floats) -> bytes:
    """Return what is equal for equal points."""
    return np.where(np.isnan(values), np.nan, values + 0.0).tobytes()
