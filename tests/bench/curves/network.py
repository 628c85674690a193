"""The learning curves of the default network at random points of its own search.

    python -m tests.bench.curves.network [--trials 300] [--processes 1]

trains at so many points of the repository's params.toml, with the shipped jets, some four seconds
each, and adds one line a point to a file outside of the repository (`CURVES`). What is there is
kept: it goes on where it was. With ``--noise`` it trains the best points anew with other seeds, and
prints how far their results lie apart.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.bench.curves.search import Curve
from trialdeck.core.params.read import read_params

ROOT = Path(__file__).parents[3]
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "trialdeck-bench"
CURVES = CACHE / "network-curves.jsonl"
TRIALS = 300
NOISE = 0.0005  # of the area under the curve


class Recorder:
    """A trial that keeps what is reported."""

    fraction = 1.0
    device = "cpu"
    checkpoint_dir = None
    should_stop = False

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.reports: list[dict[str, float]] = []

    def report(self, step: int, **metrics: float) -> None:
        self.reports.append(metrics)


def measured(number: int, seed: int | None = None) -> dict[str, object]:
    """Train at the point of that number; the same number is always the same point."""
    import torch

    from trialdeck.core.fcn import train

    torch.set_num_threads(1)
    params = read_params(ROOT / "params.toml")
    point = params.space.complete(params.space.sample(random.Random(number)))
    trial = Recorder(number if seed is None else seed)
    final = train({**params.fixed, "data": "sample", **point}, trial)
    curve = [report["auc"] for report in trial.reports]
    return {"number": number, "auc": final["auc"], "curve": curve}


def curves() -> list[Curve]:
    """Return the curves: minus the area under the curve, which is what is minimised."""
    return [Curve(tuple(-auc for auc in one["curve"]), -one["auc"]) for one in load()]


def load() -> list[dict[str, object]]:
    """Return what has been measured, in order of the numbers."""
    if not CURVES.exists():
        return []
    lines = CURVES.read_text().splitlines()
    return sorted(map(json.loads, lines), key=lambda one: one["number"])


def print_noise(points: int = 4, seeds: int = 5) -> None:
    """Print the standard deviation over seeds, at the best points."""
    best = sorted(load(), key=lambda one: -one["auc"])[:points]
    for one in best:
        again = [measured(one["number"], seed=10_000 + seed)["auc"] for seed in range(seeds)]
        spread = f"{statistics.mean(again):.5f} +- {statistics.stdev(again):.5f}"
        print(
            f"point {one['number']}: auc {one['auc']:.5f}; with {seeds} seeds {spread}", flush=True
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--noise", action="store_true")
    given = parser.parse_args()
    if given.noise:
        print_noise()
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    known = {one["number"] for one in load()}
    missing = [number for number in range(given.trials) if number not in known]
    with ProcessPoolExecutor(given.processes) as pool, CURVES.open("a") as file:
        for done in pool.map(measured, missing):
            file.write(json.dumps(done) + "\n")
            file.flush()
            print(f"{done['number'] + 1} of {given.trials}: auc {done['auc']:.4f}", flush=True)


if __name__ == "__main__":
    main()
