"""Objectives that leave networks and checkpoints, and hold still where a test wants to strike."""

import os
import signal
import threading
from pathlib import Path

NOTES = Path("notes")  # below the project's folder, where cores work
DIES_SAVING = 3  # the attempt that is killed in the middle of its second checkpoint


def leaves_a_network(params, trial):
    (trial.checkpoint_dir / "state").write_text("half done")
    unfinished = trial.model_dir / ".net.txt"
    unfinished.write_text(repr(params["x"]))
    unfinished.rename(trial.model_dir / "net.txt")
    return {"loss": abs(params["x"]), "auc": 1 - abs(params["x"]) / 10}


def takes_a_moment(params, trial):
    threading.Event().wait(0.2)
    return leaves_a_network(params, trial)


def may_be_believed_dead(params, trial):
    """Be found half done by another attempt, and go on all the same once there is a word.

    Only the first trial is like that; the others keep pools busy, so that they look often.
    """
    if trial.tid:
        return 2.0
    state = trial.checkpoint_dir / "state"
    if trial.checkpoint.name != "0":
        (trial.model_dir / "net.txt").write_text("1.0")
        return {"loss": 1.0, "found": state.read_text()}
    state.write_text("half done")
    (trial.model_dir / "net.txt").write_text("0.5")
    Path("held").touch()
    while not Path("go").exists():
        threading.Event().wait(0.01)
    try:
        state.write_text("of the dead")
    except FileNotFoundError:
        Path("no place").touch()
    (trial.model_dir / "net.txt").write_text("0.0")
    return {"loss": 0.0}


class Held:
    """A trial that waits at the report of one step until something happens to it."""

    def __init__(self, trial, step):
        self._trial = trial
        self._step = step

    def __getattr__(self, name):
        return getattr(self._trial, name)

    def report(self, step, **metrics):
        if step == self._step:
            note = NOTES / f"held-{self.tid}-{self.checkpoint.name}"
            note.write_text(str(os.getpid()))
            while not self._trial.should_stop:
                threading.Event().wait(0.01)
        self._trial.report(step, **metrics)


def jets(params, trial):
    """Train the default network; attempt n is held at the step `hold_at[n]`.

    It leaves a checkpoint after every epoch, and notes after how many its attempt began.
    """
    from trialdeck.core import fcn, training

    training.CHECKPOINT_SECONDS = 0.0
    hold_at, attempt = params["hold_at"], int(trial.checkpoint.name)
    if hold_at and attempt == DIES_SAVING:
        _die_saving()
    held = Held(trial, hold_at[attempt] if attempt < len(hold_at) else None)
    found = fcn.train({k: v for k, v in params.items() if k not in ("x", "hold_at")}, held)
    (NOTES / f"began-{trial.tid}").write_text(str(found["epochs"] - trial.steps))
    return found


def _die_saving():
    import torch

    save, saved = torch.save, []

    def half(state, file):
        save(state, file)
        saved.append(file)
        if len(saved) == 2:
            file.truncate(file.tell() // 2)
            os.kill(os.getpid(), signal.SIGKILL)

    torch.save = half
