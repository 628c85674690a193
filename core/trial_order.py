"""Which trials a table shows, and in which order, kept up to date as trials come and change."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.core.history.snapshot import Snapshot
from trialdeck.core.reading import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trialdeck.core.history.snapshot import Trial
    from trialdeck.core.trial_fields import Field

# With more changes than this share of the trials, sorting again costs less than single steps.
MANY = 0.05
_Key = tuple[int, float, str, int]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be shown: sorted by `field`, only trials that pass every one of `tests`."""

    field: Field
    descending: bool = True
    tests: tuple[Callable[[Trial], bool], ...] = ()

    def wants(self, trial: Trial) -> bool:
        """Whether the trial passes."""
        return trial.ever_began and all(test(trial) for test in self.tests)


class TrialOrder:
    """The tids in order. Trials without the value come last, whichever way it is sorted.

    Only tids are kept: where a trial stood is found by what the older snapshot says of it.
    """

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self._snapshot = Snapshot()
        self._have: list[int] = []  # ascending by value
        self._lack: list[int] = []  # ascending by tid
        self._order: list[int] | None = None

    @property
    def tids(self) -> Sequence[int]:
        """The tids, the first row's first. A new list after every change."""
        if self._order is None:
            if self.wish.descending:
                self._order = [*reversed(self._have), *reversed(self._lack)]
            else:
                self._order = [*self._have, *self._lack]
        return self._order

    def __len__(self) -> int:
        return len(self._have) + len(self._lack)

    def show(self, wish: Wish, snapshot: Snapshot) -> None:
        """Show something else."""
        only_turned = wish.field is self.wish.field and wish.tests == self.wish.tests
        self.wish, self._order = wish, None
        if not only_turned or snapshot is not self._snapshot:
            self._sort(snapshot)

    def update(self, snapshot: Snapshot, changed: Iterable[Trial]) -> None:
        """Take in a newer snapshot; `changed` are its trials that are new or different.

        Trials whose wish depends on the time may be among them though they are the same.
        """
        news = list(changed)
        if not news:
            self._snapshot = snapshot
        elif len(news) > MANY * len(snapshot.trials) or not self._remove(news):
            self._sort(snapshot)
        else:
            self._snapshot = snapshot
            self._insert(news)

    def _sort(self, snapshot: Snapshot) -> None:
        self._snapshot, self._order = snapshot, None
        wish = self.wish
        trials: Iterable[Trial] = snapshot.trials.values()
        if wish.tests or snapshot.voided:
            trials = filter(wish.wants, trials)
        if wish.field.name == "trial":  # as they are
            self._have, self._lack = [trial.tid for trial in trials], []
            return
        self._have, self._lack = _sorted(trials, wish.field)

    # -- single steps -----------------------------------------------------------------------

    def _remove(self, news: Iterable[Trial]) -> bool:
        """Take out what has changed; return False if something was not where it should be."""
        known = self._snapshot.trials
        for trial in news:
            old = known.get(trial.tid)
            if old is None:
                continue
            row, index = self._place(old)
            if index < len(row) and row[index] == trial.tid:
                del row[index]
                self._order = None
            elif not self.wish.tests and old.ever_began:
                return False
        return True

    def _insert(self, news: Iterable[Trial]) -> None:
        for trial in news:
            if self.wish.wants(trial):
                row, index = self._place(trial)
                row.insert(index, trial.tid)
                self._order = None

    def _place(self, trial: Trial) -> tuple[list[int], int]:
        """Return the list that a trial belongs to, and where in it."""
        key = self._key(trial)
        if key is None:
            return self._lack, bisect_left(self._lack, trial.tid)
        return self._have, bisect_left(self._have, key, key=self._key_of)

    def _key_of(self, tid: int) -> _Key:
        key = self._key(self._snapshot.trials[tid])
        return key if key is not None else _LAST

    def _key(self, trial: Trial) -> _Key | None:
        value = self.wish.field.sort_value(trial)
        return None if value is None else (*comparable(value), trial.tid)


_LAST: _Key = (2, 0.0, "", 0)


def comparable(value: Any) -> tuple[int, float, str]:
    """Return a key that orders numbers by size, and before texts."""
    if isinstance(value, int | float) and math.isfinite(value):
        return 0, float(value), ""
    return 1, 0.0, value if isinstance(value, str) else shown(value)


def _sorted(trials: Iterable[Trial], field: Field) -> tuple[list[int], list[int]]:
    """Return the tids in order of `comparable`, and those that have no value."""
    numbers, tids = array("d"), array("q")
    texts: list[tuple[str, int]] = []
    lack: list[int] = []
    rank = field.rank or field.value
    for trial in trials:
        value = rank(trial)
        if value is None:
            lack.append(trial.tid)
            continue
        kind, number, text = comparable(value)
        if kind:
            texts.append((text, trial.tid))
        else:
            numbers.append(number)
            tids.append(trial.tid)
    # Trials come in order of tid, and equal numbers stay in it.
    order = sorted(range(len(numbers)), key=numbers.__getitem__)
    texts.sort()
    return [*(tids[place] for place in order), *(tid for _, tid in texts)], lack
