"""A search on a tenth of the sample against ones on all of it: the best point, and what it costs.

``python -m tests.bench.reduced [seeds]``. All are searches of params.toml with the shipped jets,
one trial after another, by the suggestions and the budget that pools use; a third one is on all of
the sample too, with as many trials as cost what the first costs. The best point of each is then
trained with other seeds, as the best loss of a search is the luckiest of many. An epoch-equivalent
is an epoch over the whole training sample. Takes about two minutes per seed.
"""

from __future__ import annotations

import statistics
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from trialdeck.core.budget import unclaimed
from trialdeck.core.budgets import budget_of
from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.state import State
from trialdeck.core.params.model import ReducedSampleTable
from trialdeck.core.params.read import read_params
from trialdeck.core.seeds import seed_of
from trialdeck.core.stage_status import rank_correlation
from trialdeck.core.stages import SEARCHING, confirming, source_of, stage_of
from trialdeck.core.suggest.algorithms import Suggester

if TYPE_CHECKING:
    from trialdeck.core.params.model import Params

ROOT = Path(__file__).parents[2]
SEEDS = 10
TRIALS = 50
FEW = 14  # trials on the full sample, which cost about as much as the search on a part
REDUCED = ReducedSampleTable(fraction=0.1, promote=10)
AGAIN = 3  # seeds with which the best point is trained once more


@dataclass
class OneTrial:
    """What the default network uses of its trial."""

    seed: int
    fraction: float
    confirming: bool = False
    device: str = "cpu"
    checkpoint_dir: None = None
    should_stop: bool = False

    def report(self, step: int, **metrics: float) -> None:
        """Do nothing."""


@dataclass
class Outcome:
    """What one search came to: its best loss on the full sample, and that of the point again."""

    epochs: float = 0.0  # epoch-equivalents
    best: float = 0.0
    again: list[float] = field(default_factory=list)
    correlation: float | None = None


def trained(params: Params, tid: int, point: dict[str, Any], fraction: float) -> dict[str, float]:
    from trialdeck.core.fcn import train

    trial = OneTrial(seed_of(params.search.seed, tid), fraction)
    values = {**params.fixed, "data": str(ROOT / "data"), **params.space.complete(point)}
    return train(values, trial)


def search(params: Params) -> Outcome:
    """Run a search to its end, and its best point again."""
    state, suggester, outcome = State(), Suggester(lambda _revision: params.fixed), Outcome()
    while (tid := next(unclaimed(state.snapshot(), budget_of(params, state.snapshot())), -1)) >= 0:
        snapshot, stage = state.snapshot(), stage_of(tid)
        if stage == SEARCHING:
            point, fraction = suggester.suggest(params, snapshot, tid), params.fraction
        else:
            point, fraction = snapshot.trials[source_of(tid)].point, 1.0
        found = trained(params, tid, point, fraction)
        outcome.epochs += found["epochs"] * fraction
        about: dict[str, Any] = {"writer": "bench", "tid": tid, "stage": stage}
        state.apply(Started(**about, point=point))
        state.apply(Finished(**about, outcome="ok", loss=found["loss"], metrics=found))
    best = state.snapshot().trials[state.snapshot().best or 0]
    outcome.best, outcome.correlation = best.loss or 0.0, rank_correlation(state.snapshot())
    tids = [confirming(best.tid, number) for number in range(AGAIN)]
    outcome.again = [trained(params, tid, best.point, 1.0)["loss"] for tid in tids]
    return outcome


def searches(seed: int) -> dict[str, Outcome]:
    """Return what the searches came to, by their names."""
    import torch

    torch.set_num_threads(1)
    params = read_params(ROOT / "params.toml")
    table = replace(params.search, seed=seed, metric="loss", direction="minimize")
    whole = replace(params, search=table).limited(TRIALS)
    every = {"whole": whole, "part": replace(whole, reduced_sample=REDUCED)}
    return {name: search(one) for name, one in {**every, "few": whole.limited(FEW)}.items()}


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    seeds = int((arguments or sys.argv[1:] or [str(SEEDS)])[0])
    print(
        f"{'seed':4} {'search':6} {'epochs':>7} {'best loss':>9} {'again':>7} {'correlation':>11}"
    )
    found = []
    with ProcessPoolExecutor(2, get_context("spawn")) as executor:
        for seed, outcomes in enumerate(executor.map(searches, range(seeds))):
            found.append(outcomes)
            for name, one in outcomes.items():
                order = "" if one.correlation is None else f"{one.correlation:.2f}"
                again = statistics.fmean(one.again)
                print(
                    f"{seed:4} {name:6} {one.epochs:7.1f} {one.best:9.4f} {again:7.4f} {order:>11}",
                    flush=True,
                )
    conclude(found)


def conclude(found: list[dict[str, Outcome]]) -> None:
    """Print the differences from the search on the whole, with their standard errors."""
    noise = statistics.fmean(statistics.stdev(o.again) for each in found for o in each.values())
    print(f"\ndeviation of the loss of one point over seeds: {noise:.4f}")
    epochs = sum(each["whole"].epochs for each in found)
    for name in ("part", "few"):
        share = sum(each[name].epochs for each in found) / epochs
        print(f"{name}: {share:.2f} of the epoch-equivalents", end="")
        for what, differences in {
            "best loss": [each[name].best - each["whole"].best for each in found],
            "points again": [_again(each[name]) - _again(each["whole"]) for each in found],
        }.items():
            mean = statistics.fmean(differences)
            error = statistics.stdev(differences) / len(found) ** 0.5 if len(found) > 1 else 0.0
            print(f", {what} {mean:+.4f} ± {error:.4f}", end="")
        print()


def _again(outcome: Outcome) -> float:
    return statistics.fmean(outcome.again)


if __name__ == "__main__":
    main()
