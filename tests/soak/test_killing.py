"""A longer search under fire: ``make soak``."""

import pytest

from tests.core.pool.killing import under_fire
from tests.searching import searching


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(4))
def test_many_kills(tmp_path, seed):
    search = searching(
        tmp_path, "slow", max_trials=300, cores="retries = 1000", fixed="seconds = 0.3"
    )
    toll = under_fire(search, pools=3, cores=2, kills=100, seed=seed)
    snapshot = search.snapshot()
    print(f"{toll.pools} pools and {toll.others} other processes killed")
    assert sorted(snapshot.trials) == list(range(300))
    assert snapshot.counts.ok == 300
    assert all([a.state for a in t.attempts].count("ok") == 1 for t in snapshot.trials.values())
