"""How good suggestions are: ours beside hyperopt's TPE, Optuna's samplers and chance.

    python -m tests.bench.suggesting [--part reporting] [--cores 1 8 32] [--seeds 3] [--trials 200]
                                     [--samplers ours hyperopt Optuna random] [--kinds hpobench …]

Regret is the distance of the best loss found to the lowest one, as a share of the distance of a
usual random point. Samplers are ranked on each problem and seed, with the same times that trials
take, and ranks are averaged; the differences to ours are in pairs, with intervals of 95 % from
drawing the problems anew (bootstrap). Settings are chosen on one half of the problems (``--part
choosing``), and reported is the other half.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
from itertools import product
from typing import TYPE_CHECKING

from tests.bench.searches.problems import problems
from tests.bench.searches.running import regrets, searched
from tests.bench.searches.samplers import samplers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.bench.searches.problems import Problem
    from tests.bench.searches.samplers import Sampler

AFTER = (25, 50, 100, 200)
LEAST = 1e-4  # of a regret: below that, nobody would care

# What a sampler came to: by problem, seed and number of trials.
Found = dict[tuple[str, int], list[float]]


def compared(
    which: dict[str, Callable[[Problem, int], Sampler]],
    chosen: Sequence[Problem],
    cores: int,
    seeds: range,
    after: Sequence[int],
) -> dict[str, Found]:
    """Return the regrets of every sampler."""
    found: dict[str, Found] = {name: {} for name in which}
    for problem, seed in product(chosen, seeds):
        for name, make in which.items():
            lowest = searched(problem, make(problem, seed), cores, after[-1], seed)
            found[name][problem.name, seed] = regrets(problem, lowest, after)
    return found


def ranks(found: dict[str, Found], place: int) -> dict[str, dict[tuple[str, int], float]]:
    """Return the rank of each sampler on each problem and seed, equal ones sharing theirs."""
    made: dict[str, dict[tuple[str, int], float]] = {name: {} for name in found}
    for key in next(iter(found.values())):
        values = {name: found[name][key][place] for name in found}
        for name, value in values.items():
            below = sum(other < value for other in values.values())
            equal = sum(other == value for other in values.values())
            made[name][key] = below + (equal + 1) / 2
    return made


def interval(values: dict[tuple[str, int], float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean, drawing problems anew."""
    by_problem: dict[str, list[float]] = {}
    for (problem, _), value in values.items():
        by_problem.setdefault(problem, []).append(value)
    means, rng = list(map(statistics.mean, by_problem.values())), random.Random(0)
    drawn = [statistics.mean(rng.choices(means, k=len(means))) for _ in range(2000)]
    cuts = statistics.quantiles(drawn, n=40)
    return cuts[0], cuts[-1]


def middle(found: Found, place: int) -> float:
    """Return the geometric mean over problems of the median regret over seeds."""
    by_problem: dict[str, list[float]] = {}
    for (problem, _), values in found.items():
        by_problem.setdefault(problem, []).append(max(values[place], LEAST))
    return math.exp(statistics.mean(math.log(statistics.median(v)) for v in by_problem.values()))


def show(found: dict[str, Found], after: Sequence[int]) -> None:
    """Print regrets, mean ranks, and the differences of the ranks to the first sampler's."""
    first = next(iter(found))
    print(f"{'':12}" + "".join(f"{f'after {count}':>34}" for count in after))
    print(f"{'':12}" + f"{'regret':>10}{'rank':>6}{'rank - ' + first:>18}" * len(after))
    placed = [ranks(found, place) for place in range(len(after))]
    for name, values in found.items():
        line = f"{name:12}"
        for place, made in enumerate(placed):
            rank = statistics.mean(made[name].values())
            apart = {key: made[name][key] - made[first][key] for key in made[name]}
            low, high = interval(apart)
            shown = "" if name == first else f"{low:+.2f} … {high:+.2f}"
            line += f"{middle(values, place):10.4f}{rank:6.2f}{shown:>18}"
        print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", default="reporting", choices=["reporting", "choosing", "all"])
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--samplers", nargs="+", default=["ours", "hyperopt", "Optuna", "random"])
    parser.add_argument("--kinds", nargs="*", default=[], help="beginnings of problems' names")
    given = parser.parse_args()
    chosen = [
        problem
        for problem in problems(given.part)
        if not given.kinds or problem.name.startswith(tuple(given.kinds))
    ]
    after = [count for count in AFTER if count <= given.trials]
    which = {name: samplers()[name] for name in given.samplers}
    for cores in given.cores:
        print(f"\n{len(chosen)} problems, {given.seeds} seeds, {cores} cores")
        show(compared(which, chosen, cores, range(given.seeds), after), after)


if __name__ == "__main__":
    main()
