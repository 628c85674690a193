"""Networks and checkpoints under fire: ``make soak``."""

import shutil
from pathlib import Path

import pytest

from tests.core.made_jets import write_npz
from tests.core.pool import networks as objectives
from tests.core.pool.killing import under_fire
from tests.core.pool.test_keeping import best, keeping_search, networks
from tests.core.pool.test_resuming import FIXED, alone
from tests.searching import project
from trialdeck.core import keeping
from trialdeck.core.searches import start

SEEDS = range(5)
LONGER = {"patience": 25, "epochs": 80, "nodes": 64}


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_networks_are_there_whoever_was_killed(tmp_path, seed):
    search = keeping_search(tmp_path, 100, 3, objective="takes_a_moment")
    toll = under_fire(search, pools=2, cores=2, kills=40, stops=5, seed=seed)
    found, wanted = networks(search.paths), best(search.paths, 3)
    print(f"{toll.pools} pools and {toll.others} other processes killed, {toll.stops} stops")
    assert wanted.items() <= found.items(), "too much, never too little"
    keeping.tidy(search.paths, search.snapshot(), 3)
    assert networks(search.paths) == wanted


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", SEEDS)
def test_trials_of_the_default_network_end_as_if_nobody_had_been_killed(tmp_path, seed):
    (tmp_path / "notes").mkdir()
    shutil.copy(Path(objectives.__file__), tmp_path)
    fixed = {**FIXED, **LONGER, "data": str(write_npz(tmp_path, 600))}
    lines = [f"{name} = {value!r}" for name, value in {**fixed, "hold_at": []}.items()]
    cores = "threads = 1\nretries = 1000"
    file = project(tmp_path, "jets", 20, fixed="\n".join(lines), cores=cores)
    text = file.read_text().replace("odd.py:", "networks.py:")
    file.write_text(text.replace("preload = []", 'preload = ["torch"]'))
    search = start(file)
    toll = under_fire(search, pools=2, cores=1, kills=25, stops=5, seed=seed)
    trials = search.snapshot().trials.values()
    attempts = sum(len(trial.attempts) for trial in trials)
    print(f"{toll.pools} pools and {toll.others} other processes killed; {attempts} attempts")
    for trial in trials:
        assert trial.metrics == alone(fixed, trial.seed, tmp_path)[0]
