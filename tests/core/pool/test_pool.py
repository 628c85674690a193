"""Whole pools, as processes: what becomes of a search."""

import os
import signal

import pytest

from tests.conditions import until
from tests.searching import a_pool, finish, project, searching, wait_for
from trialdeck.backends.process import children, descendants, identify
from trialdeck.core.searches import start


def test_a_search_runs_every_trial_of_its_budget_once(tmp_path):
    search = searching(tmp_path, "fine", max_trials=25)
    assert finish(search) == 0
    snapshot = search.snapshot()
    assert sorted(snapshot.trials) == list(range(25))
    assert snapshot.counts.ok == 25
    assert all(len(t.attempts) == 1 for t in snapshot.trials.values())
    assert snapshot.trials[snapshot.best].loss == min(t.loss for t in snapshot.trials.values())


def test_the_progress_is_the_length_of_the_trials(tmp_path):
    search = searching(tmp_path, "fine", max_trials=5)
    assert search.status().state == "new"
    finish(search)
    assert len(search.trials) == search.status().progress == 5
    assert search.trials.argmin == {"x": search.status().best.params["x"]}


def test_one_core_and_one_seed_give_the_same_trials(tmp_path):
    points = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        search = searching(tmp_path / name, "fine", max_trials=24, search="seed = 7")
        finish(search, cores=1)
        points.append([t.point for t in search.snapshot().trials.values()])
    assert points[0] == points[1]
    assert len({p["x"] for p in points[0]}) == 24


def test_a_pool_of_one_trial(tmp_path):
    search = searching(tmp_path, "fine", max_trials=5)
    with a_pool(search, 1, trials=1) as pool:
        assert pool.wait(10) == 0
    assert search.snapshot().counts.ok == 1


def test_a_changed_objective_is_imported_anew(tmp_path):
    search = searching(tmp_path, "slow", max_trials=400, fixed="seconds = 0.1")
    with a_pool(search, 1):
        wait_for(search, lambda s: s.counts.ok >= 1)
        file = tmp_path / "params.toml"
        file.write_text(file.read_text().replace("odd.py:slow", "odd.py:fine"))
        start(file, keep_losses=True)
        wait_for(search, lambda s: any(t.seconds < 0.1 for t in s.trials.values() if t.end))


def test_two_pools_share_the_budget(tmp_path):
    search = searching(tmp_path, "fine", max_trials=30)
    with a_pool(search) as one, a_pool(search) as two:
        assert one.wait(30) == two.wait(30) == 0
    snapshot = search.snapshot()
    assert sorted(snapshot.trials) == list(range(30))
    assert len({t.writer for t in snapshot.trials.values()}) == 2


def test_a_finished_search_starts_nothing(tmp_path):
    search = searching(tmp_path, "fine", max_trials=3)
    finish(search)
    assert finish(search, timeout=5) == 0
    assert len(search.snapshot().trials) == 3


def test_more_trials_while_a_pool_runs(tmp_path):
    search = searching(tmp_path, "slow", max_trials=4, fixed="seconds = 1.0")
    with a_pool(search) as pool:
        wait_for(search, lambda s: s.counts.running >= 1)
        start(tmp_path / "params.toml", overrides={"search.max_trials": 9})
        assert pool.wait(30) == 0
    assert search.snapshot().counts.ok == 9


def test_a_change_of_the_space_is_taken_up_by_the_next_trial(tmp_path):
    search = searching(tmp_path, "slow", max_trials=400, fixed="seconds = 0.02")
    with a_pool(search):
        wait_for(search, lambda s: s.counts.ok >= 3)
        file = tmp_path / "params.toml"
        file.write_text(file.read_text().replace("low = -3.0, high = 5.0", "low = 6.0, high = 7.0"))
        start(file)
        snapshot = wait_for(search, lambda s: sum(t.revision == 2 for t in s.trials.values()) >= 5)
    for trial in snapshot.trials.values():
        assert (trial.point["x"] > 5.5) == (trial.revision == 2)


