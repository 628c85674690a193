"""Families of learning curves that are drawn, not measured: power laws, as trainings often are.

A curve is ``low + (1 - low) * (epoch + 1) ** -pace`` plus noise. See Domhan et al., "Speeding up
Automatic Hyperparameter Optimization of Deep Neural Networks by Extrapolation of Learning Curves",
IJCAI 2015, for how well that describes networks.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.bench.curves.search import Curve

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCHS = 81
NOISE = 0.005
POINTS = 1000


def plain(rng: random.Random) -> tuple[float, float]:
    """Where a curve ends says nothing of its pace: some cross."""
    return rng.uniform(0.1, 0.6), rng.uniform(0.3, 1.2)


def crossing(rng: random.Random) -> tuple[float, float]:
    """What learns fast ends high, as with too high a learning rate: most cross."""
    end = rng.random()
    return 0.1 + 0.5 * end, 0.3 + 0.9 * (0.7 * end + 0.3 * rng.random())


def late(rng: random.Random) -> tuple[float, float]:
    """One in twenty is slow and ends far below the others."""
    if rng.random() < 0.05:
        return rng.uniform(0.02, 0.1), rng.uniform(0.35, 0.5)
    return rng.uniform(0.15, 0.6), rng.uniform(0.4, 1.2)


FAMILIES: dict[str, Callable[[random.Random], tuple[float, float]]] = {
    "power laws": plain,
    "fast ends high": crossing,
    "best are slow": late,
}


def table(family: str, noise: float = NOISE) -> list[Curve]:
    """Return the curves of a family, the same every time."""
    rng = random.Random(family)
    made = []
    for _ in range(POINTS):
        low, pace = FAMILIES[family](rng)
        values = [
            low + (1 - low) * epoch**-pace + rng.gauss(0, noise) for epoch in range(2, EPOCHS + 2)
        ]
        made.append(Curve(tuple(values), values[-1]))
    return made
