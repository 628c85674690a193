"""Pools that stop between two steps for so long that others take over, and then take the next."""

import pytest

from tests.core.history.disks import filled, small_disk
from tests.core.pool.test_ledger import begin, end, next_of, scheduler_of
from tests.searching import searching
from trialdeck.core.budget import Budget
from trialdeck.core.history import claims
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.pool.ledger import Ledger
from trialdeck.core.pool.pool import Pool
from trialdeck.core.pool.scheduling import Assignment


@pytest.fixture
def paths(tmp_path):
    paths = HistoryPaths(tmp_path / "history" / "t")
    paths.create()
    return paths


def take_over(paths, taker, late):
    """Claim the only trial as if `late` were gone."""
    scheduler = scheduler_of(paths, taker, gone={late.writer})
    return next_of(scheduler, History(paths).refresh(), limit=1)


def test_between_the_seal_and_the_result(paths):
    late, taker = Ledger(paths, "pool"), Ledger(paths, "pool")
    claims.take(paths, 0, 0, late.writer)
    begin(late, 0)
    append, late.journal.append = late.journal.append, lambda *_events: True
    end(late, 0, loss=0.5)
    assert claims.holder(paths, 0, 1) == late.writer
    again = take_over(paths, taker, late)
    assert again.attempt == 2, "its seal is passed over"
    begin(taker, 0, 2)
    end(taker, 0, 2, loss=0.7)
    late.journal.append = append
    end(late, 0, loss=0.5)
    snapshot = History(paths).refresh()
    assert snapshot.counts.finished == 1
    assert [a.state for a in snapshot.trials[0].attempts] == ["ok", "superseded"]
    assert snapshot.trials[0].loss == 0.5


@pytest.mark.parametrize("ended", [False, True], ids=["while it runs again", "when it has ended"])
def test_between_the_claim_and_the_start(paths, ended):
    late, taker = Ledger(paths, "pool"), Ledger(paths, "pool")
    claims.take(paths, 0, 0, late.writer)
    again = take_over(paths, taker, late)
    assert (again.attempt, again.point) == (1, None)
    begin(taker, 0, 1)
    if ended:
        end(taker, 0, 1, loss=0.7)
    begin(late, 0, 0)
    end(late, 0, 0, loss=0.5)
    trial = History(paths).refresh().trials[0]
    assert (trial.state, trial.attempt) == ("ok" if ended else "running", 1)
    assert [a.state for a in trial.attempts] == ["superseded", "ok" if ended else "running"]
    if not ended:
        end(taker, 0, 1, loss=0.7)
    trial = History(paths).refresh().trials[0]
    assert (trial.state, trial.loss, trial.writer) == ("ok", 0.7, taker.writer)


def test_between_a_failure_in_its_name_and_its_own_result(paths):
    late, judge = Ledger(paths, "pool"), Ledger(paths, "pool")
    claims.take(paths, 0, 0, late.writer)
    begin(late, 0)
    scheduler = scheduler_of(paths, judge, gone={late.writer})
    snapshot = History(paths).refresh()
    assert scheduler.next(snapshot, budget=Budget(1), retries=0, live_cores=1) is None
    assert History(paths).refresh().trials[0].cause == "lost"
    end(late, 0, loss=0.5)
    trial = History(paths).refresh().trials[0]
    assert (trial.state, trial.cause) == ("failed", "lost")
    assert History(paths).refresh().counts.finished == 1


def test_a_start_that_is_recorded_too_late_is_no_death(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        paths = HistoryPaths(disk / "history" / "t")
        paths.create()
        ledger = Ledger(paths, "pool")
        claims.take(paths, 0, 0, ledger.writer)
        with filled(disk):
            while begin(ledger, 0):  # the last page of the journal has room for some
                pass
        ledger.close()
        trial = History(paths).refresh().trials[0]
        assert (trial.state, trial.cause, trial.deaths) == ("interrupted", "stopped", 0)


def test_a_trial_whose_start_may_be_recorded_keeps_its_point(tmp_path, monkeypatch):
    search = searching(tmp_path, "fine")
    pool = Pool(search.paths, 1)
    monkeypatch.setattr(pool.recorder, "started", lambda *_words: False)
    pool._start(None, Assignment(0, 0), {"x": 1.0})
    pool.planner.forget_points()  # as when the space changes
    ((assignment, point),) = pool.planner.to_start
    assert assignment.point == point == {"x": 1.0}
    assert not pool.planner.to_suggest


def test_checkpoints_are_removed_once_a_result_is_on_the_disk(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        paths = HistoryPaths(disk / "history" / "t")
        paths.create()
        ledger = Ledger(paths, "pool")
        claims.take(paths, 0, 0, ledger.writer)
        checkpoint = paths.checkpoint(0, 0)
        checkpoint.mkdir(parents=True)
        (checkpoint / "state").write_text("half done")
        with filled(disk):
            while begin(ledger, 0):
                pass
            end(ledger, 0)
            assert checkpoint.exists()
        ledger.settle()
        assert not checkpoint.exists()
        assert History(paths).refresh().trials[0].state == "ok"
