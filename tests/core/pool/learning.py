"""Objectives that report while they train, and what they do when they are told to end early."""

import os
import threading

from trialdeck.core.objective import TrialPruned

STEPS = 12


def curve(params, trial):
    """Come down to `x ** 2`, at the same pace everywhere."""
    for step in range(1, STEPS + 1):
        trial.report(step, loss=params["x"] ** 2 + 1.0 / step, accuracy=-(params["x"] ** 2))
    return {"loss": params["x"] ** 2, "whole": 1}


def worse_and_worse(params, trial):
    """Every trial is worse than all before it."""
    for step in range(1, STEPS + 1):
        trial.report(step, loss=trial.tid + 1.0 / step)
    return {"loss": float(trial.tid)}


def catches(params, trial):
    try:
        return curve(params, trial)
    except TrialPruned:
        return {"loss": 0.25, "half": 1}


def catches_for_nothing(params, trial):
    try:
        return curve(params, trial)
    except TrialPruned:
        return None


def looks(params, trial):
    for step in range(1, STEPS + 1):
        try:
            trial.report(step, loss=float(step))
        except TrialPruned:
            assert trial.should_prune
        if trial.should_prune:
            return {"loss": 10.0 * step}
    return {"loss": 0.0}


def stumbles(params, trial):
    try:
        return curve(params, trial)
    except TrialPruned as pruned:
        raise RuntimeError("a trainer that wraps what is raised in it") from pruned


def gives_up(params, trial):
    trial.report(1, loss=float("nan"), accuracy=0.5)
    raise TrialPruned("it does not learn")


def dies_once(params, trial):
    """Die at step 5, and go on at step 7."""
    state = trial.checkpoint_dir / "state"
    resumed = state.exists()
    state.touch()
    for step in range(7 if resumed else 1, STEPS + 1):
        trial.report(step, loss=1.0 + step)
        if step == 5:
            os._exit(3) if params.get("error") else os.kill(os.getpid(), 9)
    return {"loss": 1.0}


def silent(params, trial):
    return {"loss": params["x"] ** 2}


def of_something_else(params, trial):
    trial.report(1, train_loss=1.0, speed=2.0)
    return {"loss": params["x"] ** 2}


def slow(params, trial):
    for step in range(1, STEPS + 1):
        threading.Event().wait(params["seconds"] / STEPS)
        trial.report(step, loss=trial.tid + 1.0 / step)
    return {"loss": 0.0}
