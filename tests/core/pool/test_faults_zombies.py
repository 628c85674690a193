"""Pools that stand still are given up; what they say when they go on is heard, and not counted."""

import os
import signal
from contextlib import ExitStack

from tests.conditions import until
from tests.core.pool.exactly import assert_exact, results
from tests.core.pool.faulty import a_faulty_pool
from tests.core.pool.stopping import stands_still
from tests.searching import searching

BUDGET = 30
STEPS = ("claimed:4", "begun:3", "sealed:3")


def test_pools_that_stand_still_between_two_steps_of_a_record(tmp_path):
    search = searching(tmp_path, "slow", BUDGET, fixed="seconds = 0.1")
    with ExitStack() as stack:
        pools = [
            stack.enter_context(a_faulty_pool(search, f"stands still, {step}")) for step in STEPS
        ]
        until(lambda: all(stands_still(pool.pid) for pool in pools), 20, "all to stop")
        search.snapshot()
        writers = {pool.identity.pid: pool.id for pool in search.launcher.pools()}
        with a_faulty_pool(search, "none:0", TRIALDECK_STALE_SECONDS="1") as other:
            assert other.wait(30) == 0
        before = results(search.snapshot())
        assert len(before) == BUDGET
        for pool in pools:
            os.kill(pool.pid, signal.SIGCONT)
            assert pool.wait(20) == 0
    trials = search.snapshot().trials
    (late,) = [tid for tid, result in results(search.snapshot()).items() if result != before[tid]]
    assert [a.state for a in trials[late].attempts] == ["ok", "superseded"]
    assert trials[late].writer == writers[pools[-1].pid], "whose result was sealed"
    del before[late]
    assert_exact(search, BUDGET, before)
    ends = [a.state for t in trials.values() for a in t.attempts]
    assert ends.count("superseded") >= 3
