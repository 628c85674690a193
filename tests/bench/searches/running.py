"""A search with simulated cores: what the best loss is after so many trials have ended."""

from __future__ import annotations

import heapq
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.searches.problems import Problem
    from tests.bench.searches.samplers import Sampler


def searched(problem: Problem, sampler: Sampler, cores: int, trials: int, seed: int) -> list[float]:
    """Return the lowest loss of the trials that have ended, after each of them.

    How long a trial takes is its number's and the seed's matter, the same for all samplers; it
    varies by a factor of three or so.
    """
    clock: list[tuple[float, int, float]] = []
    lowest: list[float] = []

    def start(now: float, tid: int) -> None:
        if tid < trials:
            length = random.Random(1_000_003 * seed + tid).lognormvariate(0, 0.5)
            heapq.heappush(clock, (now + length, tid, problem.loss(sampler.ask(tid))))

    for tid in range(cores):
        start(0.0, tid)
    begun = cores
    while clock:
        now, tid, loss = heapq.heappop(clock)
        sampler.tell(tid, loss)
        lowest.append(min(loss, lowest[-1]) if lowest else loss)
        start(now, begun)
        begun += 1
    return lowest


def regrets(problem: Problem, lowest: Sequence[float], after: Sequence[int]) -> list[float]:
    """Return the distance to the best loss, as a share of that of a usual random point."""
    scale = problem.usual() - problem.best
    return [max(0.0, lowest[count - 1] - problem.best) / scale for count in after]
