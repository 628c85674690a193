"""Longer searches under fire: ``make soak``."""

import pytest

from tests.core.pool.killing import under_fire
from tests.searching import searching

SEEDS = range(10)
TRIALS, KILLS, STOPS = 400, 100, 20  # of each: a thousand and two hundred in all


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", SEEDS)
def test_many_kills(tmp_path, seed):
    search = searching(
        tmp_path, "slow", max_trials=TRIALS, cores="retries = 1000", fixed="seconds = 1.0"
    )
    toll = under_fire(search, pools=3, cores=2, kills=KILLS, stops=STOPS, seed=seed)
    snapshot = search.snapshot()
    print(
        f"{toll.pools} pools and {toll.others} other processes killed, {toll.stops} stops, "
        f"{toll.freezes} pools stood still"
    )
    assert toll.pools + toll.others >= KILLS
    assert toll.stops >= STOPS
    assert sorted(snapshot.trials) == list(range(TRIALS))
    assert snapshot.counts.ok == TRIALS
    assert all([a.state for a in t.attempts].count("ok") == 1 for t in snapshot.trials.values())
