"""What a pool writes, and in which order."""

import pytest

from tests.conditions import until
from trialdeck.core.budget import Budget
from trialdeck.core.history import claims
from trialdeck.core.history.events import Environment, Finished, Started
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.pool.ledger import Ledger
from trialdeck.core.pool.scheduling import Scheduler


@pytest.fixture
def paths(tmp_path):
    paths = HistoryPaths(tmp_path / "history" / "t")
    paths.create()
    return paths


def begin(ledger, tid, attempt=0):
    environment = Environment(writer=ledger.writer, id="e")
    started = Started(writer=ledger.writer, tid=tid, attempt=attempt, point={"x": tid})
    return ledger.started(started, environment)


def end(ledger, tid, attempt=0, outcome="ok", loss=1.0):
    ledger.finished(
        Finished(writer=ledger.writer, tid=tid, attempt=attempt, outcome=outcome, loss=loss)
    )


def scheduler_of(paths, ledger, gone=()):
    return Scheduler(paths, ledger, lambda writer: writer in gone)


def next_of(scheduler, snapshot, limit=10):
    return scheduler.next(snapshot, budget=Budget(limit), retries=2, live_cores=1)


def test_a_result_after_a_takeover_is_superseded_and_leaves_the_checkpoints(paths):
    late, taker = Ledger(paths, "pool"), Ledger(paths, "pool")
    assert claims.take(paths, 7, 0, late.writer) == late.writer
    begin(late, 7)
    assert claims.take(paths, 7, 1, taker.writer) == taker.writer
    begin(taker, 7, 1)
    checkpoint = paths.checkpoint(7, 1)
    checkpoint.mkdir(parents=True)
    end(late, 7, loss=0.5)
    assert checkpoint.is_dir()
    assert History(paths).refresh().trials[7].state == "running"
    end(taker, 7, 1, loss=0.7)
    assert not checkpoint.exists()
    trial = History(paths).refresh().trials[7]
    assert (trial.state, trial.loss) == ("ok", 0.7)
    assert [a.state for a in trial.attempts] == ["superseded", "ok"]


def test_what_cannot_be_written_is_kept_and_written_later(paths, monkeypatch):
    ledger = Ledger(paths, "pool")
    claims.take(paths, 0, 0, ledger.writer)
    assert begin(ledger, 0)

    def full(*_words):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(ledger.journal._parts, "write", full)
        assert not begin(ledger, 1), "no trial may begin on it"
        end(ledger, 0)
        assert not ledger.healthy
        assert "full" in ledger.complaint
    ledger.settle()
    assert ledger.healthy
    assert ledger.complaint == ""
    snapshot = History(paths).refresh()
    assert snapshot.trials[0].state == "ok"
    assert snapshot.trials[1].state == "running"


def test_a_claim_that_cannot_be_made_is_said(paths, monkeypatch):
    ledger = Ledger(paths, "pool")
    claims.take(paths, 0, 0, ledger.writer)
    begin(ledger, 0)

    def refused(*_words):
        raise OSError(122, "Disk quota exceeded")

    with monkeypatch.context() as patch:
        patch.setattr("os.symlink", refused)
        end(ledger, 0)
        assert "quota" in ledger.complaint
    ledger.settle()
    assert ledger.complaint == ""


class TestScheduling:
    def test_an_attempt_is_given_out_once_whatever_the_snapshot_says(self, paths):
        ledger = Ledger(paths, "pool")
        scheduler = scheduler_of(paths, ledger)
        stale = History(paths).refresh()
        first = next_of(scheduler, stale, limit=1)
        begin(ledger, first.tid)
        end(ledger, first.tid)
        scheduler.release(first.tid)
        assert next_of(scheduler, stale, limit=1) is None

    def test_tids_are_in_turn_and_end_at_the_limit(self, paths):
        scheduler = scheduler_of(paths, Ledger(paths, "pool"))
        snapshot = History(paths).refresh()
        given = [next_of(scheduler, snapshot, limit=3) for _ in range(4)]
        assert [a.tid if a else None for a in given] == [0, 1, 2, None]

    def test_a_trial_of_a_writer_that_is_gone_runs_again_at_its_point(self, paths):
        dead, ledger = Ledger(paths, "pool"), Ledger(paths, "pool")
        claims.take(paths, 0, 0, dead.writer)
        begin(dead, 0)
        snapshot = History(paths).refresh()
        assert next_of(scheduler_of(paths, ledger), snapshot, limit=1) is None
        again = next_of(scheduler_of(paths, ledger, gone={dead.writer}), snapshot, limit=1)
        assert (again.tid, again.attempt, again.point) == (0, 1, {"x": 0})

    def test_a_claim_without_a_start_passes_on_when_its_writer_is_gone(self, paths):
        dead, ledger = Ledger(paths, "pool"), Ledger(paths, "pool")
        claims.take(paths, 0, 0, dead.writer)
        snapshot = History(paths).refresh()
        assert next_of(scheduler_of(paths, ledger), snapshot, limit=1) is None
        again = next_of(scheduler_of(paths, ledger, gone={dead.writer}), snapshot, limit=1)
        assert (again.tid, again.attempt, again.point) == (0, 1, None)

    def test_many_preemptions_without_a_checkpoint_fail_the_trial(self, paths):
        ledger = Ledger(paths, "pool")
        for attempt in range(3):
            begin(ledger, 0, attempt)
            ledger.finished(
                Finished(
                    writer=ledger.writer,
                    tid=0,
                    attempt=attempt,
                    outcome="interrupted",
                    cause="preempted",
                )
            )
        history = History(paths)
        assert next_of(scheduler_of(paths, ledger), history.refresh(), limit=1) is None
        until(lambda: history.refresh().trials[0].state == "failed", 5, "the failure")
        trial = history.refresh().trials[0]
        assert trial.cause == "preempted"
        assert "checkpoint" in trial.message

    def test_a_checkpoint_of_an_attempt_before_the_last_is_one_to_go_on_from(self, paths):
        ledger = Ledger(paths, "pool")
        for attempt in range(3):
            begin(ledger, 0, attempt)
            about = {"writer": ledger.writer, "tid": 0, "attempt": attempt}
            ledger.finished(Finished(**about, outcome="interrupted", cause="preempted"))
        checkpoint = paths.checkpoint(0, 1)
        checkpoint.mkdir(parents=True)
        (checkpoint / "state").touch()
        again = next_of(scheduler_of(paths, ledger), History(paths).refresh(), limit=1)
        assert (again.tid, again.attempt) == (0, 3)
