"""The objective of the demonstration: a function whose minimum is known, and no training."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

MINIMUM = 0.39788735772973816  # 10 / (8 pi), at (-pi, 12.275), (pi, 2.275) and (3 pi, 2.475)


class Reporting(Protocol):
    """What is used of a trial."""

    def report(self, step: int, **metrics: float) -> None:
        """Add a point to the learning curve."""
        ...


def branin_value(x1: float, x2: float) -> float:
    """Return the Branin function for x1 in [-5, 10] and x2 in [0, 15].

    Dixon and Szegö, "The global optimization problem: an introduction", Towards Global
    Optimisation 2 (1978); the constants as in Surjanovic and Bingham, Virtual Library of
    Simulation Experiments, sfu.ca/~ssurjano/branin.html.
    """
    bend = x2 - 5.1 / (4 * math.pi**2) * x1**2 + 5 / math.pi * x1 - 6
    return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x1) + 10


def branin(params: Mapping[str, Any], trial: Reporting) -> dict[str, float]:
    """Take `seconds` to come down to the function's value, as a training would.

    A "rough" surface adds hills of the height `depth` between its three minima.
    """
    x1, x2 = params["x1"], params["x2"]
    loss = branin_value(x1, x2)
    if params.get("surface") == "rough":
        loss += params["depth"] * math.sin(x1) ** 2
    steps = params.get("steps", 10)
    for step in range(1, steps + 1):
        time.sleep(params.get("seconds", 0.1) / steps)
        trial.report(step, loss=loss + 50 * math.exp(-5 * step / steps))
    return {"loss": loss}
