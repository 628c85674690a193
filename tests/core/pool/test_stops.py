"""Searches that end before their last trial."""

from tests.conditions import until
from tests.searching import a_pool, finish, searching, wait_for
from trialdeck.core.searches import start
from trialdeck.core.status import Status


def what_it_says(search) -> Status:
    search.snapshot()
    return search.status()


def test_two_pools_end_where_patience_has_run_out_and_go_on_without_it(tmp_path):
    search = searching(tmp_path, "by_number", max_trials=60, search="patience = 5")
    with a_pool(search, 1) as one, a_pool(search, 1) as two:
        assert one.wait(30) == two.wait(30) == 0
    status = what_it_says(search)
    assert status.state == "finished"
    assert status.reason == "no improvement in 5 finished trials (patience)"
    assert 6 <= status.progress <= 10  # what ran at that moment has finished
    assert finish(search, timeout=10) == 0
    assert what_it_says(search).progress == status.progress  # another pool begins nothing
    # More than any number that has been taken: two pools leave gaps, which are filled now.
    start(tmp_path / "params.toml", overrides={"search.max_trials": 30, "search.patience": None})
    assert what_it_says(search).state == "idle"
    assert finish(search) == 0
    assert what_it_says(search).progress == 30


def test_a_trial_that_runs_when_the_target_is_reached_finishes(tmp_path):
    search = searching(
        tmp_path, "first_waits", max_trials=50, search="target = 0.0", fixed=f"go = '{tmp_path}/go'"
    )
    with a_pool(search, 2) as pool:
        wait_for(search, lambda s: s.best is not None and s.counts.running == 1)
        assert search.status().ended
        (tmp_path / "go").touch()
        assert pool.wait(20) == 0
    status = what_it_says(search)
    assert (status.state, status.running, status.best.loss) == ("finished", 0, 0.0)
    assert status.progress < 10


def test_a_time_limit_counts_what_cores_ran(tmp_path):
    search = searching(tmp_path, "slow", 50, search="time_limit = 1", fixed="seconds = 0.3")
    with a_pool(search, 1) as pool:
        until(lambda: what_it_says(search).state == "finished", 20)
        assert pool.wait(10) == 0
    assert 2 <= search.snapshot().counts.ok <= 5
    assert search.status().reason == "its cores have run for 1s (time_limit)"
