"""The same kill test for several tools: workers that share one history and are killed at random.

``python -m tests.soak.contest KIND FOLDER`` is one worker, written as the tool's own documents
advise for many processes. The objective takes a second, and appends its value to a log
of its own when it is done: the truth, beside which the histories are judged.
"""

from __future__ import annotations

import os
import pickle
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BUDGET = 200
SECONDS = 1.0
SPACE = ("x", -5.0, 5.0)
OPTUNA = "search"


def evaluate(folder: Path, x: float) -> float:
    """Take a while, tell the truth, and return a value that no other evaluation has."""
    time.sleep(SECONDS)
    value = x * x + random.SystemRandom().random() * 1e-6
    log = os.open(folder / "truth.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(log, f"{value!r}\n".encode())
    os.close(log)
    return value


@dataclass(frozen=True)
class Verdict:
    """What is left of a search in the end: `left` trials run for ever, and nobody runs them."""

    evaluated: int
    results: list[float]
    doubled: int = 0
    left: int = 0
    problem: str = ""

    def row(self, truth: Iterable[float]) -> dict[str, object]:
        """Return the figures: an evaluation that its worker lived to record is lost or kept."""
        kept = set(self.results)
        return {
            "results": len(self.results),
            "evaluations without a result": sum(value not in kept for value in truth),
            "doubled": self.doubled + len(self.results) - len(kept),
            "running for ever": self.left,
            "over the budget": max(0, len(self.results) - BUDGET),
            "readable": self.problem or "yes",
        }


# -- the tools ------------------------------------------------------------------------------


def history_trials(folder: Path) -> None:
    """Call fmin with a HistoryTrials."""
    from hyperopt import fmin, hp, rand

    from trialdeck.core.history_trials import HistoryTrials

    trials = HistoryTrials(folder / "history" / "search", retries=1000)
    space = hp.uniform(*SPACE)
    more = {"algo": rand.suggest, "verbose": False, "return_argmin": False}
    fmin(lambda x: evaluate(folder, x), space, max_evals=BUDGET, trials=trials, **more)


def optuna_worker(kind: str, folder: Path) -> None:
    """Optimise until the study has its number of trials, as Optuna's guide to processes says."""
    import optuna
    from optuna.study import MaxTrialsCallback
    from optuna.trial import TrialState

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(
        study_name=OPTUNA,
        storage=optuna_storage(kind, folder),
        load_if_exists=True,
        sampler=optuna.samplers.RandomSampler(),
    )
    if len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))) >= BUDGET:
        return
    study.optimize(
        lambda trial: evaluate(folder, trial.suggest_float(*SPACE)),
        callbacks=[MaxTrialsCallback(BUDGET, states=(TrialState.COMPLETE,))],
    )


def optuna_storage(kind: str, folder: Path):
    """Return the storage; sqlite with the heartbeat that finds dead workers."""
    from optuna.storages import JournalStorage, RDBStorage, RetryFailedTrialCallback
    from optuna.storages.journal import JournalFileBackend

    if kind == "optuna-journal":
        return JournalStorage(JournalFileBackend(str(folder / "optuna.log")))
    return RDBStorage(
        f"sqlite:///{folder / 'optuna.db'}",
        engine_kwargs={"connect_args": {"timeout": 120}},
        heartbeat_interval=1,
        grace_period=3,
        failed_trial_callback=RetryFailedTrialCallback(max_retry=10),
    )


def bare_pickle(folder: Path) -> None:
    """Load, run one trial more, write, without a lock: what the scripts of 2020 did."""
    from hyperopt import Trials, fmin, hp, rand

    file = folder / "Trials.p"
    while True:
        trials = pickle.loads(file.read_bytes()) if file.exists() else Trials()
        if len(trials) >= BUDGET:
            return
        fmin(
            lambda x: evaluate(folder, x),
            hp.uniform(*SPACE),
            algo=rand.suggest,
            max_evals=len(trials) + 1,
            trials=trials,
            verbose=False,
        )
        with file.open("wb") as out:
            pickle.dump(trials, out)


# -- judging --------------------------------------------------------------------------------


def truth_of(folder: Path) -> list[float]:
    """Return the value of every evaluation that came to its end."""
    return [float(line) for line in (folder / "truth.log").read_text().splitlines()]


def judge(kind: str, folder: Path) -> Verdict:
    """Read a history to its end."""
    evaluated = len(truth_of(folder))
    if kind.startswith("optuna"):
        return _judge_optuna(kind, folder, evaluated)
    if kind == "bare-pickle":
        try:
            trials = pickle.loads((folder / "Trials.p").read_bytes())
        except Exception as error:
            return Verdict(evaluated, [], problem=f"no: {type(error).__name__}")
        losses = [loss for loss in trials.losses() if loss is not None]
        return Verdict(evaluated, losses, doubled=len(trials.tids) - len(set(trials.tids)))
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.reader import History

    snapshot = History(HistoryPaths(folder / "history" / "search")).refresh()
    trials = [trial for trial in snapshot.trials.values() if trial.state == "ok"]
    twice = sum([a.state for a in trial.attempts].count("ok") > 1 for trial in trials)
    return Verdict(evaluated, [t.loss for t in trials], twice, len(snapshot.unfinished))


def _judge_optuna(kind: str, folder: Path, evaluated: int) -> Verdict:
    import optuna
    from optuna.trial import TrialState

    study = optuna.load_study(study_name=OPTUNA, storage=optuna_storage(kind, folder))
    trials = study.get_trials(deepcopy=False)
    complete = [trial.value for trial in trials if trial.state == TrialState.COMPLETE]
    left = sum(trial.state == TrialState.RUNNING for trial in trials)
    return Verdict(evaluated, complete, left=left)


def main() -> None:
    """Be one worker."""
    kind, folder = sys.argv[1], Path(sys.argv[2])
    if kind.startswith("optuna"):
        optuna_worker(kind, folder)
    else:
        {"history-trials": history_trials, "bare-pickle": bare_pickle}[kind](folder)


if __name__ == "__main__":
    main()
