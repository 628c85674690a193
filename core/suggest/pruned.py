"""What pruned trials count as with algorithms that want a loss of every trial.

What a pruned trial had when it was stopped is no loss to compare with those of whole trainings: a
third of the epochs may look better or worse than it is. What is known is that at a rung others were
better, so it ranks behind every finished trial; and that the farther it came, the more of them it
had beaten. hyperopt's tpe and anneal use nothing but the ranks.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trialdeck.core.history.snapshot import Trial

LEAST = 1e-6  # of the worst loss: how far apart losses are told apart, whatever their size


def losses_of(pruned: Mapping[int, Trial], finished: Iterable[float]) -> dict[int, float]:
    """Return a finite loss for each pruned trial, higher than all those of `finished` ones.

    Those that reported more steps come first, then those with the lower last loss; trials without
    one last. All are at most as far above the worst finished loss as that is above the best.
    """
    known = sorted(finished)
    worst = known[-1] if known else 0.0
    above = max(worst - known[0] if known else 1.0, LEAST * max(1.0, abs(worst)))
    ranked = sorted(pruned, key=lambda tid: (*_shortfall(pruned[tid]), tid))
    made = {tid: worst + above * (n + 1) / len(ranked) for n, tid in enumerate(ranked)}
    if all(map(math.isfinite, made.values())):
        return made
    return dict.fromkeys(ranked, math.nextafter(math.inf, 0.0))  # losses near the largest number


def _shortfall(trial: Trial) -> tuple[int, float]:
    return -trial.steps, math.inf if trial.loss is None else trial.loss
