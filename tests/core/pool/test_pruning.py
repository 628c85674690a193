"""Whole pools, as processes, that end trials early."""

import shutil
from pathlib import Path

import pytest

from tests.searching import a_pool, finish, project, wait_for
from trialdeck.core.params.write import set_values
from trialdeck.core.searches import start

HERE = Path(__file__).parent


def pruning(folder, objective, max_trials=20, *, algorithm="asha", search="", fixed="", **table):
    """Return a published search that prunes; `table` are further keys of [pruning]."""
    file = project(folder, "fine", max_trials, search=search, fixed=fixed)
    shutil.copy(HERE / "learning.py", folder)
    table = {"algorithm": algorithm, "reduction_factor": 3, **table}
    values = {f"pruning.{key}": value for key, value in table.items()}
    values["search.objective"] = f"learning.py:{objective}"
    values["search.algorithm"] = "rand"  # a search of more than twenty trials loads no hyperopt
    file.write_text(set_values(file.read_text(), values))
    return start(file)


def of_state(search, state):
    return [trial for trial in search.snapshot().trials.values() if trial.state == state]


def test_trials_end_early_and_the_best_do_not(tmp_path):
    search = pruning(tmp_path, "curve", max_trials=30)
    assert finish(search) == 0
    pruned, ok = of_state(search, "pruned"), of_state(search, "ok")
    assert len(pruned) + len(ok) == 30
    assert 15 <= len(pruned) < 30
    assert min(t.loss for t in ok) < min(t.point["x"] ** 2 for t in pruned)
    for trial in pruned:
        assert trial.steps in (1, 3, 9), "it ends at a rung"
        assert trial.message.startswith(f"pruned at step {trial.steps}: ")
        assert f"at rung {trial.steps}" in trial.message
        assert trial.loss == trial.point["x"] ** 2 + 1.0 / trial.steps
        assert trial.metrics["accuracy"] == -(trial.point["x"] ** 2)
    curve = search.curve(pruned[0].tid)
    assert curve.steps == tuple(range(1, pruned[0].steps + 1))


def test_pruned_trials_are_no_progress(tmp_path):
    search = pruning(tmp_path, "worse_and_worse", max_trials=4)
    finish(search, cores=1)
    status = search.status()
    assert (status.ok, status.pruned, status.progress, status.finished) == (1, 3, 1, 4)
    assert len(search.trials) == 1
    assert status.state == "finished"


def test_high_values_are_good_where_they_are_maximised(tmp_path):
    keys = 'metric = "accuracy"\ndirection = "maximize"'
    search = pruning(tmp_path, "curve", max_trials=20, search=keys)
    file = tmp_path / "learning.py"
    file.write_text(file.read_text().replace('"whole"', '"accuracy": -params["x"] ** 2, "whole"'))
    finish(search)
    pruned, ok = of_state(search, "pruned"), of_state(search, "ok")
    assert pruned
    assert max(t.metric("accuracy") for t in ok) > max(t.metric("accuracy") for t in pruned)
    assert all(trial.loss == -trial.metric("accuracy") for trial in pruned)


def test_the_median_rule(tmp_path):
    search = pruning(tmp_path, "worse_and_worse", max_trials=6, algorithm="median")
    finish(search, cores=1)
    states = [str(trial.state) for trial in search.snapshot().trials.values()]
    assert states == ["ok"] * 5 + ["pruned"]
    assert "the median of 5 others is 3" in search.snapshot().trials[5].message


def test_a_pool_knows_what_others_reported_before_it_began(tmp_path):
    search = pruning(tmp_path, "worse_and_worse", max_trials=4)
    with a_pool(search, 1, trials=3) as pool:
        assert pool.wait(20) == 0
    assert finish(search, cores=1) == 0
    assert search.snapshot().trials[3].message == "pruned at step 1: 4th of 4 at rung 1"


def test_pools_beside_each_other(tmp_path):
    search = pruning(tmp_path, "slow", max_trials=200, fixed="seconds = 1.0")
    with a_pool(search, 1, trials=1) as one:
        wait_for(search, lambda s: s.counts.running == 1)
        with a_pool(search, 1):
            snapshot = wait_for(search, lambda s: s.counts.pruned >= 3)
        one.wait(20)
    counts = {int(t.message.split(" of ")[1].split()[0]) for t in of_state(search, "pruned")}
    writers = {t.writer for t in snapshot.trials.values()}
    assert len(writers) == 2
    assert max(counts) >= 3


def test_an_attempt_that_goes_on_at_a_later_step_is_not_compared_with_the_one_before(tmp_path):
    search = pruning(tmp_path, "dies_once", max_trials=1)
    assert finish(search, cores=1) == 0
    trial = search.snapshot().trials[0]
    assert [a.state for a in trial.attempts] == ["interrupted", "ok"]


def test_it_is_taken_up_and_left_out_while_a_pool_runs(tmp_path):
    search = pruning(tmp_path, "slow", 500, algorithm="none", fixed="seconds = 0.2")
    file = tmp_path / "params.toml"
    with a_pool(search, 2):
        before = wait_for(search, lambda s: s.counts.ok >= 3)
        assert not before.counts.pruned
        file.write_text(set_values(file.read_text(), {"pruning.algorithm": "asha"}))
        start(file)
        pruned = wait_for(search, lambda s: s.counts.pruned >= 5).counts
        file.write_text(set_values(file.read_text(), {"pruning.algorithm": "none"}))
        start(file)
        wait_for(search, lambda s: s.counts.ok >= pruned.ok + 4)
        last = max(of_state(search, "ok"), key=lambda t: t.tid)
    assert last.revision == 3


class TestNothingToJudgeBy:
    @pytest.mark.parametrize(
        ("objective", "text"),
        [
            ("silent", "nothing can be pruned: trials end without a report"),
            (
                "of_something_else",
                'trials report speed, train_loss, but [pruning] judges by "loss"',
            ),
        ],
    )
    def test_it_is_said_once(self, tmp_path, objective, text):
        search = pruning(tmp_path, objective, max_trials=12)
        with a_pool(search, 1):
            snapshot = wait_for(search, lambda s: s.troubles)
        assert text in snapshot.troubles[0].text
        assert finish(search) == 0
        said = [t.text for t in search.snapshot().troubles]
        assert len(said) == len(set(said)) == 1
        assert search.status().unpruned == said[0]