class TestFailures:
    def test_each_cause_is_in_the_history(self, tmp_path):
        search = searching(tmp_path, "raises_memory", max_trials=1)
        finish(search)
        trial = search.snapshot().trials[0]
        assert (trial.state, trial.cause) == ("failed", "out_of_memory")
        assert "MemoryError" in trial.traceback

    def test_a_time_limit_ends_a_trial_and_everything_it_started(self, tmp_path):
        note = tmp_path / "pids"
        search = searching(
            tmp_path,
            "leaves_children",
            max_trials=1,
            cores='time_limit = "1s"',
            fixed=f'note = "{note}"',
        )
        assert finish(search) == 0
        trial = search.snapshot().trials[0]
        assert (trial.state, trial.cause) == ("failed", "time_limit")
        assert "longer than 1 s" in trial.message
        assert len(trial.attempts) == 1, "it is final at once"
        pids = [int(p) for p in note.read_text().split()]
        until(lambda: not any(map(identify, pids)), 10, "something of the trial is left")

    def test_a_trial_that_is_killed_runs_again_and_then_fails(self, tmp_path):
        search = searching(tmp_path, "kills_itself", max_trials=1, cores="retries = 2")
        finish(search)
        trial = search.snapshot().trials[0]
        assert (trial.state, trial.cause) == ("failed", "killed")
        assert [a.state for a in trial.attempts] == ["interrupted", "interrupted", "failed"]
        assert len({str(e.point) for e in trial.events if hasattr(e, "point")}) == 1

    def test_failures_without_a_success_pause_the_search(self, tmp_path):
        search = searching(tmp_path, "exits", max_trials=50, search="max_failures = 4")
        with a_pool(search, cores=1):
            until(lambda: search.status().state == "paused", 20, "a pause")
            status = search.status()
            assert status.failed == 4
            assert "4 trials failed and none succeeded" in status.reason
            assert "sys.exit(3)" in status.reason
            search.resume()
            wait_for(search, lambda s: s.counts.failed == 8)
            until(lambda: search.status().state == "paused", 20, "the next pause")

    def test_an_objective_that_cannot_be_imported_costs_no_trial(self, tmp_path):
        search = searching(tmp_path, "soon", max_trials=6)
        with a_pool(search) as pool:
            until(lambda: search.status().state == "paused", 20, "a pause")
            assert "has no function soon" in search.status().reason
            assert search.snapshot().counts.finished == 0
            with (tmp_path / "odd.py").open("a") as file:
                file.write("\ndef soon(x):\n    return x\n")
            search.resume()
            assert pool.wait(30) == 0
        assert search.snapshot().counts.ok == 6

    def test_a_retry_is_a_new_trial_with_the_same_point(self, tmp_path):
        search = searching(tmp_path, "fine", max_trials=3)
        finish(search)
        assert search.retry([1]) == [3]
        finish(search)
        trials = search.snapshot().trials
        assert trials[3].state == "ok"
        assert trials[3].point == trials[1].point
        assert trials[3].origin == "retry 1"


