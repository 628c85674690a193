"""A script as people write one: fmin over a HistoryTrials, told what to do by its arguments."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
from hyperopt import fmin, hp, rand

from trialdeck.core.history_trials import HistoryTrials

FOLDER, OPTIONS = Path(sys.argv[1]), json.loads(sys.argv[2])
X, KIND = hp.uniform("x", -3, 5), hp.choice("kind", ["round", "square"])
ODD = {"kind": "odd", "x": 5.0, "y": hp.uniform("y", 0, 1)}
SPACES = {
    "": {"x": X, "kind": KIND},
    "one more": {"x": X, "kind": KIND, "y": hp.uniform("y", 0, 1)},
    "one less": {"x": X, "kind": "round"},
    "another option": {"x": X, "kind": hp.choice("kind", ["odd", "even"])},
    "elsewhere": {"x": hp.uniform("x", 6, 9), "kind": KIND},
    "below": hp.choice("kind", [{"kind": "round", "x": X}, {"kind": "square", "x": X}, ODD]),
}


def objective(point):
    with (FOLDER / "ran.log").open("a") as log:
        log.write(f"{os.getpid()} {point['x']!r}\n")
    time.sleep(OPTIONS.get("seconds", 0.0))
    if point["x"] > OPTIONS.get("worst", 10.0):
        raise ValueError("too far")
    return {"loss": point["x"] ** 2, "status": "ok", "of": point["kind"]}


if __name__ == "__main__":
    trials = HistoryTrials(FOLDER / "history" / "x", wait=OPTIONS.get("wait", True))
    best = fmin(
        objective,
        SPACES[OPTIONS.get("space", "")],
        algo=rand.suggest,
        max_evals=OPTIONS["max_evals"],
        trials=trials,
        rstate=np.random.default_rng(OPTIONS.get("seed", 0)),
        verbose=False,
        catch_eval_exceptions=OPTIONS.get("catch", False),
    )
    print(json.dumps({"best": float(best["x"]), "length": len(trials)}))
