"""Pools are killed exactly between the steps of a record; the next one goes on from there."""

import signal
from contextlib import ExitStack

from tests.core.pool.exactly import assert_exact, results
from tests.core.pool.faulty import DEATHS, a_faulty_pool
from tests.searching import searching

# So many at once: what one leaves behind, the others meet while they run.
ROUNDS = [
    ["claimed:1", "started:2", "half a header:1"],
    ["begun:2", "sealed:1", "half written:3"],
    ["not synced:7", "finished:2", "between heartbeats:2"],
]
BUDGET = 30


def test_every_moment_is_tried():
    tried = {fault.partition(":")[0] for faults in ROUNDS for fault in faults}
    assert tried == DEATHS.keys() - {"leaving"}


def test_whatever_step_a_pool_dies_at_nothing_is_lost_or_doubled(tmp_path):
    search = searching(tmp_path, "slow", BUDGET, cores="retries = 1000", fixed="seconds = 0.05")
    for faults in ROUNDS:
        before = results(search.snapshot())
        with ExitStack() as stack:
            pools = [stack.enter_context(a_faulty_pool(search, fault)) for fault in faults]
            for fault, pool in zip(faults, pools, strict=True):
                assert pool.wait(30) == -signal.SIGKILL, fault
        assert before.items() <= results(search.snapshot()).items()
    before = results(search.snapshot())
    assert len(before) < BUDGET
    with a_faulty_pool(search, "leaving:1") as pool:
        assert pool.wait(30) == -signal.SIGKILL
    assert_exact(search, BUDGET, before)
    deaths = [a.state for t in search.snapshot().trials.values() for a in t.attempts]
    assert deaths.count("lost") >= 3, "the others had nothing to take over"