class TestStopping:
    def test_after_the_running_trials(self, tmp_path):
        search = searching(tmp_path, "slow", max_trials=50, fixed="seconds = 0.5")
        with a_pool(search) as pool:
            wait_for(search, lambda s: s.counts.running == 2)
            assert search.stop() == 1
            assert pool.wait(10) == 0
        counts = search.snapshot().counts
        assert (counts.running, counts.interrupted) == (0, 0)
        assert counts.ok >= 2

    def test_now_and_go_on_later(self, tmp_path):
        search = searching(tmp_path, "until_stopped", max_trials=2)
        with a_pool(search) as pool:
            before = wait_for(search, lambda s: s.counts.running == 2)
            search.stop(now=True)
            assert pool.wait(10) == 0
        assert search.snapshot().counts.interrupted == 2
        with a_pool(search):
            after = wait_for(search, lambda s: s.counts.running == 2)
        for tid in (0, 1):
            assert after.trials[tid].point == before.trials[tid].point
            assert after.trials[tid].attempt == 1
            assert after.trials[tid].seed == before.trials[tid].seed

    def test_an_objective_that_does_not_listen_is_killed_after_the_grace(self, tmp_path):
        search = searching(tmp_path, "hangs_and_ignores", max_trials=1, cores="grace = 0.5")
        with a_pool(search) as pool:
            wait_for(search, lambda s: s.counts.running == 1)
            below = descendants(pool.pid)
            search.stop(now=True)
            assert pool.wait(10) == 0
        assert search.snapshot().trials[0].cause == "stopped"
        until(lambda: not any(identify(p.pid) for p in below), 10, "a process is left")

    @pytest.mark.parametrize(
        ("signals", "state"), [([signal.SIGINT], "ok"), ([signal.SIGTERM], "interrupted")]
    )
    def test_signals(self, tmp_path, signals, state):
        search = searching(tmp_path, "reports_for_a_while", max_trials=1)
        with a_pool(search, 1) as pool:
            wait_for(search, lambda s: s.counts.running == 1)
            for number in signals:
                os.kill(pool.pid, number)
            assert pool.wait(15) == 0
        assert search.snapshot().trials[0].state == state

    def test_pause_and_resume(self, tmp_path):
        search = searching(tmp_path, "slow", max_trials=40, fixed="seconds = 0.2")
        with a_pool(search) as pool:
            wait_for(search, lambda s: s.counts.ok >= 1)
            search.pause("lunch")
            wait_for(search, lambda s: not s.counts.running and s.counts.ok < 40)
            assert search.status().reason.startswith("paused: lunch")
            assert search.resume()
            assert pool.wait(20) == 0
        assert search.snapshot().counts.ok == 40

    def test_cores_are_added_and_removed(self, tmp_path):
        search = searching(tmp_path, "slow", max_trials=1000, fixed="seconds = 0.2")
        with a_pool(search, 1):
            wait_for(search, lambda s: s.counts.running == 1)
            [pool] = search.launcher.pools()
            search.resize(pool.id, 3)
            wait_for(search, lambda s: s.counts.running == 3)
            search.resize(pool.id, 1)
            until(lambda: len(search.look().pools[0].cores) == 1)
            assert search.look().pools[0].cores_wanted == 1


class TestKilling:
    def test_a_killed_pool_leaves_no_process_and_its_trials_run_again(self, tmp_path):
        search = searching(tmp_path, "slow", max_trials=4, fixed="seconds = 0.5")
        with a_pool(search) as pool:
            wait_for(search, lambda s: s.counts.running == 2)
            below = descendants(pool.pid)
            assert len(below) >= 6
            os.kill(pool.pid, signal.SIGKILL)
            pool.wait()
            until(lambda: not any(identify(p.pid) for p in below), 10, "a process is left")
        assert finish(search) == 0
        snapshot = search.snapshot()
        assert snapshot.counts.ok == 4
        assert {t.attempts[0].state for t in snapshot.trials.values()} == {"lost", "ok"}

    def test_a_killed_helper_is_replaced(self, tmp_path):
        search = searching(tmp_path, "slow", max_trials=30, fixed="seconds = 0.1")
        with a_pool(search) as pool:
            wait_for(search, lambda s: s.counts.ok >= 2)
            for process in children(pool.pid):
                os.kill(process.pid, signal.SIGKILL)
            assert pool.wait(30) == 0
        assert search.snapshot().counts.ok == 30


def test_the_objective_of_2020_runs_with_its_space_mended(tmp_path):
    project(tmp_path, "Iteration", max_trials=3, fixed="Epochs_FCN = 10")
    file = tmp_path / "params.toml"
    space = """
nLayers       = { type = "quniform", low = 0, high = 5, q = 1 }
batch_size    = { type = "loguniform", low = 2, high = 2000 }
learning_rate = { type = "loguniform", low = 1e-4, high = 1 }
Nodes         = { type = "quniform", low = 8, high = 256, q = 8 }
"""
    file.write_text(file.read_text().split("x = {")[0] + space)
    search = start(file)
    finish(search)
    assert search.snapshot().counts.ok == 3
