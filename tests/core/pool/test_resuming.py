"""Trials of the default network that are interrupted in every way end as if they had not been."""

import os
import shutil
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conditions import until
from tests.core.made_jets import write_npz
from tests.searching import a_pool, finish, project, wait_for
from trialdeck.core.searches import start

TRIALS = 2
HOLD_AT = [2, 4, 6]  # the steps at which attempts are interrupted, or killed
FIXED = """
constituents = 12
epochs = 60
patience = 4
nodes = 32
dropout = 0.2
learning_rate = 0.004
"""


def search_of(folder, data, hold_at):
    (folder / "notes").mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("networks.py"), folder)
    fixed = f'{FIXED}data = "{data}"\nhold_at = {hold_at}'
    cores = "threads = 1\nretries = 2"
    file = project(folder, "jets", TRIALS, fixed=fixed, cores=cores)
    text = file.read_text().replace("odd.py:", "networks.py:")
    file.write_text(text.replace("preload = []", 'preload = ["torch"]'))
    return start(file)


def interrupted(search, attempt, strike):
    """Run a pool until all trials are held in this attempt, and have something happen to it."""
    notes = search.paths.project / "notes"
    with a_pool(search, TRIALS) as pool:
        held = [notes / f"held-{tid}-{attempt}" for tid in range(TRIALS)]
        until(lambda: all(note.exists() for note in held), 40, f"trials held in attempt {attempt}")
        strike(pool)
        pool.wait(20)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Return a search that nothing happened to, and one that everything happened to."""
    folder = tmp_path_factory.mktemp("resuming")
    data = write_npz(folder, 600)
    undisturbed = search_of(folder / "undisturbed", data, [])
    search = search_of(folder / "disturbed", data, HOLD_AT)
    with a_pool(undisturbed, TRIALS) as pool:
        interrupted(search, 0, lambda pool: os.kill(pool.pid, signal.SIGTERM))
        interrupted(search, 1, lambda _pool: search.stop(now=True))
        interrupted(search, 2, lambda pool: pool.kill())
        torn = search.paths.checkpoint(1, 2) / "fcn.pt"
        os.truncate(torn, torn.stat().st_size - 1000)
        assert finish(search, TRIALS, 60) == 0  # in which they are killed while they save, once
        assert pool.wait(60) == 0
    return SimpleNamespace(undisturbed=undisturbed, disturbed=search)


def test_everything_has_happened(both):
    snapshot = wait_for(both.disturbed, lambda s: s.counts.ok == TRIALS)
    for trial in snapshot.trials.values():
        attempts = [(attempt.state, attempt.cause) for attempt in trial.attempts]
        assert attempts[:2] == [("interrupted", "preempted"), ("interrupted", "stopped")]
        assert attempts[2][0] == "lost"
        assert attempts[3:] == [("interrupted", "killed"), ("ok", "")]


def test_the_results_are_the_same_to_the_last_bit(both):
    found, wanted = (search.snapshot().trials for search in (both.disturbed, both.undisturbed))
    for tid in range(TRIALS):
        assert found[tid].metrics == wanted[tid].metrics
        assert max(HOLD_AT) + 2 < wanted[tid].metrics["epochs"] < 60, "it ended by itself"
    assert found[0].metrics != found[1].metrics
    networks = [
        (search.paths.model(tid, trial.attempt) / "fcn.pt").read_bytes()
        for search in (both.disturbed, both.undisturbed)
        for tid, trial in search.snapshot().trials.items()
    ]
    assert networks[:TRIALS] == networks[TRIALS:]


def test_no_attempt_repeats_what_a_whole_checkpoint_has(both):
    began = [int((both.disturbed.paths.project / f"notes/began-{n}").read_text()) for n in (0, 1)]
    # Held before the checkpoint of step 6; one of step 6 was written then, and that of 7 was torn.
    assert began[0] == 6
    # Its checkpoint was cut off: it began anew, and has that of its first epoch.
    assert began[1] == 1


def test_nothing_is_left_but_the_networks(both):
    paths = both.disturbed.paths
    assert [path.name for path in paths.checkpoints.iterdir()] == ["written"]
    files = sorted(str(path.relative_to(paths.models)) for path in paths.models.glob("*/*/*"))
    assert files == ["0/4/fcn.pt", "1/4/fcn.pt"]
