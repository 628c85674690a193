"""A search on a tenth of the sample against one on all of it: the best point, and what it costs.

``python -m tests.bench.reduced [seeds]``. Both are searches of params.toml with the shipped jets,
one trial after another, by the suggestions and the budget that pools use. The best point of each is
then trained with other seeds, as the best loss of a search is the luckiest of many. An
epoch-equivalent is an epoch over the whole training sample. Takes about two minutes per seed.
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


def both(seed: int) -> tuple[Outcome, Outcome]:
    """Return what a search on all of the sample and one on a part of it came to."""
    import torch

    torch.set_num_threads(1)
    params = read_params(ROOT / "params.toml")
    table = replace(
        params.search, seed=seed, max_trials=TRIALS, metric="loss", direction="minimize"
    )
    whole = replace(params, search=table)
    return search(whole), search(replace(whole, reduced_sample=REDUCED))


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    seeds = int((arguments or sys.argv[1:] or [str(SEEDS)])[0])
    print("seed   epochs: all  part   best loss: all    part   again: all    part   correlation")
    found = []
    with ProcessPoolExecutor(2, get_context("spawn")) as executor:
        for seed, (whole, part) in enumerate(executor.map(both, range(seeds))):
            found.append((whole, part))
            again = statistics.fmean(whole.again), statistics.fmean(part.again)
            print(
                f"{seed:4} {whole.epochs:13.1f} {part.epochs:5.1f} {whole.best:16.4f} "
                f"{part.best:7.4f} {again[0]:12.4f} {again[1]:7.4f} {part.correlation or 0:13.2f}",
                flush=True,
            )
    conclude(found)


def conclude(found: list[tuple[Outcome, Outcome]]) -> None:
    """Print the differences, with their standard errors."""
    share = sum(part.epochs for _, part in found) / sum(whole.epochs for whole, _ in found)
    noise = statistics.fmean(statistics.stdev(one.again) for pair in found for one in pair)
    print(f"\nepoch-equivalents of the part: {share:.2f} of those of the whole")
    print(f"deviation of the loss of one point over seeds: {noise:.4f}")
    for name, differences in {
        "best loss": [part.best - whole.best for whole, part in found],
        "the same points again": [
            statistics.fmean(part.again) - statistics.fmean(whole.again) for whole, part in found
        ],
    }.items():
        mean, error = statistics.fmean(differences), statistics.stdev(differences)
        print(f"{name}: part - whole {mean:+.4f} ± {error / len(found) ** 0.5:.4f}")


if __name__ == "__main__":
    main()
