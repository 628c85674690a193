"""The first points of a search: evenly spread, whoever draws which of them.

Point number `tid` is the `tid`-th of an additive recurrence of irrational steps, which fills the
cube evenly from any number on (M. Roberts, "The unreasonable effectiveness of quasirandom
sequences", 2018): coordinate j is the fraction of ``shift_j + tid / g**(j + 1)``, where g is the
positive root of ``g**(d + 1) = g + 1``. The shift is of the search's seed, so that cores
which share nothing but that seed draw from one sequence.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.suggest.variables import Variable

STARTUP = 10  # trials that must have ended before anything is estimated


def start_point(variables: Sequence[Variable], number: int, seed: int) -> list[float]:
    """Return a value of each variable, whether it is active or not: the point of that number."""
    rng = random.Random(seed)  # noqa: S311 - a search keeps no secrets
    root = _root(len(variables))
    return [
        variable.prior.quantile((rng.random() + number * (root ** -(place + 1) % 1.0)) % 1.0)
        for place, variable in enumerate(variables)
    ]


def _root(dimensions: int) -> float:
    root = 1.5
    for _ in range(60):  # a contraction: far more rounds than 16 digits take
        root = (1 + root) ** (1 / (dimensions + 1))
    return root
