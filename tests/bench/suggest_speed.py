"""CPU milliseconds of a suggestion in ten mixed dimensions, beside hyperopt and Optuna.

    python -m tests.bench.suggest_speed [--peers] [--suggestions 40] [--sizes 1000 10000 100000]

"in a pool" is what the process that suggests does for one trial more: reading it into the columns,
and the suggestion; "fmin" is a call as `algo=`, with hyperopt's documents. "first" is the first one
of a process that has the history in memory: all of it becomes columns.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.state import State
from trialdeck.core.params.read import parse_params
from trialdeck.core.suggest.algorithms import OURS, Suggester

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (1_000, 10_000, 100_000)
TEXT = f"""
[search]
name = "a"
objective = "a:b"
algorithm = "{OURS}"
[space]
a = {{ type = "uniform", low = 0, high = 1 }}
b = {{ type = "uniform", low = -5, high = 5 }}
c = {{ type = "loguniform", low = 1e-5, high = 1 }}
d = {{ type = "loguniform", low = 1e-3, high = 10 }}
e = {{ type = "quniform", low = 8, high = 256, q = 8 }}
f = {{ type = "uniformint", low = 1, high = 6 }}
g = {{ type = "normal", mu = 0, sigma = 1 }}
h = {{ type = "choice", options = ["p", "q", "r"] }}
i = {{ type = "choice", options = ["s", "t"] }}
j = {{ type = "qloguniform", low = 16, high = 512, q = 16 }}
"""


def loss_of(point: dict) -> float:
    return (point["a"] - 0.3) ** 2 + abs(point["b"]) + {"p": 0, "q": 0.5, "r": 1}[point["h"]]


def a_history(params, count: int) -> State:
    state, rng = State(), random.Random(0)
    for tid in range(count):
        point = params.space.sample(rng)
        state.apply(Started(writer="w", tid=tid, point=point))
        state.apply(Finished(writer="w", tid=tid, outcome="ok", loss=loss_of(point)))
    return state


def in_a_pool(count: int, suggestions: int) -> tuple[float, list[float]]:
    """Return the milliseconds of the first suggestion, and those of the ones after it."""
    params = parse_params(TEXT, "speed", Path("/nowhere"))
    state, suggester = a_history(params, count), Suggester(lambda _: {})
    taken = []
    for tid in range(count, count + suggestions + 1):
        snapshot = state.snapshot()
        begun = time.process_time()
        point = suggester.suggest(params, snapshot, tid)
        taken.append(1000 * (time.process_time() - begun))
        state.apply(Started(writer="w", tid=tid, point=point))
        state.apply(Finished(writer="w", tid=tid, outcome="ok", loss=loss_of(point)))
    return taken[0], taken[1:]


def of_fmin(suggest: Callable, count: int, suggestions: int) -> list[float]:
    """Return the milliseconds of calls as `algo=`, each with one document more."""
    import hyperopt

    from trialdeck.core.trials import as_trials

    params = parse_params(TEXT, "speed", Path("/nowhere"))
    domain = hyperopt.base.Domain(None, params.space.expression())
    rng, documents, taken = random.Random(0), [], []
    trials = as_trials([])
    for tid in range(count):
        point = params.space.sample(rng)
        documents.append(_document(tid, params.space.encode(point), loss_of(point)))
    for tid in range(count, count + suggestions + 1):
        trials = as_trials(documents)
        begun = time.process_time()
        (made,) = suggest([tid], domain, trials, tid)
        taken.append(1000 * (time.process_time() - begun))
        vals = made["misc"]["vals"]
        documents.append(_document(tid, vals, loss_of(params.space.decode(vals))))
    return taken[1:]


def _document(tid: int, vals: dict, loss: float) -> dict:
    idxs = {label: [tid] if found else [] for label, found in vals.items()}
    misc = {"tid": tid, "cmd": None, "workdir": None, "idxs": idxs, "vals": vals}
    about = {"state": 2, "tid": tid, "spec": None, "exp_key": None, "owner": None, "version": 0}
    result = {"status": "ok", "loss": loss}
    return {**about, "result": result, "misc": misc, "book_time": None, "refresh_time": None}


def of_optuna(count: int, suggestions: int) -> list[float]:
    """Return the milliseconds that Optuna's default sampler takes for all ten values."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
    space = {
        "a": optuna.distributions.FloatDistribution(0, 1),
        "b": optuna.distributions.FloatDistribution(-5, 5),
        "c": optuna.distributions.FloatDistribution(1e-5, 1, log=True),
        "d": optuna.distributions.FloatDistribution(1e-3, 10, log=True),
        "e": optuna.distributions.IntDistribution(8, 256, step=8),
        "f": optuna.distributions.IntDistribution(1, 6),
        "g": optuna.distributions.FloatDistribution(-3, 3),
        "h": optuna.distributions.CategoricalDistribution(["p", "q", "r"]),
        "i": optuna.distributions.CategoricalDistribution(["s", "t"]),
        "j": optuna.distributions.IntDistribution(16, 512, step=16),
    }
    params, rng = parse_params(TEXT, "speed", Path("/nowhere")), random.Random(0)
    finished = []
    for _ in range(count):
        point = params.space.sample(rng)
        point["g"] = min(max(point["g"], -3.0), 3.0)
        finished.append(
            optuna.trial.create_trial(params=point, distributions=space, value=loss_of(point))
        )
    study.add_trials(finished)
    taken = []
    for _ in range(suggestions + 1):
        begun = time.process_time()
        trial = study.ask(space)
        taken.append(1000 * (time.process_time() - begun))
        study.tell(trial, loss_of(trial.params))
    return taken[1:]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--suggestions", type=int, default=40)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    given = parser.parse_args()
    print(f"{'trials':>8} {'':16} {'median':>8} {'9 of 10 below':>14} {'first':>8}")
    for count in given.sizes:
        first, taken = in_a_pool(count, given.suggestions)
        _show(count, "in a pool", taken, f"{first:8.0f}")
        from trialdeck.core.suggest import tpe

        _show(count, "fmin", of_fmin(tpe.suggest, count, given.suggestions))
        if given.peers and count <= 10_000:
            import hyperopt

            theirs = partial(hyperopt.tpe.suggest, verbose=False)
            _show(count, "hyperopt", of_fmin(theirs, count, 5))
            _show(count, "Optuna", of_optuna(count, 5))


def _show(count: int, name: str, taken: list[float], first: str = "") -> None:
    high = statistics.quantiles(taken, n=10)[8]
    print(f"{count:>8,} {name:16} {statistics.median(taken):8.1f} {high:14.1f} {first}", flush=True)


if __name__ == "__main__":
    main()
