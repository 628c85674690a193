from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

import pytest

from tests.core.history.making import (
    finished,
    interrupted,
    lost,
    snapshot_of,
    started,
    trial_of,
)
from trialdeck.core.history.codec import decode
from trialdeck.core.history.events import Superseded
from trialdeck.core.history.trial import TrialState

if TYPE_CHECKING:
    from trialdeck.core.history.events import AnyEvent


def states(*events: AnyEvent) -> list[str]:
    return [attempt.state for attempt in trial_of(*events).attempts]


def test_a_trial_runs_and_ends() -> None:
    start = started(7, core=2, seed=5, revision=3, environment="e", origin="retry 1", at=10.0)
    trial = trial_of(start)
    assert (trial.state, trial.writer, trial.core, trial.point) == ("running", "a", 2, {"x": 7})
    assert (trial.finished_at, trial.loss, trial.cause) == (None, None, "")
    assert trial.runners == ("a",)

    end = finished(7, loss=0.5, metrics={"auc": 0.9}, seconds=4.0, steps=6, at=14.0)
    trial = trial_of(start, end)
    assert (trial.state, trial.loss, trial.metrics) == (TrialState.OK, 0.5, {"auc": 0.9})
    assert (trial.seconds, trial.steps, trial.started_at, trial.finished_at) == (4.0, 6, 10.0, 14.0)
    assert (trial.seed, trial.revision, trial.environment, trial.origin) == (5, 3, "e", "retry 1")
    assert trial.runners == ()


@pytest.mark.parametrize("outcome", ["ok", "pruned", "failed"])
def test_a_result_settles(outcome: str) -> None:
    trial = trial_of(started(), finished(outcome=outcome))
    assert trial.state == outcome
    assert trial.state.settled


def test_a_failure_says_why() -> None:
    end = finished(outcome="failed", cause="error", message="no", traceback="Traceback")
    trial = trial_of(started(), end)
    assert (trial.cause, trial.message, trial.traceback) == ("error", "no", "Traceback")


def test_the_best_kind_of_several_results_wins() -> None:
    ok = finished(attempt=2, writer="c", loss=1.0)
    pruned = finished(attempt=1, writer="b", outcome="pruned")
    failed = finished(attempt=0, writer="a", outcome="failed")
    assert trial_of(failed, pruned, ok).state == "ok"
    assert trial_of(failed, pruned).state == "pruned"
    assert states(failed, pruned, ok) == ["superseded", "superseded", "ok"]


def test_of_one_kind_the_lowest_attempt_then_the_lowest_writer_wins() -> None:
    first = finished(attempt=0, writer="b", loss=2.0)
    assert trial_of(first, finished(attempt=1, writer="a", loss=1.0)).loss == 2.0
    assert trial_of(first, finished(attempt=0, writer="a", loss=1.0)).loss == 1.0
    assert snapshot_of(first, finished(attempt=1, loss=1.0)).counts.ok == 1


def test_one_attempt_with_two_results_is_told_by_the_better() -> None:
    failed = finished(outcome="failed", at=1.0, message="no")
    ok = finished(outcome="ok", at=2.0, loss=1.0)
    assert states(started(), failed, ok) == ["ok"]


def test_an_attempt_lost_before_it_started_is_its_holders() -> None:
    trial = trial_of(lost(holder="b", writer="z"))
    assert (trial.state, trial.writer, trial.point) == ("interrupted", "b", {})
    assert [a.writer for a in trial.attempts] == ["b"]


def test_a_result_counts_before_its_start_is_known() -> None:
    trial = trial_of(finished(3, loss=1.0))
    assert (trial.state, trial.loss, trial.point, trial.started_at) == ("ok", 1.0, {}, None)
    assert trial.writer == "a"


def test_an_interrupted_trial_waits() -> None:
    trial = trial_of(started(), interrupted(cause="killed", message="signal 9", steps=4))
    assert (trial.state, trial.cause, trial.message) == ("interrupted", "killed", "signal 9")
    assert (trial.attempt, trial.steps, trial.point) == (0, 4, {"x": 0})
    assert not trial.state.settled


def test_the_next_attempt_runs_it_again() -> None:
    events = (started(), interrupted(steps=4), started(attempt=1, writer="b"))
    trial = trial_of(*events)
    assert (trial.state, trial.attempt, trial.writer, trial.steps) == ("running", 1, "b", 4)
    assert states(*events) == ["interrupted", "running"]
    trial = trial_of(*events, finished(attempt=1, writer="b", loss=1.0))
    assert (trial.state, trial.attempt, trial.writer) == ("ok", 1, "b")


def test_a_lost_attempt_waits() -> None:
    trial = trial_of(started(), lost(holder="a"))
    assert (trial.state, trial.cause, trial.writer) == ("interrupted", "lost", "a")
    assert states(started(), lost(holder="a")) == ["lost"]


