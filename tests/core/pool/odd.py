"""Objectives that do what objectives do on a bad day."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path


def fine(params):
    return params["x"] ** 2


def prints_megabytes(params):
    for _ in range(3000):
        print("x" * 1000)
    return 1.0


def returns_none(params):
    return None


def returns_text(params):
    return "0.5"


def returns_nan(params):
    return float("nan")


def returns_array(params):
    import numpy

    return numpy.ones(3)


def returns_numpy(params):
    import numpy

    return {"loss": numpy.float32(0.5), "epochs": numpy.int64(3), "auc": numpy.array(0.75)}


def returns_unserialisable(params):
    return {"loss": 0.5, "model": object(), "curve": [1, 2], "note": "fine", "worst": float("inf")}


def returns_true(params):
    return True


def returns_huge_int(params):
    return 10**400


class OddError(Exception):
    def __str__(self):
        raise RuntimeError("no text for you")


def raises_odd(params):
    raise OddError


def raises_surrogate(params):
    raise ValueError("bad name \udcff")


def raises_base(params):
    raise BaseException("very base")  # noqa: TRY002


def raises_interrupt(params):
    raise KeyboardInterrupt


def raises_memory(params):
    raise MemoryError


def exits(params):
    sys.exit(3)


def exits_hard(params):
    os._exit(3)


def forks(params):
    os.fork()
    return 0.25


def segfaults(params):
    os.kill(os.getpid(), signal.SIGSEGV)


def kills_itself(params):
    os.kill(os.getpid(), signal.SIGKILL)


def hangs(params):
    threading.Event().wait()


def hangs_and_ignores(params):
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    while True:
        threading.Event().wait()


def leaves_children(params):
    """Start a process of its own session that would run on, and say who it is."""
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    Path(params["note"]).write_text(f"{os.getpid()} {child.pid}")
    threading.Event().wait()


def reports(params, trial):
    for step in range(5):
        trial.report(step, loss=1.0 / (step + 1), bad=float("nan"))
    return {"loss": 0.2}


def until_stopped(params, trial):
    trial.report(0, loss=1.0)
    while not trial.should_stop:
        time.sleep(0.01)
    raise RuntimeError("a data loader that broke when the core was stopped")


def reports_until_stopped(params, trial):
    step = 0
    while True:
        trial.report(step, loss=1.0)
        step += 1
        time.sleep(0.01)


def Iteration(nLayers, batch_size, learning_rate, Nodes, Parameters):  # noqa: N802, N803
    """By name, with [fixed] as `Parameters`: the shape of the objectives of 2020."""
    nLayers = int(nLayers)  # noqa: N806
    return 1 - nLayers * Parameters["Epochs_FCN"] / 1000 + batch_size * 0 + learning_rate * 0


def slow(params):
    threading.Event().wait(params["seconds"])
    return params["x"] ** 2


def reports_for_a_while(params, trial):
    for step in range(60):
        trial.report(step, loss=1.0)
        threading.Event().wait(0.05)
    return 1.0


def keeps_checkpoints(params, trial):
    (trial.checkpoint_dir / "state").write_text("half done")
    for _ in range(int(params["seconds"] / 0.01)):
        if trial.should_stop:
            break
        time.sleep(0.01)
    return 1.0


def first_hangs(params, trial):
    threading.Event().wait(None if trial.tid == 0 else params["seconds"])
    return 1.0


def by_number(params, trial):
    """Return the best result first."""
    return float(trial.tid)


def first_waits(params):
    """Wait in the first trial that runs for a file, and do as well as can be in the others."""
    go = Path(params["go"])
    try:
        go.with_suffix(".begun").touch(exist_ok=False)
    except FileExistsError:
        return 0.0
    while not go.exists():
        time.sleep(0.01)
    return 1.0


def by_fraction(params, trial):
    """Be worse on a part of the sample, and a little otherwise with each seed."""
    loss = (params["x"] - 1) ** 2 + (1 - trial.fraction) + (trial.seed % 100) * 1e-6
    tested = {"test_loss": loss + 1} if trial.confirming else {}
    return {"loss": loss, "fraction": trial.fraction, **tested}


def by_fraction_slowly(params, trial):
    time.sleep(params["seconds"])
    return by_fraction(params, trial)
