"""What a dimension would give: values drawn from it, counted for a picture of its distribution."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions import Choice, Normal, QLogNormal, QNormal
from trialdeck.core.distributions.options import same
from trialdeck.core.reading import shown

if TYPE_CHECKING:
    from trialdeck.core.dimension import Dimension

SAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many samples lie in each bar.

    Of numbers, bar i goes from `edges[i]` to `edges[i + 1]`; all are equally wide, on a logarithmic
    axis if `log`. Few values of a grid have a bar each, around the value. Of a choice there are no
    edges: each option has a bar and a label.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    log: bool
    labels: tuple[str, ...] = ()


def samples(dimension: Dimension, count: int = SAMPLES, seed: int = 0) -> list[Any]:
    """Return values drawn from a dimension: the same ones for the same seed."""
    rng = random.Random(seed)  # noqa: S311 - a picture keeps no secrets
    return [dimension.distribution.sample(rng) for _ in range(count)]


def examples(dimension: Dimension, count: int = 5, seed: int = 0) -> list[Any]:
    """Return a few values, to show what the objective will see."""
    return samples(dimension, count, seed)


def histogram(dimension: Dimension, bins: int, count: int = SAMPLES) -> Histogram:
    """Count samples in at most `bins` bars; a choice has a bar for each option."""
    drawn = samples(dimension, count)
    if isinstance(dimension.distribution, Choice):
        options = dimension.options
        numbers = (next(n for n, o in enumerate(options) if same(o, value)) for value in drawn)
        labels = tuple(o if isinstance(o, str) else shown(o) for o in options)
        return Histogram((), _counted(numbers, len(options)), log=False, labels=labels)
    low, high = _limits(dimension)
    log = dimension.is_log and low > 0
    edges = _grid_edges(dimension, low, high, bins) or _even_edges(low, high, bins, log=log)
    inside = (bisect_right(edges, value) - 1 for value in drawn if low <= value <= high)
    # The highest value of all is in the last bar, and not above it.
    return Histogram(
        edges, _counted((min(n, len(edges) - 2) for n in inside), len(edges) - 1), log=log
    )


def _counted(numbers: Any, size: int) -> tuple[int, ...]:
    counts = [0] * size
    for number in numbers:
        counts[number] += 1
    return tuple(counts)


def _limits(dimension: Dimension) -> tuple[float, float]:
    """Return the lowest and the highest value to show; of a normal one where nearly all lie."""
    distribution = dimension.distribution
    if not isinstance(distribution, Normal):
        return dimension.bounds or (0.0, 1.0)
    low, high = distribution.mu - 3 * distribution.sigma, distribution.mu + 3 * distribution.sigma
    if isinstance(distribution, QLogNormal):
        # It has a bar at 0, which no logarithmic axis can show, so the axis is not one.
        return 0.0, distribution.nearest(math.exp(distribution.mu + 2 * distribution.sigma))
    if dimension.is_log:
        return math.exp(low), math.exp(high)
    if isinstance(distribution, QNormal):
        return distribution.nearest(low), distribution.nearest(high)
    return low, high


def _grid_edges(dimension: Dimension, low: float, high: float, bins: int) -> tuple[float, ...]:
    """Return edges half a step around each value of a grid, () if there is none or it is long."""
    q = getattr(dimension.distribution, "q", 1 if dimension.distribution.size() else 0)
    values = 1 + round((high - low) / q) if q else bins + 1
    if values > bins:
        return ()
    return tuple(low + (n - 0.5) * q for n in range(values + 1))


def _even_edges(low: float, high: float, bins: int, *, log: bool) -> tuple[float, ...]:
    if low == high:
        low, high = low - 0.5, high + 0.5
    if not log:
        return (*(low + (high - low) * n / bins for n in range(bins)), high)
    first, last = math.log(low), math.log(high)
    inner = (math.exp(first + (last - first) * n / bins) for n in range(1, bins))
    return (low, *inner, high)
