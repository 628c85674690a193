"""The learning curves of the default network at random points of its own search.

    python -m tests.bench.curves.network [--trials 400] [--processes 1]

trains at so many points of the repository's params.toml, with the shipped jets, some four seconds
each, and adds one line a point to a file outside of the repository (`CURVES`). What is there is
kept: it goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from trialdeck.core.params.read import read_params

ROOT = Path(__file__).parents[3]
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "trialdeck-bench"
CURVES = CACHE / "network-curves.jsonl"
TRIALS = 400


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


def measured(number: int) -> dict[str, object]:
    """Train at the point of that number; the same number is always the same point."""
    import torch

    from trialdeck.core.fcn import train

    torch.set_num_threads(1)
    params = read_params(ROOT / "params.toml")
    point = params.space.complete(params.space.sample(random.Random(number)))
    trial = Recorder(number)
    final = train({**params.fixed, "data": "sample", **point}, trial)
    curve = [report["auc"] for report in trial.reports]
    return {"number": number, "auc": final["auc"], "curve": curve}


def load() -> list[dict[str, object]]:
    """Return what has been measured, in order of the numbers."""
    if not CURVES.exists():
        return []
    lines = CURVES.read_text().splitlines()
    return sorted(map(json.loads, lines), key=lambda one: one["number"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--processes", type=int, default=1)
    given = parser.parse_args()
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
