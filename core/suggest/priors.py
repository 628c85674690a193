"""The distributions that suggestions start from, in hyperopt's words and with its meaning.

A numeric one is modelled on its `latent` axis: the value itself, or its logarithm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LEAST = 1e-12  # hyperopt's EPS: what stands for 0 where a logarithm is needed


@dataclass(frozen=True, slots=True)
class NumericPrior:
    """Numbers: uniform from `low` to `high` on the latent axis, or normal where those are infinite.

    `mu` and `sigma` are what hyperopt's Parzen estimator takes for the middle and the width; values
    are multiples of `q`, if that is not 0.
    """

    low: float
    high: float
    mu: float
    sigma: float
    q: float = 0.0
    log: bool = False

    @property
    def is_discrete(self) -> bool:
        """Whether a point may come twice by chance."""
        return self.q > 0

    @property
    def least(self) -> float:
        """The value below which all have the same logarithm."""
        return max(LEAST, math.exp(self.low)) if self.log else -math.inf

    def value(self, latent: float) -> float:
        """Return the value at a place of the latent axis."""
        value = math.exp(min(latent, 709.0)) if self.log else latent
        return round(value / self.q) * self.q if self.q else value

    def latent(self, value: float) -> float:
        """Return the place of a value."""
        return math.log(max(value, self.least)) if self.log else value

    def has(self, value: float) -> bool:
        """Return whether a value may be of this distribution, to the last digits and half a q."""
        slack = self.q / 2 + 1e-9 * max(1.0, abs(value))
        if self.log and value + slack <= 0:
            return False
        low = math.exp(self.low) if self.log else self.low
        high = math.exp(min(self.high, 709.0)) if self.log else self.high
        return low - slack <= value <= high + slack

    def quantile(self, share: float) -> float:
        """Return the value below which that share, between 0 and 1, of the distribution lies."""
        if math.isfinite(self.low):
            return self.value(self.low + share * (self.high - self.low))
        from statistics import NormalDist

        inside = min(max(share, 1e-9), 1 - 1e-9)
        return self.value(NormalDist(self.mu, self.sigma).inv_cdf(inside))


@dataclass(frozen=True, slots=True)
class CategoricalPrior:
    """The numbers of options, from `offset` on, with their probabilities."""

    probabilities: tuple[float, ...]
    offset: int = 0
    is_discrete = True

    def has(self, value: float) -> bool:
        """Return whether there is such an option."""
        return value.is_integer() and 0 <= value - self.offset < len(self.probabilities)

    def quantile(self, share: float) -> float:
        """Return the option at that share of the probabilities."""
        below = 0.0
        for number, probability in enumerate(self.probabilities):
            below += probability
            if share < below:
                return float(self.offset + number)
        last = max(n for n, probability in enumerate(self.probabilities) if probability > 0)
        return float(self.offset + last)


Prior = NumericPrior | CategoricalPrior


def prior_of(name: str, arguments: Sequence[object], named: Mapping[str, object]) -> Prior:
    """Return the prior of hyperopt's distribution of that name, with its arguments.

    Bounds are those of hyperopt: logarithms where the name has "log" in it. Raises ValueError for
    arguments that are no numbers, and names that hyperopt does not have.
    """
    try:
        return _MAKERS[name](*arguments, **named)
    except KeyError:
        raise ValueError(f"hyperopt has no distribution {name!r} to suggest values of") from None
    except TypeError:
        raise ValueError(f"{name}: {arguments!r} {named!r} are no arguments of it") from None


def _uniform(low: float, high: float, q: float = 0.0) -> NumericPrior:
    low, high = float(low), float(high)
    return NumericPrior(low, high, 0.5 * (low + high), high - low, float(q))


def _normal(mu: float, sigma: float, q: float = 0.0) -> NumericPrior:
    return NumericPrior(-math.inf, math.inf, float(mu), float(sigma), float(q))


def _randint(low: int, high: int | None = None) -> CategoricalPrior:
    first, above = (0, int(low)) if high is None else (int(low), int(high))
    return CategoricalPrior((1 / (above - first),) * (above - first), first)


def _log(make: Callable[..., NumericPrior]) -> Callable[..., NumericPrior]:
    return lambda *arguments: replace(make(*arguments), log=True)


_MAKERS: dict[str, Callable[..., Prior]] = {
    "uniform": _uniform,
    "quniform": _uniform,
    "uniformint": lambda low, high, q=1.0: _uniform(low, high, q),
    "loguniform": _log(_uniform),
    "qloguniform": _log(_uniform),
    "normal": _normal,
    "qnormal": _normal,
    "lognormal": _log(_normal),
    "qlognormal": _log(_normal),
    "randint": _randint,
    "categorical": lambda p: CategoricalPrior(tuple(map(float, p))),
}
