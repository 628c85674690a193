"""How far apart values and points are, in the scale of their space.

A number is where it lies between its bounds, in the logarithm where the distribution has it so; one
without bounds, at its quantile of the normal distribution. Options, and whole numbers in no order,
are the same or as far apart as can be.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions import Normal, RandInt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.core.dimension import Dimension
    from trialdeck.core.space import Point, Space

FARTHEST = 1.0


def is_ordered(dimension: Dimension) -> bool:
    """Whether some of its values are nearer to each other than others."""
    return dimension.kind == "numeric" and not isinstance(dimension.distribution, RandInt)


def position(dimension: Dimension, value: float) -> float:
    """Return where a number lies, from 0 to 1."""
    distribution = dimension.distribution
    if isinstance(distribution, Normal):
        plain = _log(value) if distribution.is_log else value
        return NormalDist(distribution.mu, distribution.sigma).cdf(plain)
    if distribution.bounds is None:
        raise ValueError(f"{dimension.name} has no scale")
    low, high = distribution.bounds
    if distribution.is_log and low > 0:
        low, value, high = _log(low), _log(value), _log(high)
    return (value - low) / (high - low) if high > low else 0.0


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def apart(dimension: Dimension, one: Any, other: Any) -> float:
    """Return how far apart two values of a dimension are, from 0 to 1."""
    if not is_ordered(dimension):
        return 0.0 if one == other else FARTHEST
    return abs(position(dimension, one) - position(dimension, other))


def distance(space: Space, one: Point, other: Mapping[str, Any]) -> float:
    """Return how far apart two points are, from 0 (the same) to 1.

    That is the root of the mean square over the dimensions that either of the two has; one that
    only one of them has is as far apart as can be.
    """
    squares = []
    for dimension in space.dimensions:
        known = (dimension.name in one) + (dimension.name in other)
        if known == 2:
            squares.append(apart(dimension, one[dimension.name], other[dimension.name]) ** 2)
        elif known == 1:
            squares.append(FARTHEST)
    return math.sqrt(math.fsum(squares) / len(squares)) if squares else 0.0
