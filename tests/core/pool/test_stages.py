"""Searches on a part of the sample, whose best are promoted to all of it."""

import random

from tests.searching import a_pool, finish, searching, wait_for
from trialdeck.core.searches import start
from trialdeck.core.stages import promoted, stage_of

REDUCED = "[reduced_sample]\nfraction = 0.1\npromote = 3\n"


def best_of_first(snapshot, count):
    losses = {t.tid: t.loss for t in snapshot.trials.values() if t.tid < 1000}
    return sorted(losses, key=losses.get)[:count]


def later(snapshot):
    return {t.tid: t for t in snapshot.trials.values() if stage_of(t.tid) == 1}


def test_two_pools_promote_the_best_once_each(tmp_path):
    search = searching(tmp_path, "by_fraction", 12, cores=REDUCED)
    with a_pool(search) as one, a_pool(search) as two:
        assert one.wait(40) == two.wait(40) == 0
    snapshot = search.snapshot()
    best = best_of_first(snapshot, 3)
    assert sorted(later(snapshot)) == sorted(map(promoted, best))
    for tid, trial in later(snapshot).items():
        source = snapshot.trials[tid % 1000]
        assert (trial.stage, trial.origin) == (1, f"promote {source.tid}")
        assert trial.point == source.point
        assert trial.metric("fraction") == 1.0
        assert source.metric("fraction") == 0.1
        assert len(trial.attempts) == 1
    status = search.status()
    assert (status.state, status.progress, len(search.trials)) == ("finished", 12, 12)
    assert status.best.tid == min(later(snapshot), key=lambda tid: later(snapshot)[tid].loss)
    assert [stage.ok for stage in status.stages] == [12, 3]
    assert status.rank_correlation is not None


def test_before_that_there_is_no_best_on_the_full_sample(tmp_path):
    search = searching(tmp_path, "by_fraction", 6, cores=REDUCED)
    with a_pool(search, 1, trials=5) as pool:
        pool.wait(30)
    search.snapshot()
    status = search.status()
    assert status.best is None
    assert status.best_reduced.tid == search.snapshot().best
    assert "4 trials are left" in status.reason


def test_pools_that_are_killed_while_they_promote_lose_and_double_nothing(tmp_path):
    text = REDUCED.replace("3", "8")
    search = searching(tmp_path, "by_fraction_slowly", 12, fixed="seconds = 0.15", cores=text)
    with a_pool(search) as one, a_pool(search) as two:
        wait_for(search, lambda s: s.later[0].running)
        random.choice((one, two)).kill()
        wait_for(search, lambda s: s.later[0].ok >= 2)
        one.kill()
        two.kill()
    assert finish(search, 2) == 0
    snapshot = search.snapshot()
    assert sorted(later(snapshot)) == sorted(map(promoted, best_of_first(snapshot, 8)))
    assert all(trial.state == "ok" for trial in later(snapshot).values())
    for trial in later(snapshot).values():
        assert sum(attempt.state == "ok" for attempt in trial.attempts) == 1


def test_with_more_trials_only_the_newly_best_are_promoted(tmp_path):
    search = searching(tmp_path, "by_fraction", 5, cores=REDUCED)
    assert finish(search) == 0
    before = later(search.snapshot())
    (again,) = search.retry([min(before)])
    start(tmp_path / "params.toml", overrides={"search.max_trials": 16})
    assert finish(search) == 0
    snapshot = search.snapshot()
    assert snapshot.counts.ok == 16
    assert snapshot.trials[again].metric("fraction") == 1.0
    assert snapshot.trials[again].stage == 1
    best = set(map(promoted, best_of_first(snapshot, 3)))
    assert set(later(snapshot)) == set(before) | best | {again}
    assert all(t.attempt == 0 for t in before.values())