def test_an_opinion_about_another_writer_changes_nothing() -> None:
    assert trial_of(started(), lost(holder="b")).state == "running"


def test_who_was_believed_lost_and_ends_first_counts() -> None:
    events = (
        started(writer="b"),
        lost(holder="b"),
        started(attempt=1, writer="c"),
        finished(attempt=0, writer="b", loss=1.0),
        finished(attempt=1, writer="c", loss=0.0),
    )
    assert trial_of(*events).loss == 1.0
    assert states(*events) == ["ok", "superseded"]


def test_a_superseded_end_never_counts() -> None:
    events = (
        started(),
        lost(holder="a"),
        started(attempt=1, writer="b"),
        Superseded(writer="a", tid=0, outcome="ok", loss=0.0),
    )
    assert trial_of(*events).state == "running"
    assert snapshot_of(*events).counts.finished == 0
    assert states(*events) == ["superseded", "running"]


def test_a_verdict_on_a_lost_attempt_keeps_its_point_and_writer() -> None:
    verdict = finished(writer="z", outcome="failed", cause="lost")
    trial = trial_of(started(), lost(holder="a"), verdict)
    assert (trial.state, trial.cause, trial.point, trial.writer) == (
        "failed",
        "lost",
        {"x": 0},
        "a",
    )


def test_a_result_is_told_with_its_own_start() -> None:
    starts = [started(attempt=n // 2, writer="ab"[n % 2], revision=n + 1) for n in range(4)]
    for attempt, writer, revision in [(0, "a", 1), (0, "b", 2), (1, "a", 3), (1, "b", 4)]:
        trial = trial_of(*starts, finished(attempt=attempt, writer=writer))
        assert (trial.revision, trial.writer) == (revision, writer)
    verdict = finished(attempt=1, writer="z", outcome="failed", cause="lost")
    assert trial_of(starts[0], starts[3], verdict).revision == 4


def test_deaths_are_kills_and_losses() -> None:
    events = [
        started(),
        lost(holder="a"),
        started(attempt=1),
        interrupted(attempt=1, cause="killed"),
        started(attempt=2),
        interrupted(attempt=2, cause="preempted"),
    ]
    assert [trial_of(*events[: n + 1]).deaths for n in range(len(events))] == [0, 1, 1, 2, 2, 2]


def test_a_loss_that_the_place_caused_is_no_death_but_a_preemption() -> None:
    gone = lost(holder="a", cause="preempted", message="node failure (NODE_FAIL)")
    trial = trial_of(started(), gone)
    assert (trial.state, trial.cause, trial.message) == (
        "interrupted",
        "lost",
        "node failure (NODE_FAIL)",
    )
    assert (trial.deaths, trial.preempted_in_a_row) == (0, 1)
    [attempt] = trial.attempts
    assert (attempt.state, attempt.cause, attempt.message) == (
        "lost",
        "preempted",
        "node failure (NODE_FAIL)",
    )
    again = (started(attempt=1), lost(attempt=1, holder="a"))
    trial = trial_of(started(), gone, *again)
    assert (trial.deaths, trial.preempted_in_a_row) == (1, 0)


def test_of_two_opinions_on_a_loss_the_one_that_knows_why_counts() -> None:
    vague = lost(holder="a", writer="b")
    knowing = lost(holder="a", writer="c", cause="preempted", message="NODE_FAIL")
    for events in ((started(), vague, knowing), (knowing, vague, started())):
        trial = trial_of(*events)
        assert (trial.message, trial.deaths, len(trial.attempts)) == ("NODE_FAIL", 0, 1)


def test_a_loss_of_an_old_journal_is_a_death() -> None:
    body = b'{"e":"lost","writer":"z","tid":0,"holder":"a"'
    event = decode(b'%b,"crc":"%08x"}' % (body, crc32(body)))
    assert event == lost(holder="a")
    trial = trial_of(started(), lost(holder="a"))
    assert (trial.deaths, trial.message) == (1, "")


def test_preemptions_are_counted_back_from_the_newest_attempt() -> None:
    causes = ["preempted", "stopped", "preempted", "preempted"]
    events: list[AnyEvent] = []
    counts = []
    for attempt, cause in enumerate(causes):
        events += [started(attempt=attempt), interrupted(attempt=attempt, cause=cause)]
        counts.append(trial_of(*events).preempted_in_a_row)
    assert counts == [1, 0, 1, 2]
    assert trial_of(*events, started(attempt=4)).preempted_in_a_row == 2


def test_a_queued_trial_waits_at_its_point() -> None:
    queued = (started(5, origin="retry 2"), interrupted(5, cause="queued"))
    trial = trial_of(*queued)
    assert (trial.state, trial.point, trial.origin, trial.deaths) == (
        "interrupted",
        {"x": 5},
        "retry 2",
        0,
    )
