"""The tree-structured Parzen estimator for many cores that work asynchronously.

As in Bergstra et al. (NIPS 2011), what was tried is split into a good and a bad set, candidates are
drawn from a density of the good ones, and the one with the highest ratio to the density of the bad
ones is suggested. Different from hyperopt:

- densities are joint ones of all variables that occur together (Falkner et al., BOHB, ICML 2018);
  for a share of the suggestions, by a coin, those of single variables, which find sooner that few
  variables matter;
- the good set is a share of all trials (Watanabe, arXiv 2304.11127), and of a nested variable a
  share of the trials that had it;
- running trials count as bad, so that cores keep apart, and failed ones too;
- a point of a discrete space is not tried twice, as long as there are others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from trialdeck.core.suggest.columns import Columns, key_of
from trialdeck.core.suggest.kernels import Axes, Bandwidth, Kernels
from trialdeck.core.suggest.parzen import Widths, categorical_log, mixture
from trialdeck.core.suggest.priors import CategoricalPrior
from trialdeck.core.suggest.start import STARTUP, start_point
from trialdeck.core.suggest.variables import active, groups_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.suggest.columns import Split
    from trialdeck.core.suggest.normal import Floats
    from trialdeck.core.suggest.priors import Prior
    from trialdeck.core.suggest.variables import Group, Variable

TRIES = 10  # for a point that is not there yet, before points are drawn from the prior
DRAWS = 100  # from the prior, before a point is repeated


@dataclass(frozen=True, slots=True)
class Settings:
    """How the estimator works; docs/suggestions.md has what was measured with these."""

    startup: int = STARTUP
    share: float = 0.1  # of the trials are good,
    most: int = 25  # at most so many
    bad: int = 400  # so many of the bad ones represent all of them
    candidates: int = 24
    joint: float = 0.75  # the probability of a joint suggestion
    good_width: Bandwidth = field(default_factory=Bandwidth)
    bad_width: Bandwidth = field(default_factory=Bandwidth)
    single: Widths = field(default_factory=lambda: Widths(least=lambda _: 0.03))


DEFAULT = Settings()


class Estimator:
    """Suggests points for a space; `columns` is the history, which its owner fills."""

    def __init__(self, variables: Sequence[Variable], settings: Settings = DEFAULT) -> None:
        self.variables = variables
        self.settings = settings
        self.groups = groups_of(variables)
        self.columns = Columns(variables)
        self.is_discrete = all(variable.prior.is_discrete for variable in variables)

    def suggest(self, tid: int, seed: int, start: int) -> list[float]:
        """Return a value for each variable, NaN where it is not active.

        The same one for the same history, tid and seeds; `start` is that of the first points.
        """
        if self.columns.settled() < self.settings.startup:
            point = active(self.variables, start_point(self.variables, tid, start))
            if self._is_new(np.array(point)):
                return point
            return list(map(float, self._drawn(np.random.default_rng(seed))))
        return list(map(float, self._estimated(np.random.default_rng(seed))))

    def _estimated(self, rng: np.random.Generator) -> Floats:
        attempt = _Attempt(self)
        for _ in range(TRIES):
            point = attempt.point(rng)
            if self._is_new(point):
                return point
        return self._drawn(rng)

    def _drawn(self, rng: np.random.Generator) -> Floats:
        """Return a point of the prior, a new one if such is found."""
        for _ in range(DRAWS):
            shares = rng.random(len(self.variables))
            pairs = zip(self.variables, shares.tolist(), strict=True)
            drawn = [variable.prior.quantile(share) for variable, share in pairs]
            point = np.array(active(self.variables, drawn))
            if self._is_new(point):
                break
        return point

    def _is_new(self, point: Floats) -> bool:
        return not self.is_discrete or key_of(point) not in self.columns.seen


class _Attempt:
    """The densities of one suggestion, each worked out when it is needed first."""

    def __init__(self, estimator: Estimator) -> None:
        self.estimator = estimator
        self.settings = estimator.settings
        self.splits: dict[Group, tuple[Split, Floats, Floats]] = {}
        self.kernels: dict[Group, tuple[Kernels, Kernels]] = {}

    def point(self, rng: np.random.Generator) -> Floats:
        """Return a point, group by group."""
        variables = self.estimator.variables
        point = np.full(len(variables), math.nan)
        joint = rng.random() < self.settings.joint
        known: dict[str, float] = {}
        for group in self.estimator.groups:
            if group.first.is_active(known):
                chosen = self._jointly(group, rng) if joint else self._singly(group, rng)
                point[list(group.places)] = chosen
                labels = (variables[place].label for place in group.places)
                known.update(zip(labels, chosen.tolist(), strict=True))
        return point

    def _split(self, group: Group) -> tuple[Split, Floats, Floats]:
        if group not in self.splits:
            columns, settings = self.estimator.columns, self.settings
            rows = columns.with_values(group.places)
            split = columns.split(rows, settings.share, settings.most, settings.bad)
            good, bad = (columns.values(rows, group.places) for rows in (split.good, split.bad))
            self.splits[group] = split, good, bad
        return self.splits[group]

    def _jointly(self, group: Group, rng: np.random.Generator) -> Floats:
        if group not in self.kernels:
            split, good, bad = self._split(group)
            axes = Axes(tuple(self.estimator.variables[place].prior for place in group.places))
            self.kernels[group] = (
                Kernels(axes, good, np.append(split.good_weights, 1.0), self.settings.good_width),
                Kernels(axes, bad, np.append(split.bad_weights, 1.0), self.settings.bad_width),
            )
        below, above = self.kernels[group]
        candidates = below.draw(self.settings.candidates, rng)
        scores = below.log_density(candidates) - above.log_density(candidates)
        return self._best(candidates, scores, group)

    def _best(self, candidates: Floats, scores: Floats, group: Group) -> Floats:
        """Return the candidate with the highest score; if it is a whole point, a new one."""
        order = np.argsort(-scores, kind="stable").tolist()
        if self.estimator.is_discrete and len(self.estimator.groups) == 1:
            seen, places = self.estimator.columns.seen, np.argsort(group.places)
            order = [n for n in order if key_of(candidates[n][places]) not in seen] or order
        best: Floats = candidates[order[0]]
        return best

    def _singly(self, group: Group, rng: np.random.Generator) -> Floats:
        split, good, bad = self._split(group)
        chosen = np.empty(len(group.places))
        for column, place in enumerate(group.places):
            prior = self.estimator.variables[place].prior
            chosen[column] = _single(
                prior,
                _present(good[:, column], split.good_weights),
                _present(bad[:, column], split.bad_weights),
                self.settings,
                rng,
            )
        return chosen


def _present(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Leave out what is missing; add the weight of the prior."""
    there = ~np.isnan(values)
    return values[there], np.append(weights[there], 1.0)


def _single(
    prior: Prior,
    good: tuple[Floats, Floats],
    bad: tuple[Floats, Floats],
    settings: Settings,
    rng: np.random.Generator,
) -> float:
    """Return the best candidate for one variable; both sets are values and weights."""
    if isinstance(prior, CategoricalPrior):
        below, above = categorical_log(prior, *good), categorical_log(prior, *bad)
        p = np.exp(below)
        numbers = rng.choice(len(p), settings.candidates, p=p / p.sum())
        return float(numbers[np.argmax((below - above)[numbers])] + prior.offset)
    lower = mixture(prior, good[0], settings.single, good[1])
    upper = mixture(prior, bad[0], settings.single, bad[1])
    values = lower.draw(settings.candidates, rng)
    return float(values[np.argmax(lower.log_density(values) - upper.log_density(values))])
