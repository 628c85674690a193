"""Which trials to stop early: two rules that compare a trial with others as far as it has come.

A trial is judged at rungs, certain steps of its learning curve, by its first report at a rung: the
one with the lowest step from that rung on, and below the next one. So it does not matter whether
every step is reported, only every second, or those from 7 on. What is decided follows from the set
of reports alone, in whatever order and however often they were read:

- asha: asynchronous successive halving, the variant that stops. Rungs are `min_steps` times powers
  of `reduction_factor`; a trial goes on if it is among the best 1 / `reduction_factor` of those
  that have been at the rung, and if it is the best. Li et al., "A System for Massively Parallel
  Hyperparameter Tuning", MLSys 2020, arXiv:1810.05934.
- median: a trial goes on unless the best it has come to is worse than the median of what the others
  had come to at the same rung; rungs are half as far apart as they are far. After Golovin et al.,
  "Google Vizier: A Service for Black-Box Optimization", KDD 2017, section 3.2.1, where it is the
  median of the others' averages up to the step: such averages forgive bad starts, and for the same
  number of steps the search found less (docs/pruning.md).

A trial is never compared with itself: of the trial that is judged only the attempt that is judged
counts, of every other trial the first report at the rung whichever attempt made it. Values that are
not finite come last. Only the values at rungs are kept.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from typing import TYPE_CHECKING, Literal

import msgspec

from trialdeck.core.history.codec import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.core.params.model import Params

Reading = tuple[int, int, float]  # step, attempt, score: the lowest one is the trial's at a rung

MEDIAN_STARTUP = 5  # as many trials as others use too (Optuna's `n_startup_trials`)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How trials are judged. Scores are what is minimised, infinite where a value is not finite.

    `metrics` are the names to judge by, each with whether it is maximised: the first one that is
    in a report counts. No trial is stopped at a rung where fewer than `startup_trials` others were.
    """

    algorithm: Literal["asha", "median"]
    metrics: tuple[tuple[str, bool], ...]
    min_steps: int = 1
    reduction_factor: int = 2
    startup_trials: int = 0

    def rung_at(self, step: int) -> int:
        """Return the highest rung that is at or below a step, 0 when there is none."""
        rung, above = 0, self.min_steps
        while above <= step:
            rung = above
            halfway = rung + max(1, rung // 2)
            above = rung * self.reduction_factor if self.algorithm == "asha" else halfway
        return rung

    def score(self, values: Mapping[str, float | str]) -> tuple[str, float] | None:
        """Return by which metric a report is judged, and its score; None when it has none."""
        for name, maximize in self.metrics:
            if name in values:
                return name, _score(values[name], maximize=maximize)
        return None

    def value(self, name: str, score: float) -> float:
        """Return a score as the objective reported it."""
        return (-score if dict(self.metrics).get(name) else score) + 0.0


def _score(value: float | str, *, maximize: bool) -> float:
    try:
        plain = number(value)
    except ValueError:
        return math.inf
    if not math.isfinite(plain):
        return math.inf
    return (-plain if maximize else plain) + 0.0  # no -0.0, which is equal to 0 and shown otherwise


def rule_of(params: Params) -> Rule | None:
    """Return the rule of [pruning], None when nothing is pruned.

    Without a metric there it is that of [search], and "loss" for reports without that one.
    """
    table, search = params.pruning, params.search
    if table.algorithm == "none":
        return None
    own, high = search.metric or "loss", search.direction == "maximize"
    metrics = [(table.metric or own, table.direction == "maximize")]
    if table.metric in ("", own):
        metrics = [(own, high)]
    if not table.metric and own != "loss":
        metrics.append(("loss", False))
    usual = MEDIAN_STARTUP if table.algorithm == "median" else 0
    return Rule(
        algorithm=table.algorithm,
        metrics=tuple(metrics),
        min_steps=table.min_steps,
        reduction_factor=table.reduction_factor,
        startup_trials=usual if table.startup_trials is None else table.startup_trials,
    )


class Rungs:
    """What trials had at the rungs of one rule.

    A report costs the logarithm of the number of trials at its rung.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._at: dict[tuple[str, int], dict[int, Reading]] = {}  # by metric and rung: by tid
        self._worths: dict[tuple[str, int], list[float]] = {}  # what these count for, ascending

    def add(self, tid: int, attempt: int, step: int, values: Mapping[str, float | str]) -> None:
        """Take in a report. One that was taken in before changes nothing."""
        rung, scored = self.rule.rung_at(step), self.rule.score(values)
        if not rung or scored is None:
            return
        name, score = scored
        readings, reading = self._at.setdefault((name, rung), {}), (step, attempt, score)
        if tid in readings and readings[tid] <= reading:
            return
        for other, worth in self._worths_of(name, tid, rung):
            worths = self._worths[name, other]
            del worths[bisect_left(worths, worth)]
        readings[tid] = reading
        for other, worth in self._worths_of(name, tid, rung):
            insort(self._worths.setdefault((name, other), []), worth)

    def _worths_of(self, name: str, tid: int, rung: int) -> list[tuple[int, float]]:
        """Return what a trial counts for at the rungs for which its reading at `rung` matters."""
        if self.rule.algorithm == "asha":
            reading = self._at[name, rung].get(tid)
            return [] if reading is None else [(rung, reading[2])]
        scores = self._scores(name, tid)
        return [(at, _best(scores, at)) for at in scores if at >= rung]

    def _scores(self, name: str, tid: int) -> dict[int, float]:
        """Return the scores of a trial by rung."""
        return {
            rung: readings[tid][2]
            for (metric, rung), readings in self._at.items()
            if metric == name and tid in readings
        }

    def why_prune(self, tid: int, step: int, values: Mapping[str, float | str]) -> str:
        """Judge an attempt by its first report at a rung; return why it should end, or ""."""
        rung, scored = self.rule.rung_at(step), self.rule.score(values)
        if not rung or scored is None:
            return ""
        name, score = scored
        own = self._worths_of(name, tid, rung) if (name, rung) in self._at else []
        others = _Others(self._worths.get((name, rung), []), dict(own).get(rung))
        if len(others) < self.rule.startup_trials:
            return ""
        if self.rule.algorithm == "asha":
            return self._not_among_the_best(others, step, rung, score)
        before = [had for at, had in self._scores(name, tid).items() if at < rung]
        return self._worse_than_median(others, step, name, min([score, *before]))

    def _not_among_the_best(self, others: _Others, step: int, rung: int, score: float) -> str:
        count, better = len(others) + 1, others.below(score)
        go_on = max(1, count // self.rule.reduction_factor)
        if better < go_on:
            return ""
        return f"pruned at step {step}: {_ordinal(better + 1)} of {count} at rung {rung}"

    def _worse_than_median(self, others: _Others, step: int, name: str, best: float) -> str:
        if not len(others) or best <= (median := others.median()):
            return ""
        had, wanted = self.rule.value(name, best), self.rule.value(name, median)
        return (
            f"pruned at step {step}: its best {name} so far is {had:.4g}, "
            f"the median of {len(others)} others is {wanted:.4g}"
        )


class _Others:
    """Numbers in ascending order without one of them, which is left where it is."""

    def __init__(self, ordered: list[float], own: float | None) -> None:
        self.ordered = ordered
        self.own = own
        self.gap = len(ordered) if own is None else bisect_left(ordered, own)

    def __len__(self) -> int:
        return len(self.ordered) - (self.own is not None)

    def __getitem__(self, index: int) -> float:
        return self.ordered[index + (index >= self.gap)]

    def below(self, value: float) -> int:
        """Return how many are lower."""
        return bisect_left(self.ordered, value) - (self.own is not None and self.own < value)

    def median(self) -> float:
        """Return the median; of an even number the mean of the two in the middle."""
        low, high = self[(len(self) - 1) // 2], self[len(self) // 2]
        return low if low == high else low / 2 + high / 2  # also where both are infinite, or huge


def _best(scores: Mapping[int, float], rung: int) -> float:
    """Return the lowest score at the rungs up to one."""
    return min(score for at, score in scores.items() if at <= rung)


def _ordinal(place: int) -> str:
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{place}{'th' if place % 100 in (11, 12, 13) else ends.get(place % 10, 'th')}"
