"""Which tool loses what when its workers are killed: ``make soak ARGS='-k peers -s'``."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.searching import start_pool
from tests.soak import contest
from trialdeck.core.searches import start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KINDS = ("trialdeck", "history-trials", "optuna-journal", "optuna-sqlite", "bare-pickle")
OURS = KINDS[:2]
WORKERS, KILLS = 8, 60
LAST_SECONDS = 90.0  # after the kills a search gets so long to come to its end
PARAMS = f"""\
[search]
name = "search"
objective = "objective.py:evaluate"
algorithm = "rand"
max_trials = {contest.BUDGET}
[cores]
preload = []
retries = 1000
[space]
x = {{ type = "uniform", low = -5.0, high = 5.0 }}
"""
OBJECTIVE = """\
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.soak import contest
def evaluate(x):
    return contest.evaluate(Path({folder!r}), x)
"""


def starter(kind: str, folder: Path) -> Callable[[], subprocess.Popen[bytes]]:
    """Return what starts one worker."""
    if kind == "trialdeck":
        root = str(contest.Path(__file__).parents[2])
        (folder / "objective.py").write_text(OBJECTIVE.format(root=root, folder=str(folder)))
        (folder / "params.toml").write_text(PARAMS)
        search = start(folder / "params.toml")
        return lambda: start_pool(search, 1)
    command = [sys.executable, "-m", "tests.soak.contest", kind, str(folder)]
    log = (folder / "workers.log").open("ab")
    return lambda: subprocess.Popen(command, stdout=log, stderr=log)


def under_fire(kind: str, folder: Path, seed: int) -> dict[str, object]:
    """Kill workers of a search at random, let it end, and return what is left of it."""
    rng, begin = random.Random(seed), starter(kind, folder)
    workers = [begin() for _ in range(WORKERS)]
    pause, kills, last = threading.Event(), 0, 0.0
    log = folder / "truth.log"
    try:
        while True:
            if kills < KILLS and log.exists():
                victim = rng.choice(workers)
                if victim.poll() is None:
                    victim.kill()
                    victim.wait()
                    kills += 1
                last = time.monotonic()
            over = kills == KILLS and all(w.poll() == 0 for w in workers)
            if over or (kills == KILLS and time.monotonic() - last > LAST_SECONDS):
                break
            # Those that came to the end stay ended, unless kills are still due.
            for number, worker in enumerate(workers):
                if worker.poll() is not None and (worker.returncode != 0 or kills < KILLS):
                    workers[number] = begin()
            pause.wait(rng.uniform(0.2, 1.0))
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    return {"kills": kills, **contest.judge(kind, folder).row(contest.truth_of(folder))}


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", KINDS)
def test_peers(tmp_path: Path, kind: str) -> None:
    row = under_fire(kind, tmp_path, seed=1)
    print(f"\n{kind}: " + ", ".join(f"{name} {value}" for name, value in row.items()))
    if kind in OURS:
        assert row["results"] == contest.BUDGET
        assert (row["doubled"], row["running for ever"]) == (0, 0)
        assert (row["over the budget"], row["readable"]) == (0, "yes")
