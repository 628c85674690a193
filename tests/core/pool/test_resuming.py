"""Trials of the default network that are interrupted in every way end as if they had not been."""

import os
import shutil
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from tests.conditions import until
from tests.core.made_jets import write_npz
from tests.core.test_training import FakeTrial
from tests.searching import a_pool, finish, project
from trialdeck.core.fcn import train
from trialdeck.core.searches import start

TRIALS = 2
HOLD_AT = [2, 4, 6]  # the steps at which attempts are killed, or interrupted
FIXED = {
    "constituents": 12,
    "epochs": 60,
    "patience": 4,
    "nodes": 32,
    "dropout": 0.2,
    "learning_rate": 0.004,
}


def search_of(folder, fixed):
    (folder / "notes").mkdir()
    shutil.copy(Path(__file__).with_name("networks.py"), folder)
    lines = [f"{name} = {value!r}" for name, value in {**fixed, "hold_at": HOLD_AT}.items()]
    file = project(folder, "jets", TRIALS, fixed="\n".join(lines), cores="threads = 1")
    text = file.read_text().replace("odd.py:", "networks.py:")
    file.write_text(text.replace("preload = []", 'preload = ["torch"]'))
    return start(file)


def held(search, attempt):
    """Wait until all trials are held in this attempt; return their processes."""
    notes = [search.paths.project / f"notes/held-{tid}-{attempt}" for tid in range(TRIALS)]
    until(lambda: all(map(written, notes)), 40, f"trials that are held in attempt {attempt}")
    return [int(note.read_text()) for note in notes]


def written(note):
    return note.exists() and note.read_text()


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory):
    """Return a search to which everything happened, and what its trials come to otherwise."""
    folder = tmp_path_factory.mktemp("resuming")
    fixed = {**FIXED, "data": str(write_npz(folder, 600))}
    search = search_of(folder, fixed)
    with a_pool(search, TRIALS) as pool:
        for pid in held(search, 0):
            os.kill(pid, signal.SIGKILL)
        held(search, 1)
        os.kill(pool.pid, signal.SIGTERM)
        assert pool.wait(20) == 0
    with a_pool(search, TRIALS) as pool:
        held(search, 2)
        search.stop(now=True)
        assert pool.wait(20) == 0
    torn = search.paths.checkpoint(1, 2) / "fcn.pt"
    os.truncate(torn, torn.stat().st_size - 1000)
    assert finish(search, TRIALS, 60) == 0  # in which they are killed while they save, once
    snapshot = search.snapshot()
    undisturbed = [alone(fixed, trial.seed, folder) for trial in snapshot.trials.values()]
    return SimpleNamespace(search=search, snapshot=snapshot, undisturbed=undisturbed)


def alone(fixed, seed, folder):
    """Train once, here and without interruption; return the metrics and the network's file."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    metrics = train(fixed, FakeTrial(seed=seed, model_dir=folder))
    torch.set_num_threads(threads)
    return metrics, (folder / "fcn.pt").read_bytes()


def test_everything_has_happened(disturbed):
    for trial in disturbed.snapshot.trials.values():
        assert [(attempt.state, attempt.cause) for attempt in trial.attempts] == [
            ("interrupted", "killed"),
            ("interrupted", "preempted"),
            ("interrupted", "stopped"),
            ("interrupted", "killed"),
            ("ok", ""),
        ]


def test_the_results_are_the_same_to_the_last_bit(disturbed):
    for tid, trial in disturbed.snapshot.trials.items():
        network = disturbed.search.paths.model(tid, trial.attempt) / "fcn.pt"
        assert (trial.metrics, network.read_bytes()) == disturbed.undisturbed[tid]
        assert max(HOLD_AT) + 2 < trial.metrics["epochs"] < FIXED["epochs"], "it ended by itself"
    assert disturbed.undisturbed[0] != disturbed.undisturbed[1]


def test_no_attempt_repeats_what_a_whole_checkpoint_has(disturbed):
    notes = disturbed.search.paths.project / "notes"
    began = [int((notes / f"began-{tid}").read_text()) for tid in range(TRIALS)]
    # The last attempt but one was killed while it wrote its second checkpoint. One went on from
    # step 6 and had that of 7; that of the other was cut off, so it began anew and had that of 1.
    assert began == [7, 1]


def test_nothing_is_left_but_the_networks(disturbed):
    paths = disturbed.search.paths
    assert [path.name for path in paths.checkpoints.iterdir()] == ["written"]
    files = sorted(str(path.relative_to(paths.models)) for path in paths.models.glob("*/*/*"))
    assert files == ["0/4/fcn.pt", "1/4/fcn.pt"]
