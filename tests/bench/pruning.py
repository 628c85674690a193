"""Pruning beside Optuna's pruners: how many epochs a search needs, and what it finds for as many.

    python -m tests.bench.pruning [--seeds 20] [--trials 50]

Eight cores are simulated, which work asynchronously; suggestions are random, and with one seed all
pruners get the same points in the same order. The curves are those of the default network at random
points of its own search, if `python -m tests.bench.curves.network` has measured them, and made-up
families (`tests.bench.curves.made_up`).

"Same trials": so many trials with and without pruning: the share of the epochs, and in how many of
the searches the best result is within noise of the one without. "To as good": epochs until a result
is within noise of the best without pruning, drawing as many points as it takes. "Same epochs": the
mean regret (distance to the best curve of the table) after a third of the epochs that the trials
take without pruning, and after as many. Numbers in brackets are standard errors.
"""

from __future__ import annotations

import argparse
import math
import statistics
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import optuna
from msgspec.structs import replace

from tests.bench.curves import made_up, network
from tests.bench.curves.search import Curve, Nothing, Optunas, Ours, Pruner, Search, search
from trialdeck.core.pruning import MEDIAN_STARTUP, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LOSS = (("loss", False),)
MOST = 4  # times the epochs without pruning, after which a search has not found anything as good
NETWORK_EPOCHS = 15
HALVING, HYPERBAND = optuna.pruners.SuccessiveHalvingPruner, optuna.pruners.HyperbandPruner


def pruners(epochs: int) -> dict[str, Callable[[int], Pruner]]:
    """Return what is compared, each made anew for a seed; `epochs` is the length of a trial."""
    asha = Rule(algorithm="asha", metrics=LOSS)
    median = Rule(algorithm="median", metrics=LOSS, startup_trials=MEDIAN_STARTUP)
    return {
        "no pruning": lambda _: Nothing(),
        "asha": lambda _: Ours(asha),
        "asha, factor 3": lambda _: Ours(replace(asha, reduction_factor=3)),
        "median": lambda _: Ours(median),
        "Optuna SuccessiveHalving": lambda seed: Optunas(HALVING(), seed),
        "  from 1, factor 2": lambda seed: Optunas(HALVING(1, 2), seed),
        "Optuna Hyperband": lambda seed: Optunas(HYPERBAND(1, epochs), seed),
        "Optuna Median": lambda seed: Optunas(optuna.pruners.MedianPruner(), seed),
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one pruner and one seed; epochs are shares of those without pruning."""

    share: float
    is_within: bool
    to_as_good: float
    regret_third: float
    regret: float


def outcome(
    curves: Sequence[Curve],
    make: Callable[[int], Pruner],
    seed: int,
    whole: Search,
    trials: int,
    noise: float,
) -> Outcome:
    """Measure one pruner beside the search without pruning, `whole`."""
    best = min(curve.final for curve in curves)
    goal = whole.best + noise
    same = search(curves, make(seed), seed, trials=trials)
    longer = search(curves, make(seed), seed, epochs=whole.epochs)
    most = MOST * whole.epochs
    until = search(curves, make(seed), seed, goal=goal, epochs=most)
    return Outcome(
        same.epochs / whole.epochs,
        same.best <= goal,
        min(until.epochs_to(goal), most) / whole.epochs,
        longer.best_within(whole.epochs / 3) - best,
        longer.best - best,
    )


def compare(name: str, curves: Sequence[Curve], noise: float, seeds: int, trials: int) -> None:
    """Print the table of one set of curves."""
    epochs = max(len(curve.values) for curve in curves)
    print(f"\n{name}: {len(curves)} curves of at most {epochs} epochs, noise {noise:g}")
    print(
        f"{'':26} {'epochs':>7} {'within':>7} {'to as good':>16} {'regret at 1/3':>18} {'at 1':>18}"
    )
    wholes = [search(curves, Nothing(), seed, trials=trials) for seed in range(seeds)]
    for pruner, make in pruners(epochs).items():
        found = [
            outcome(curves, make, seed, whole, trials, noise) for seed, whole in enumerate(wholes)
        ]
        within = f"{sum(one.is_within for one in found)}/{seeds}"
        print(
            f"{pruner:26} {statistics.mean(one.share for one in found):7.2f} {within:>7} "
            f"{_median([one.to_as_good for one in found]):>16} "
            f"{_mean([one.regret_third for one in found]):>18} "
            f"{_mean([one.regret for one in found]):>18}",
            flush=True,
        )


def _median(values: list[float]) -> str:
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:.2f} ({low:.2f}-{high:.2f})"


def _mean(values: list[float]) -> str:
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) < len(values):
        return "nothing found"
    error = statistics.stdev(values) / math.sqrt(len(values))
    return f"{statistics.mean(values):.5f} ({error:.5f})"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--trials", type=int, default=50)
    given = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    print(f"{given.seeds} seeds, {given.trials} trials without pruning")
    measured = network.curves()
    if measured:
        compare("default network", measured, network.NOISE, given.seeds, given.trials)
    else:
        print("default network: `python -m tests.bench.curves.network` measures its curves")
    for family in made_up.FAMILIES:
        noise = 2 * made_up.NOISE
        compare(family, made_up.table(family), noise, given.seeds, given.trials)


if __name__ == "__main__":
    main()
