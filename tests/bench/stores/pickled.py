"""hyperopt's Trials as a pickle that is rewritten under a lock, for each trial as a whole."""

from __future__ import annotations

import fcntl
import math
import os
import pickle
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from hyperopt import STATUS_OK, Trials, fmin, hp, rand

if TYPE_CHECKING:
    from pathlib import Path


def expression() -> dict[str, Any]:
    """Return the ten dimensions in hyperopt's words."""
    space = {f"x{n}": hp.uniform(f"x{n}", 0.0, 1.0) for n in range(6)}
    space |= {f"rate{n}": hp.loguniform(f"rate{n}", math.log(1e-5), 0.0) for n in range(2)}
    space["layers"] = hp.uniformint("layers", 1, 8)
    space["kind"] = hp.choice("kind", ["relu", "gelu", "tanh"])
    return space


def locked_pickle(folder: Path, seconds: float) -> int:
    """Load, run one trial by fmin, write, all under the lock; return how many."""
    space, rstate = expression(), np.random.default_rng()
    done, end = 0, time.perf_counter() + seconds
    with (folder / "lock").open("w") as lock:
        while time.perf_counter() < end:
            fcntl.flock(lock, fcntl.LOCK_EX)
            trials = load(folder)
            fmin(
                lambda point: {"loss": point["x0"], "status": STATUS_OK},
                space,
                algo=rand.suggest,
                max_evals=len(trials) + 1,
                trials=trials,
                rstate=rstate,
                verbose=False,
            )
            dump(folder, trials)
            fcntl.flock(lock, fcntl.LOCK_UN)
            done += 1
    return done


def load(folder: Path) -> Trials:
    """Return the pickled trials, new ones at first."""
    try:
        return pickle.loads((folder / "Trials.p").read_bytes())
    except FileNotFoundError:
        return Trials()


def dump(folder: Path, trials: Trials) -> None:
    """Replace the pickle as a whole, synced."""
    with (folder / "Trials.tmp").open("wb") as file:
        pickle.dump(trials, file)
        file.flush()
        os.fsync(file.fileno())
    (folder / "Trials.tmp").replace(folder / "Trials.p")


def counted(folder: Path) -> int:
    """Return how many finished trials it holds."""
    return len(load(folder))
