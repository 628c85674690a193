"""A history of many trials, read by a process that knows nothing of it yet, beside the peers.

    python -m tests.bench.cold [--trials 100000] [--sqlite 2000] [--rounds 3]

CPU seconds after all imports, each in a process of its own, in turns: from the files to what
`status` needs (how many trials of each kind, the best) and what suggesting needs (every point with
its loss). The content is the same: ten dimensions, one loss. sqlite takes long to be filled: it
gets fewer trials, and its time is multiplied up. Ours is read with the digest that whoever watches
the search keeps, and once more without it ("lines").
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ("trialdeck", "trialdeck-lines", "optuna-journal", "locked-pickle", "optuna-sqlite")


def fill_trialdeck(folder: Path, trials: int) -> None:
    """Write our journals, of eight pools, with all claims."""
    from tests.bench.history import fill
    from tests.bench.stores.ours import paths_in

    fill(paths_in(folder), trials)


def fill_digested(folder: Path, trials: int) -> None:
    """Write the same, and look at it as somebody who watches."""
    from tests.bench.stores.ours import paths_in
    from trialdeck.core.history.reader import History

    fill_trialdeck(folder, trials)
    History(paths_in(folder), digests=True).refresh()


def fill_journal(folder: Path, trials: int) -> None:
    """Write what Optuna writes for one trial so many times, with other ids and values."""
    from tests.bench.stores import optunas

    optunas.prepare("optuna-journal", folder)
    log = folder / "optuna.log"
    head = log.read_bytes()
    optunas.run_some("optuna-journal", folder, 1)
    pattern = [json.loads(line) for line in log.read_bytes()[len(head) :].splitlines()]
    rng = random.Random(0)
    with log.open("wb") as file:
        file.write(head)
        for number in range(trials):
            lines = (json.dumps(_again(op, number, rng), separators=(",", ":")) for op in pattern)
            file.write("".join(f"{line}\n" for line in lines).encode())


def _again(op: dict[str, object], number: int, rng: random.Random) -> dict[str, object]:
    changed = dict(op)
    if "trial_id" in op:
        changed["trial_id"] = number
    if isinstance(op.get("param_value_internal"), float) and str(op["param_name"])[0] == "x":
        changed["param_value_internal"] = rng.random()
    if op.get("values"):
        changed["values"] = [rng.random()]
    return changed


def fill_pickle(folder: Path, trials: int) -> None:
    """Write hyperopt's Trials as one pickle."""
    import numpy as np
    from hyperopt import Trials, rand
    from hyperopt.base import Domain

    from tests.bench.stores import pickled

    domain = Domain(lambda _: 0.0, pickled.expression())
    (pattern,) = rand.suggest([0], domain, Trials(), 0)
    documents, rng = [], np.random.default_rng(0)
    for tid in range(trials):
        vals = {label: [rng.random()] for label in pattern["misc"]["vals"]}
        idxs = {label: [tid] for label in vals}
        misc = {**pattern["misc"], "tid": tid, "vals": vals, "idxs": idxs}
        result = {"status": "ok", "loss": float(rng.random())}
        documents.append({**pattern, "tid": tid, "state": 2, "misc": misc, "result": result})
    made = Trials()
    made._dynamic_trials = documents
    made.refresh()
    pickled.dump(folder, made)


def fill_sqlite(folder: Path, trials: int) -> None:
    """Have Optuna run so many trials."""
    from tests.bench.stores import optunas

    optunas.prepare("optuna-sqlite", folder)
    optunas.run_some("optuna-sqlite", folder, trials)


FILL: dict[str, Callable[[Path, int], None]] = {
    "trialdeck": fill_digested,
    "trialdeck-lines": fill_trialdeck,
    "optuna-journal": fill_journal,
    "locked-pickle": fill_pickle,
    "optuna-sqlite": fill_sqlite,
}


def load_trialdeck(folder: Path) -> tuple[int, float]:
    """Read our history as `status` and a suggesting process do."""
    from tests.bench.stores.ours import paths_in
    from trialdeck.core.history.reader import History

    snapshot = History(paths_in(folder)).refresh()
    points = [(t.point, t.loss) for t in snapshot.trials.values() if t.state == "ok"]
    assert snapshot.best is not None
    return len(points), snapshot.trials[snapshot.best].loss or 0.0


def load_optuna(kind: str, folder: Path) -> tuple[int, float]:
    """Load a study of Optuna's."""
    import optuna

    from tests.bench.stores import optunas

    study = optuna.load_study(study_name=optunas.NAME, storage=optunas.STORAGES[kind](folder))
    trials = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    points = [(trial.params, trial.value) for trial in trials]
    return len(points), study.best_value


def load_pickle(folder: Path) -> tuple[int, float]:
    """Load hyperopt's pickle."""
    from tests.bench.stores import pickled

    trials = pickled.load(folder)
    points = [(made["misc"]["vals"], made["result"]["loss"]) for made in trials.trials]
    return len(points), trials.best_trial["result"]["loss"]


def warm_up(kind: str) -> None:
    """Import what a load needs, and no other's."""
    modules = {
        "trialdeck": ("tests.bench.stores.ours", "trialdeck.core.history.reader"),
        "locked-pickle": ("tests.bench.stores.pickled", "hyperopt"),
    }
    for name in modules.get(kind.removesuffix("-lines"), ("tests.bench.stores.optunas",)):
        importlib.import_module(name)


def load(kind: str, folder: Path) -> None:
    """Print the CPU seconds of a load, imports aside, and how many trials it found."""
    if kind.startswith("trialdeck"):
        work = load_trialdeck
    elif kind == "locked-pickle":
        work = load_pickle
    else:

        def work(folder: Path) -> tuple[int, float]:
            return load_optuna(kind, folder)

    warm_up(kind)
    before = time.process_time()
    count, _ = work(folder)
    print(time.process_time() - before, count)


def on_disk(folder: Path) -> int:
    """Return the bytes that files and folders take."""
    return sum(
        (Path(root) / name).lstat().st_blocks * 512
        for root, folders, files in os.walk(folder)
        for name in [*folders, *files]
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--sqlite", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--load", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.load is not None:
        load(given.load[0], Path(given.load[1]))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
        counts = {k: given.sqlite if k == "optuna-sqlite" else given.trials for k in KINDS}
        for kind in KINDS:
            (Path(name) / kind).mkdir()
            FILL[kind](Path(name) / kind, counts[kind])
        for _ in range(given.rounds):
            for kind in KINDS:
                taken[kind].append(_timed(kind, Path(name) / kind, counts[kind]) * given.trials)
        title = f"{given.trials:,} trials"
        print(f"{title:<22} {'CPU s':>9} {'times ours':>19} {'bytes a trial':>14}")
        for kind in KINDS:
            ratios = [a / b for a, b in zip(taken[kind], taken[KINDS[0]], strict=True)]
            middle, span = statistics.median(ratios), f"({min(ratios):.0f} to {max(ratios):.0f})"
            size = on_disk(Path(name) / kind) / counts[kind]
            seconds = statistics.median(taken[kind])
            print(f"{kind:<22} {seconds:>9.2f} {middle:>7.1f} {span:<11} {size:>14,.0f}")


def _timed(kind: str, folder: Path, expected: int) -> float:
    """Return the CPU seconds per trial of a load in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.cold", "--load", kind, str(folder)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert int(said[1]) == expected, (kind, said)
    return float(said[0]) / expected


if __name__ == "__main__":
    main()
