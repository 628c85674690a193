"""Pools in jobs that the place ends: by a limit of time, by a kill, after a warning."""

import os
import signal
import time

import pytest

from tests.core.pool.placed import BACKEND, a_placed_pool, write_facts
from tests.searching import finish, searching, wait_for
from trialdeck.core.history.writers import WriterFiles
from trialdeck.core.launches import Launch, Launches


def test_trials_are_told_to_stop_before_the_job_ends(tmp_path):
    search = searching(tmp_path, "until_stopped", max_trials=2)
    ends_at = time.time() + 8
    facts = write_facts(tmp_path, ends_at=ends_at)
    with a_placed_pool(search, facts, "12_3", cores=2) as pool:
        assert pool.wait(15) == 0
    assert ends_at - 4 < time.time() < ends_at
    for trial in search.snapshot().trials.values():
        assert (trial.state, trial.cause) == ("interrupted", "preempted")
        assert trial.message == "the job 12_3 reached its time limit"


def test_an_objective_that_does_not_listen_is_ended_before_the_job(tmp_path):
    search = searching(tmp_path, "hangs_and_ignores", max_trials=1)
    ends_at = time.time() + 8
    with a_placed_pool(search, write_facts(tmp_path, ends_at=ends_at), "12_3") as pool:
        assert pool.wait(15) == 0
    assert time.time() < ends_at
    trial = search.snapshot().trials[0]
    assert (trial.cause, trial.message) == ("preempted", "the job 12_3 reached its time limit")


@pytest.mark.parametrize("objective", ["until_stopped", "hangs_and_ignores"])
def test_a_kill_that_is_announced_is_forestalled_and_says_why(tmp_path, objective):
    search = searching(tmp_path, objective, max_trials=1)
    facts = write_facts(tmp_path, grace=3.0, why="the place needs the room (PREEMPTED)")
    with a_placed_pool(search, facts, "12_3") as pool:
        wait_for(search, lambda s: s.counts.running == 1)
        told = time.monotonic()
        os.kill(pool.pid, signal.SIGTERM)
        wait_for(search, lambda s: s.counts.interrupted == 1)
        assert time.monotonic() - told < 3.0, "it would have been killed"
        assert pool.wait(10) == 0
    trial = search.snapshot().trials[0]
    assert (trial.cause, trial.message) == ("preempted", "the place needs the room (PREEMPTED)")


def test_a_place_that_does_not_say_why_is_not_waited_for(tmp_path):
    search = searching(tmp_path, "until_stopped", max_trials=1)
    with a_placed_pool(search, write_facts(tmp_path, grace=6.0), "12_3") as pool:
        wait_for(search, lambda s: s.counts.running == 1)
        write_facts(tmp_path, grace=6.0, slow=60.0)
        told = time.monotonic()
        os.kill(pool.pid, signal.SIGTERM)
        assert pool.wait(10) == 0
        assert time.monotonic() - told < 4.0
    assert search.snapshot().trials[0].message == "the job has to end"


def test_a_place_that_never_answers_keeps_no_pool_from_working(tmp_path):
    search = searching(tmp_path, "fine", max_trials=4)
    with a_placed_pool(search, write_facts(tmp_path, slow=60.0), "12_3") as pool:
        assert pool.wait(20) == 0
    with a_placed_pool(search, write_facts(tmp_path, silent=True), "12_3") as pool:
        assert pool.wait(20) == 0
    assert search.snapshot().counts.ok == 4


class TestWarnings:
    def test_a_pool_that_knows_its_end_goes_on_until_then(self, tmp_path):
        search = searching(tmp_path, "until_stopped", max_trials=1)
        facts = write_facts(tmp_path, ends_at=time.time() + 1000)
        with a_placed_pool(search, facts, "12_3") as pool:
            wait_for(search, lambda s: s.counts.running == 1)
            write_facts(tmp_path, ends_at=time.time() + 7, asked="again")
            os.kill(pool.pid, signal.SIGUSR1)
            snapshot = wait_for(search, lambda s: s.counts.interrupted == 1)
            assert pool.wait(10) == 0
        trial = snapshot.trials[0]
        assert trial.message == "the job 12_3 reached its time limit"
        assert trial.seconds > 1.0

    @pytest.mark.parametrize("silent", [False, True])
    def test_a_pool_that_does_not_know_its_end_stops(self, tmp_path, silent):
        search = searching(tmp_path, "until_stopped", max_trials=1)
        facts = write_facts(tmp_path, silent=silent)
        with a_placed_pool(search, facts, "12_3") as pool:
            wait_for(search, lambda s: s.counts.running == 1)
            os.kill(pool.pid, signal.SIGUSR1)
            assert pool.wait(10) == 0
        trial = search.snapshot().trials[0]
        assert (trial.cause, trial.message) == ("preempted", "the job has to end")


class TestShortTime:
    def test_no_trial_is_begun_that_could_not_end(self, tmp_path):
        finish(searching(tmp_path, "slow", max_trials=3, fixed="seconds = 1.0"), cores=3)
        search = searching(tmp_path, "slow", max_trials=100, fixed="seconds = 1.0")
        ends_at = time.time() + 10
        with a_placed_pool(search, write_facts(tmp_path, ends_at=ends_at), "12_3") as pool:
            assert pool.wait(20) == 0
        assert time.time() < ends_at - 2, "it ended before it had to stop anything"
        counts = search.snapshot().counts
        assert (counts.running, counts.interrupted) == (0, 0)
        assert 3 < counts.ok < 13

    def test_with_checkpoints_trials_are_begun_until_the_end(self, tmp_path):
        search = searching(tmp_path, "keeps_checkpoints", max_trials=100, fixed="seconds = 1.0")
        facts = write_facts(tmp_path, ends_at=time.time() + 10)
        with a_placed_pool(search, facts, "12_3") as pool:
            assert pool.wait(20) == 0
        assert search.snapshot().counts.ok >= 3
        assert search.paths.checkpointed.exists()
        with a_placed_pool(search, write_facts(tmp_path, ends_at=time.time() + 3), "12_4") as pool:
            wait_for(search, lambda s: s.counts.running == 1)
            assert pool.wait(10) == 0
        assert not search.snapshot().troubles

    def test_a_job_that_is_too_short_for_any_trial_gives_its_launch_up(self, tmp_path):
        search = searching(tmp_path, "slow", max_trials=3, fixed="seconds = 2.5")
        finish(search, cores=3)
        search = searching(tmp_path, "slow", max_trials=9, fixed="seconds = 2.5")
        launches = Launches(search.paths.launches)
        launches.write(Launch(name="launched", backend=BACKEND, cores=1, at=time.time(), job="12"))
        facts = write_facts(tmp_path, ends_at=time.time() + 4.4)
        with a_placed_pool(search, facts, "12_3") as pool:
            assert pool.wait(10) == 0
        snapshot = search.snapshot()
        assert len(snapshot.trials) == 3
        why = launches.read("launched").why
        assert why == snapshot.troubles[0].text
        assert why.startswith("nine tenths of the finished trials took up to 3s, and a job has 4s")
        assert why.endswith("ask for more time (time below [backends.files]), or write checkpoints")
        assert why in [file.why for file in WriterFiles(search.paths).read_all().values()]
