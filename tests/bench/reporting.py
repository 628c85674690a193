"""What a report costs its trial, with and without pruning, on few and many cores.

    python -m tests.bench.reporting [--cores 1 16] [--trials 100000]

Real pools, whose objective reports as quickly as it can: a training never reports so often. Rungs
are those of asha; `before` is how many trials have reported before the pool began. Of each kind the
median over all reports is shown, and the highest of 99 in 100: there, another process had the CPU.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from trialdeck.core.history.reports import ReportWriter
from trialdeck.core.searches import start

TEXT = """\
[search]
name = "t"
objective = "reports.py:train"
max_trials = {trials}
[cores]
preload = []
[space]
x = {{ type = "uniform", low = 0.0, high = 1.0 }}
[pruning]
algorithm = "{algorithm}"
startup_trials = 1000000
"""
CODE = """\
import time
from pathlib import Path

REPORTS = 2000
RUNGS = {2**k for k in range(11)}


def train(params, trial):
    took = []
    for step in range(1, REPORTS + 1):
        begun = time.perf_counter()
        trial.report(step, loss=params["x"], auc=0.5)
        took.append((step in RUNGS, time.perf_counter() - begun))
        time.sleep(0.0002)  # so much, at least, is computed between two reports
    Path(f"took-{trial.tid}").write_text("\\n".join(f"{int(at)} {s}" for at, s in took))
    return params["x"]
"""


def measured(folder: Path, cores: int, algorithm: str, before: int) -> dict[bool, list[float]]:
    """Return the microseconds that reports took: those at rungs (True), and the others."""
    folder.mkdir()
    (folder / "reports.py").write_text(CODE)
    (folder / "params.toml").write_text(TEXT.format(trials=2 * cores, algorithm=algorithm))
    search = start(folder / "params.toml")
    others, rng = ReportWriter(search.paths, "other", kept=10**7), random.Random(0)
    for tid in range(1000, 1000 + before):
        for step in range(1, 4):
            others.add(tid, 0, step, {"loss": rng.random(), "auc": 0.5})
    others.close()
    command = [sys.executable, "-P", "-m", "trialdeck.core", str(search.paths.root)]
    log = folder / "pool.log"
    with log.open("w") as file:
        subprocess.run([*command, "--cores", str(cores)], check=True, stdout=file, stderr=file)
    took: dict[bool, list[float]] = {False: [], True: []}
    for path in folder.glob("took-*"):
        for line in path.read_text().splitlines():
            at_rung, seconds = line.split()
            took[at_rung == "1"].append(1e6 * float(seconds))
    return took


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--trials", type=int, default=100_000)
    given = parser.parse_args()
    print(f"{os.cpu_count()} CPUs; microseconds: median (99 of 100 are below)")
    print(f"{'cores':>5} {'pruning':>8} {'before':>8} {'a report':>18} {'at a rung':>22}")
    with tempfile.TemporaryDirectory() as name:
        for cores in given.cores:
            for algorithm, before in (("none", 0), ("asha", 0), ("asha", given.trials)):
                folder = Path(name) / f"{cores}-{algorithm}-{before}"
                took = measured(folder, cores, algorithm, before)
                plain, rungs = _shown(took[False]), _shown(took[True])
                print(f"{cores:>5} {algorithm:>8} {before:>8,} {plain:>18} {rungs:>22}", flush=True)


def _shown(took: list[float]) -> str:
    high = statistics.quantiles(took, n=100)[98]
    return f"{statistics.median(took):,.0f} ({high:,.0f})"


if __name__ == "__main__":
    main()
