from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.history.making import (
    finished,
    in_another_order,
    interrupted,
    known,
    lost,
    messy_events,
    snapshot_of,
    some_trials,
    started,
)
from trialdeck.core.history.events import Environment, Trouble
from trialdeck.core.history.snapshot import BLOCK, Snapshot
from trialdeck.core.history.state import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.history.events import AnyEvent


@given(st.data())
def test_order_and_repetition_do_not_matter(data: st.DataObject) -> None:
    events = data.draw(messy_events)
    other = data.draw(in_another_order(events))
    looks = data.draw(st.sets(st.integers(0, len(other))))
    state = State()
    for index, event in enumerate(other):
        if index in looks:
            state.snapshot()
        state.apply(event)
    assert known(state.snapshot()) == known(snapshot_of(*events))


@pytest.mark.parametrize("make", [started, finished, interrupted])
def test_contradictions_are_settled_the_same_in_any_order(make: Callable[..., AnyEvent]) -> None:
    one, other = make(at=1.0, stage=1), make(at=2.0, stage=2)
    forwards, backwards = snapshot_of(one, other), snapshot_of(other, one)
    assert known(forwards) == known(backwards)
    assert len(forwards.trials[0].events) == 2


@given(messy_events)
def test_the_numbers_agree_with_the_trials(events: list[AnyEvent]) -> None:
    state = State()
    for event in events:
        state.apply(event)
        check_numbers(state.snapshot())


def check_numbers(snapshot: Snapshot) -> None:
    trials = list(snapshot.trials.values())
    for word in ("ok", "failed", "pruned", "running", "interrupted", "voided"):
        assert getattr(snapshot.counts, word) == sum(t.state == word for t in trials)
    voided = {t.tid for t in trials if t.state == "voided"}
    assert snapshot.voided == voided
    assert snapshot.counts.finished == sum(t.state.settled for t in trials)
    losses = [(t.loss, t.tid) for t in trials if t.state == "ok" and t.loss is not None]
    assert snapshot.best == (min(losses)[1] if losses else None)
    waiting = {t.tid for t in trials if not t.state.settled} - voided
    assert snapshot.unfinished == {tid for tid in waiting if snapshot.trials[tid].point}
    settled_or_started = set(snapshot.trials) - (waiting - snapshot.unfinished)
    assert list(snapshot.unstarted(4)) == sorted(set(range(4)) - settled_or_started)
    assert snapshot.highest_tid == max(snapshot.trials, default=-1)
    assert len(snapshot.trials) == len(trials)


@given(messy_events, messy_events)
def test_a_snapshot_never_changes(before: list[AnyEvent], after: list[AnyEvent]) -> None:
    state = State()
    state.apply(*before)
    snapshot = state.snapshot()
    kept = copy.deepcopy({**known(snapshot), **proxies(snapshot)})
    state.apply(*after)
    state.snapshot()
    assert {**known(snapshot), **proxies(snapshot)} == kept


def proxies(snapshot: Snapshot) -> dict[str, object]:
    """Return what cannot be copied as it is."""
    return {"environments": 0, "writers": 0, "granted": dict(snapshot.granted)}


@given(messy_events)
def test_nothing_new_is_the_same_snapshot(events: list[AnyEvent]) -> None:
    state = State()
    state.apply(*events)
    snapshot = state.snapshot()
    state.apply(*events)
    assert state.snapshot() is snapshot


def test_the_version_grows_with_every_change() -> None:
    state = State()
    versions = [state.snapshot().version]
    for event in (
        started(),
        finished(),
        Trouble(writer="a", text="disk full"),
        Environment(writer="a", id="e"),
    ):
        state.apply(event)
        versions.append(state.snapshot().version)
    assert versions == sorted(set(versions))


def test_the_best_is_the_lowest_loss_and_of_several_the_lowest_tid() -> None:
    state = State()
    best = []
    for event in (
        finished(0, loss=2.0),
        finished(3, loss=1.0),
        finished(1, loss=1.0),
        finished(2, outcome="pruned", loss=0.0),
        finished(4, loss=1.0),
    ):
        state.apply(event)
        best.append(state.snapshot().best)
    assert best == [0, 3, 1, 1, 1]


def test_a_result_that_is_superseded_is_no_longer_the_best() -> None:
    state = State()
    state.apply(*some_trials(3), finished(9, attempt=1, loss=-100.0))
    assert state.snapshot().best == 9
    state.apply(finished(9, attempt=0, loss=100.0))
    assert state.snapshot().best == 2


def test_trials_are_in_order_over_many_blocks() -> None:
    tids = [5, 3 * BLOCK, 2, 10**6 + 1, BLOCK - 1, BLOCK]
    trials = snapshot_of(*(started(tid) for tid in tids)).trials
    assert list(trials) == sorted(tids)
    assert [t.tid for t in trials.values()] == sorted(tids)
    assert [tid for tid, _ in trials.items()] == sorted(tids)
    assert BLOCK in trials
    assert BLOCK + 1 not in trials
    assert trials.get(10**6) is None


def test_changed_since_finds_what_is_new() -> None:
    state = State()
    state.apply(*some_trials(2 * BLOCK))
    before = state.snapshot().trials
    state.apply(started(2 * BLOCK), interrupted(3), finished(7, outcome="failed", writer="b"))
    after = state.snapshot().trials
    assert [t.tid for t in after.changed_since(before)] == [3, 7, 2 * BLOCK]
    assert len(list(after.changed_since(snapshot_of().trials))) == 2 * BLOCK + 1
    assert not list(after.changed_since(after))


def test_unstarted_within_bounds_and_over_blocks() -> None:
    state = State()
    state.apply(*some_trials(BLOCK), started(BLOCK + 2))
    snapshot = state.snapshot()
    assert list(snapshot.unstarted(BLOCK + 5)) == [BLOCK, BLOCK + 1, BLOCK + 3, BLOCK + 4]
    assert list(snapshot.unstarted(BLOCK + 5, first=BLOCK + 1)) == [
        BLOCK + 1,
        BLOCK + 3,
        BLOCK + 4,
    ]
    assert list(snapshot.unstarted(BLOCK)) == []
    assert list(snapshot.unstarted(0)) == []


def test_a_claim_whose_holder_was_lost_before_it_started_is_unstarted() -> None:
    state = State()
    state.apply(*some_trials(BLOCK - 1), lost(BLOCK - 1, holder="b"))
    snapshot = state.snapshot()
    assert list(snapshot.unstarted(BLOCK)) == [BLOCK - 1]
    assert BLOCK - 1 not in snapshot.unfinished
    state.apply(started(BLOCK - 1, attempt=1))
    snapshot = state.snapshot()
    assert snapshot.trials[BLOCK - 1].state == "running"
    assert list(snapshot.unstarted(BLOCK)) == []
