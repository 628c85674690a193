"""Pools and cores are killed at random; the budget is run exactly once all the same."""

from tests.core.pool.killing import under_fire
from tests.searching import searching


def test_sixty_trials_under_fire(tmp_path):
    search = searching(
        tmp_path, "slow", max_trials=60, cores="retries = 1000", fixed="seconds = 0.2"
    )
    toll = under_fire(search, pools=2, cores=2, kills=20, seed=1)
    snapshot = search.snapshot()
    assert toll.pools >= 3
    assert toll.others >= 8
    assert sorted(snapshot.trials) == list(range(60))
    assert (snapshot.counts.ok, snapshot.counts.finished) == (60, 60)
    assert not snapshot.unfinished
    for trial in snapshot.trials.values():
        assert [a.state for a in trial.attempts].count("ok") == 1
        assert len({str(e.point) for e in trial.events if hasattr(e, "point")}) == 1
    assert any(len(t.attempts) > 1 for t in snapshot.trials.values())
