"""What suggestions that learn (hyperopt's tpe) find while trials are pruned.

    python -m tests.bench.pruning_tpe [--seeds 10] [--trials 60]

An objective with five dimensions and learning curves that cross; eight simulated cores. "Behind" is
how pruned trials are ranked (`trialdeck.core.suggest.pruned`), "last" is the alternative: as failed
ones, all alike. Shown are the mean difference of the best result to that without pruning (below
zero: better), with the same number of trials, and with more of them after a third of the epochs and
after as many; in brackets the standard error. The noise of a result is 0.004.
"""

from __future__ import annotations

import argparse
import heapq
import logging
import random
import statistics
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.curves.search import CORES, Nothing, Ours, Pruner, Search
from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.state import State
from trialdeck.core.params.read import parse_params
from trialdeck.core.pruning import MEDIAN_STARTUP, Rule
from trialdeck.core.suggest.algorithms import Suggester

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCHS, NOISE = 27, 0.004
MOST = 150  # trials
TEXT = """
[search]
name = "a"
objective = "a:b"
seed = {}
max_trials = 1000
[space]
a = {{ type = "uniform", low = 0, high = 1 }}
b = {{ type = "uniform", low = 0, high = 1 }}
c = {{ type = "uniform", low = 0, high = 1 }}
d = {{ type = "uniform", low = 0, high = 1 }}
e = {{ type = "choice", options = ["p", "q", "r"] }}
"""
LOSS = (("loss", False),)


class Last(Suggester):
    """Knows of pruned trials only that they are bad."""

    def _rank_pruned(self, snapshot, documents) -> None:
        pass


def curve(point: dict, rng: random.Random) -> list[float]:
    """Return a power law: what is far from the best point in `a` learns faster, and ends higher."""
    low = 0.1 + 1.2 * (point["a"] - 0.7) ** 2 + 0.6 * (point["b"] - 0.3) ** 2
    low += 0.3 * abs(point["c"] - 0.5) + {"p": 0.0, "q": 0.05, "r": 0.1}[point["e"]]
    pace = 0.3 + 0.5 * point["d"] + 0.4 * abs(point["a"] - 0.7)
    return [low + (1 - low) * n**-pace + rng.gauss(0, NOISE) for n in range(2, EPOCHS + 2)]


def searched(seed: int, pruner: Pruner, trials: int, kind: type[Suggester]) -> Search:
    """Run so many trials, each suggested when a core is free for it."""
    params = parse_params(TEXT.format(seed), "a search", Path("/nowhere"))
    state, suggester, rng, result = State(), kind(lambda _: {}), random.Random(seed), Search()
    tids, curves, clock = count(), {}, []

    def start(now: float) -> None:
        if (tid := next(tids)) < trials:
            point = suggester.suggest(params, state.snapshot(), tid)
            state.apply(Started(writer="w", tid=tid, point=point))
            curves[tid] = curve(point, rng)
            heapq.heappush(clock, (now + rng.lognormvariate(0, 0.5), tid, 1))

    def end(now: float, tid: int, outcome: str, steps: int) -> None:
        loss = curves[tid][steps - 1]
        state.apply(Finished(writer="w", tid=tid, outcome=outcome, loss=loss, steps=steps))
        start(now)

    for _ in range(CORES):
        start(0.0)
    while clock:
        now, tid, epoch = heapq.heappop(clock)
        result.epochs += 1
        if pruner.ends(tid, epoch, curves[tid][epoch - 1]):
            end(now, tid, "pruned", epoch)
        elif epoch < EPOCHS:
            heapq.heappush(clock, (now + 1.0, tid, epoch + 1))
        else:
            result.note(curves[tid][-1])
            end(now, tid, "ok", epoch)
    return result


def kinds() -> dict[str, tuple[Callable[[], Pruner], type[Suggester]]]:
    """Return what is compared."""
    asha = Rule(algorithm="asha", metrics=LOSS)
    third = Rule(algorithm="asha", metrics=LOSS, reduction_factor=3)
    median = Rule(algorithm="median", metrics=LOSS, startup_trials=MEDIAN_STARTUP)
    return {
        "asha, behind": (lambda: Ours(asha), Suggester),
        "asha, last": (lambda: Ours(asha), Last),
        "asha, factor 3, behind": (lambda: Ours(third), Suggester),
        "median, behind": (lambda: Ours(median), Suggester),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--trials", type=int, default=60)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    wholes = [searched(seed, Nothing(), given.trials, Suggester) for seed in range(given.seeds)]
    print(f"{given.seeds} seeds, {given.trials} trials without pruning")
    best = statistics.mean(whole.best for whole in wholes)
    print(f"best without pruning {best:.4f}\n")
    print(f"{'':24} {'epochs':>7} {'same trials':>18} {'1/3 of the epochs':>18} {'all':>18}")
    for name, (make, kind) in kinds().items():
        shares, same, third, whole_ = [], [], [], []
        for seed, whole in enumerate(wholes):
            few = searched(seed, make(), given.trials, kind)
            many = searched(seed, make(), MOST, kind)
            shares.append(few.epochs / whole.epochs)
            same.append(few.best - whole.best)
            third.append(many.best_within(whole.epochs / 3) - whole.best)
            whole_.append(many.best_within(whole.epochs) - whole.best)
        columns = " ".join(f"{_mean(values):>18}" for values in (same, third, whole_))
        print(f"{name:24} {statistics.mean(shares):7.2f} {columns}", flush=True)


def _mean(values: list[float]) -> str:
    error = statistics.stdev(values) / len(values) ** 0.5
    return f"{statistics.mean(values):+.4f} ({error:.4f})"


if __name__ == "__main__":
    main()
