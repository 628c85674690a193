from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.history.making import finished, started
from trialdeck.core.best_curve import BestCurve
from trialdeck.core.history.state import State
from trialdeck.core.status import shown

if TYPE_CHECKING:
    from trialdeck.core.history.events import AnyEvent, Finished
    from trialdeck.core.history.snapshot import Snapshot

METRIC = ("auc", "maximize")


def ended(tid: int, attempt: int, at: float, outcome: str, auc: int) -> Finished:
    numbers: dict[str, Any] = {"loss": -auc / 10, "metrics": {"auc": auc / 10}}
    return finished(
        tid, attempt, outcome=outcome, at=at, **(numbers if outcome != "failed" else {})
    )


ends = st.builds(
    ended,
    st.integers(0, 300),
    st.integers(0, 1),
    st.integers(0, 20).map(float),
    st.sampled_from(["ok", "ok", "ok", "failed", "pruned", "interrupted"]),
    st.integers(0, 9),
)


Rows = tuple[list[int], list[float], list[int], list[int]]


def naive(order: list[int], snapshot: Snapshot) -> Rows:
    """Return tids, values, records and failed rows, worked out from the beginning."""
    records, failed, best = [], [], math.inf
    trials = [snapshot.trials[tid] for tid in order]
    for row, trial in enumerate(trials):
        if trial.state == "failed":
            failed.append(row)
        if trial.state == "ok" and trial.loss is not None and trial.loss < best:
            records.append(row)
            best = trial.loss
    values = [shown(trial, *METRIC) for trial in trials]
    return order, [math.nan if value is None else value for value in values], records, failed


def in_order(snapshot: Snapshot, but: list[int]) -> list[int]:
    """Return the tids of the trials that have ended, by their ends, but for these."""
    ended = [t for t in snapshot.trials.values() if t.state.settled and t.tid not in but]
    return [t.tid for t in sorted(ended, key=lambda trial: (trial.finished_at, trial.tid))]


def rows(curve: BestCurve) -> Rows:
    return list(curve.tids), list(curve.values), curve.records, curve.failed


@given(st.lists(st.lists(ends, max_size=8), max_size=6))
def test_bit_by_bit_it_is_what_a_scan_of_everything_finds(batches: list[list[AnyEvent]]) -> None:
    state, curve = State(), BestCurve()
    order: list[int] = []
    known: dict[int, object] = {}
    for batch in batches:
        state.apply_all(batch)
        snapshot = state.snapshot()
        superseded = any(snapshot.trials[tid] != trial for tid, trial in known.items())
        kept = [] if superseded else order
        order = kept + in_order(snapshot, kept)
        known = {tid: snapshot.trials[tid] for tid in order}
        assert curve.update(snapshot, *METRIC) == len(kept)
        assert repr(rows(curve)) == repr(naive(order, snapshot))  # NaN is not equal to itself


def test_the_best_trial_may_be_superseded() -> None:
    state, curve = State(), BestCurve()
    state.apply(*(ended(tid, 1, tid, "ok", auc) for tid, auc in enumerate((3, 9, 5))))
    curve.update(state.snapshot(), *METRIC)
    assert [curve.tids[row] for row in curve.records] == [0, 1]
    state.apply(ended(1, 0, 1.0, "ok", 4))
    assert curve.update(state.snapshot(), *METRIC) == 0
    assert list(curve.values) == [0.3, 0.4, 0.5]
    assert [curve.tids[row] for row in curve.records] == [0, 1, 2]


def test_what_is_not_finished_has_no_row() -> None:
    state, curve = State(), BestCurve()
    state.apply(started(4), started(5), ended(5, 0, 1.0, "ok", 5))
    assert curve.update(state.snapshot(), *METRIC) == 0
    assert list(curve.tids) == [5]
    state.apply(started(6))
    assert curve.update(state.snapshot(), *METRIC) == len(curve) == 1


@pytest.mark.parametrize("change", [("loss", "maximize"), ("auc", "minimize")])
def test_another_metric_or_direction_is_another_curve(change: tuple[str, str]) -> None:
    state, curve = State(), BestCurve()
    end = finished(0, loss=-0.5, metrics={"auc": 0.5, "loss": 0.25}, at=1.0)
    state.apply(end)
    curve.update(state.snapshot(), *METRIC)
    assert curve.update(state.snapshot(), *change) == 0
    assert list(curve.values) == [0.25 if change[0] == "loss" else 0.5]


def test_the_history_of_another_search_is_another_curve() -> None:
    long, short, curve = State(), State(), BestCurve()
    long.apply(*(ended(tid, 0, tid, "ok", 5) for tid in range(3)))
    short.apply(ended(1, 0, 1.0, "ok", 7))
    curve.update(long.snapshot(), *METRIC)
    curve.update(short.snapshot(), *METRIC)
    assert rows(curve)[:2] == ([1], [0.7])


def test_a_trial_that_is_seen_late_moves_no_row() -> None:
    state, curve = State(), BestCurve()
    state.apply(ended(0, 0, 5.0, "ok", 5))
    curve.update(state.snapshot(), *METRIC)
    state.apply(ended(1, 0, 1.0, "ok", 5))
    assert curve.update(state.snapshot(), *METRIC) == 1
    assert list(curve.tids) == [0, 1]
