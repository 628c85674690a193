"""Pools that have nothing to do, where their places are wanted by others."""

import os
import signal
import subprocess
import sys

import pytest

from tests.conditions import until
from tests.core.pool.placed import a_placed_pool, write_facts
from tests.searching import a_pool, finish, searching, wait_for
from trialdeck.core.history.events import Lost
from trialdeck.core.history.writers import WriterFiles


def spares(search):
    files = WriterFiles(search.paths).read_all().values()
    return {file.id: file for file in files if file.spare and file.state == "running"}


def journals(search):
    return sorted(path.name for path in search.paths.journal.iterdir())


def test_a_pool_of_a_finished_search_leaves_no_trace(tmp_path):
    search = searching(tmp_path, "fine", max_trials=3)
    finish(search)
    before = journals(search), sorted(WriterFiles(search.paths).ids())
    facts = write_facts(tmp_path)
    with a_placed_pool(search, facts, "7_2") as pool, a_pool(search) as by_hand:
        assert pool.wait(10) == by_hand.wait(10) == 0
    assert (journals(search), sorted(WriterFiles(search.paths).ids())) == before
    assert "nothing to do: every trial" in (search.paths.logs / "pool.log").read_text()


def test_what_looks_whether_there_is_work_is_light(tmp_path):
    search = searching(tmp_path, "fine", max_trials=1)
    finish(search)
    code = (
        "import sys\nfrom trialdeck.core.__main__ import main\n"
        f"sys.argv = ['', {str(search.paths.root)!r}]\n"
        "assert main() == 0\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=True)
    loaded = set(done.stdout.decode().split())
    assert "trialdeck.core.pool.beginning" in loaded
    assert not loaded & {"trialdeck.core.pool.pool", "numpy", "tomlkit", "multiprocessing"}


def test_of_the_pools_without_work_one_stays_and_takes_over(tmp_path):
    search = searching(tmp_path, "hangs", max_trials=1)
    facts = write_facts(tmp_path)
    with a_placed_pool(search, facts, "7_1") as busy:
        wait_for(search, lambda s: s.counts.running == 1)
        with a_placed_pool(search, facts, "7_2") as one:
            until(lambda: len(spares(search)) == 1, 10, "a spare")
            with a_placed_pool(search, facts, "7_3") as late:
                assert late.wait(10) == 0
                assert "another pool waits" in (search.paths.logs / "pool.log").read_text()
            assert one.poll() is None
            os.kill(busy.pid, signal.SIGKILL)
            busy.wait()
            snapshot = wait_for(
                search, lambda s: s.counts.running == 1 and s.trials[0].attempt == 1
            )
    assert len(snapshot.writers) == 2


def test_pools_that_run_out_of_work_end_but_for_one(tmp_path):
    search = searching(tmp_path, "first_hangs", max_trials=3, fixed="seconds = 4.0")
    facts = write_facts(tmp_path)
    with a_placed_pool(search, facts, "7_1") as busy:
        wait_for(search, lambda s: s.counts.running == 1)
        with a_placed_pool(search, facts, "7_2") as one, a_placed_pool(search, facts, "7_3") as two:
            until(lambda: one.poll() == 0 or two.poll() == 0, 30, "the end of one of them")
            [stays] = until(lambda: spares(search), 10, "a spare").values()
            files = WriterFiles(search.paths).read_all().values()
            [ended] = [file for file in files if file.state == "ended"]
            assert stays.id < ended.id
            assert "another pool waits" in ended.why
            busy.kill()
            wait_for(search, lambda s: s.trials[0].writer == stays.id)


def test_where_cores_are_not_scarce_pools_without_work_stay(tmp_path):
    search = searching(tmp_path, "hangs", max_trials=1)
    facts = write_facts(tmp_path, scarce=False)
    with a_pool(search, 1):
        wait_for(search, lambda s: s.counts.running == 1)
        with a_pool(search, 1) as one, a_placed_pool(search, facts, "7_1") as two:
            until(lambda: len(spares(search)) == 2, 20, "two spares")
            assert one.poll() is two.poll() is None


def left_behind(folder, *end):
    """Have a pool die with its trial, and its place say this of its job; return search and facts.

    `end` is the state of the job, the reason, and whether the place ended it.
    """
    search = searching(folder, "hangs", max_trials=1, cores="retries = 0")
    facts = write_facts(folder)
    with a_placed_pool(search, facts, "7_1") as lost:
        wait_for(search, lambda s: s.counts.running == 1)
        lost.kill()
        lost.wait()
    return search, write_facts(folder, jobs={"7_1": end})


class TestLosses:
    def test_what_the_place_ended_is_no_death_and_has_its_reason(self, tmp_path):
        search, facts = left_behind(tmp_path, "failed", "node failure (NODE_FAIL)", True)
        with a_placed_pool(search, facts, "7_2"):
            snapshot = wait_for(search, lambda s: s.trials[0].attempt == 1)
        first = snapshot.trials[0].attempts[0]
        assert (first.state, first.cause) == ("lost", "preempted")
        assert first.message == "node failure (NODE_FAIL)"
        assert snapshot.trials[0].deaths == 0

    @pytest.mark.parametrize(("state", "reason"), [("failed", "out of memory"), ("running", "")])
    def test_what_ended_by_itself_is_a_death(self, tmp_path, state, reason):
        search, facts = left_behind(tmp_path, state, reason, False)
        with a_placed_pool(search, facts, "7_2") as pool:
            assert pool.wait(20) == 0
        trial = search.snapshot().trials[0]
        assert (trial.state, trial.cause) == ("failed", "lost")
        assert [e.message for e in trial.events if isinstance(e, Lost)] == [reason]

    def test_a_job_that_was_requeued_takes_up_its_trials_at_once(self, tmp_path):
        search = searching(tmp_path, "hangs", max_trials=1, cores="retries = 0")
        facts = write_facts(tmp_path)
        with a_placed_pool(search, facts, "7_1") as first:
            wait_for(search, lambda s: s.counts.running == 1)
            os.kill(first.pid, signal.SIGSTOP)  # to the others it may be alive
            with a_placed_pool(search, facts, "7_1"):
                snapshot = wait_for(search, lambda s: s.trials[0].attempt == 1)
        [lost, _] = snapshot.trials[0].attempts
        assert (lost.state, lost.message) == ("lost", "the job 7_1 was started again")
        assert snapshot.trials[0].deaths == 0
