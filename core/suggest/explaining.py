"""What speaks for a suggested point, of all that is true whatever the algorithm.

That is where its values lie among those of good trials and of the others, and which finished trials
are near. What an algorithm has to say of its own goes into `Standing`, a field for each number.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.compatibility import fit
from trialdeck.core.stages import first_stage
from trialdeck.core.status import shown
from trialdeck.core.suggest.scale import apart, distance, is_ordered, position

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trialdeck.core.dimension import Dimension
    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.params.model import Params
    from trialdeck.core.space import Point

GOOD = 0.25  # of the finished trials: the best
NEAR = 0.1  # of the scale, to either side
NEIGHBOURS = 5


class Neighbour(msgspec.Struct, frozen=True):
    """A finished trial, and how far its point is (see `scale.distance`); `value` is its metric."""

    tid: int
    state: str
    value: float | None
    distance: float


class Standing(msgspec.Struct, frozen=True):
    """Where a value lies among those of the finished trials that have the dimension.

    `good` of them are among the best quarter, and `good_near` of these have a value like it: the
    same, or at most a tenth of the scale away. `rest` are the others. `above` is the share of all
    their values that it is above, None where there is no order, or no value.
    """

    name: str
    value: Any
    good: int
    good_near: int
    rest: int
    rest_near: int
    above: float | None


class Explanation(msgspec.Struct, frozen=True):
    """What speaks for a point; `finished` is of how many trials that is said."""

    finished: int
    nearest: tuple[Neighbour, ...]
    values: tuple[Standing, ...]


@dataclass(frozen=True)
class Evidence:
    """The finished trials that fit the space, the best first, with their points in it."""

    params: Params
    ranked: Sequence[tuple[Trial, Point]]
    learnt: int  # how many trials an algorithm knows of, with those that run

    @classmethod
    def of(
        cls, params: Params, snapshot: Snapshot, fixed_of: Callable[[int], Mapping[str, Any]]
    ) -> Evidence:
        """Return what a history has; `fixed_of(revision)` is the [fixed] table of that time."""
        then = cache(fixed_of)
        trials = [trial for trial in first_stage(snapshot) if trial.state != "voided"]
        told = ((trial.tid, trial.point, then(trial.revision)) for trial in trials)
        usable = fit(params.space, params.fixed, told).usable
        settled = [t for t in trials if t.state.settled and t.tid in usable]
        settled.sort(key=lambda trial: (*_rank(trial), trial.tid))
        return cls(params, [(trial, usable[trial.tid]) for trial in settled], len(usable))

    @property
    def good(self) -> int:
        """How many of the first are the best quarter; all of these have succeeded."""
        ok = sum(trial.state == "ok" for trial, _ in self.ranked)
        return min(ok, math.ceil(GOOD * len(self.ranked)))

    def explain(self, point: Point) -> Explanation:
        """Return what speaks for a point of the space."""
        values = tuple(self._standing(d, point[d.name]) for d in self.params.space.active(point))
        return Explanation(len(self.ranked), tuple(self._nearest(point)), values)

    def _nearest(self, point: Point) -> list[Neighbour]:
        search = self.params.search
        far = ((distance(self.params.space, point, p), t.tid, t) for t, p in self.ranked)
        return [
            Neighbour(tid, str(t.state), shown(t, search.metric or "loss", search.direction), away)
            for away, tid, t in heapq.nsmallest(NEIGHBOURS, far)
        ]

    def _standing(self, dimension: Dimension, value: Any) -> Standing:
        name, good = dimension.name, self.good
        parts = [self.ranked[:good], self.ranked[good:]]
        better, others = ([p[name] for _, p in part if name in p] for part in parts)
        return Standing(
            name=name,
            value=value,
            good=len(better),
            good_near=_near(dimension, value, better),
            rest=len(others),
            rest_near=_near(dimension, value, others),
            above=_above(dimension, value, [*better, *others]),
        )


def _rank(trial: Trial) -> tuple[int, float]:
    if trial.state == "ok" and trial.loss is not None:
        return 0, trial.loss
    return (1 if trial.state == "pruned" else 2), 0.0


def _near(dimension: Dimension, value: Any, values: Sequence[Any]) -> int:
    return sum(apart(dimension, value, other) <= NEAR for other in values)


def _above(dimension: Dimension, value: Any, values: Sequence[Any]) -> float | None:
    if not values or not is_ordered(dimension):
        return None
    here = position(dimension, value)
    return sum(position(dimension, other) < here for other in values) / len(values)
