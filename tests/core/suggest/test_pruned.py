"""What suggestions make of pruned trials."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.history.making import finished, snapshot_of, started, trial_of
from trialdeck.core.params.read import parse_params
from trialdeck.core.suggest.algorithms import STARTUP_TRIALS, Suggester
from trialdeck.core.suggest.pruned import losses_of

TEXT = """
[search]
name = "a"
objective = "a:b"
{search}
[space]
x = {{ type = "uniform", low = -1.0, high = 1.0 }}
"""

numbers = st.floats(allow_nan=False, allow_infinity=False)


def pruned(tid: int, steps: int, loss: float | None):
    return trial_of(started(tid), finished(tid, outcome="pruned", steps=steps, loss=loss))


def a_search(search: str = ""):
    return parse_params(TEXT.format(search=search), "x", Path("/nowhere"))


def trials_at(points, outcome: str, first: int, **more):
    return [
        event
        for tid, x in enumerate(points, first)
        for event in (
            started(tid, point={"x": x}),
            finished(tid, outcome=outcome, loss=abs(x - 0.8), **more),
        )
    ]


@given(
    st.lists(numbers, max_size=5),
    st.lists(st.tuples(st.integers(1, 9), st.none() | numbers), max_size=9),
)
def test_they_rank_behind_all_that_finished_by_how_far_they_came(done, cut):
    trials = {tid: pruned(tid, steps, loss) for tid, (steps, loss) in enumerate(cut)}
    losses = losses_of(trials, done)
    assert losses.keys() == trials.keys()
    assert all(map(math.isfinite, losses.values()))
    assert all(loss >= max(done, default=0.0) for loss in losses.values())
    small = [*map(abs, done), 1.0]
    if max(small) < sys.float_info.max / 4:
        assert all(loss > max(done, default=0.0) for loss in losses.values())
        order = sorted(losses, key=losses.get)
        keys = [(-cut[t][0], math.inf if cut[t][1] is None else cut[t][1], t) for t in order]
        assert keys == sorted(keys)


def test_what_the_algorithms_get():
    params = a_search("failed_loss = 7.0")
    events = [
        *trials_at([0.8, -0.2], "ok", 0),
        *trials_at([0.5, 0.1], "pruned", 2, steps=3),
        *trials_at([0.0], "pruned", 4, steps=9),
        *trials_at([0.0], "failed", 5),
        started(6, point={"x": 0.0}),
    ]
    made = Suggester(lambda _: {})._documents(params, snapshot_of(*events))
    losses = [document["result"].get("loss") for document in made]
    assert losses[:2] == [0.0, 1.0]
    assert losses[4] < losses[2] < losses[3] == 2.0
    assert losses[5:] == [7.0, None]


def test_their_losses_follow_the_worst_that_finished():
    suggester, params = Suggester(lambda _: {}), a_search()
    few = [*trials_at([0.5], "ok", 0), *trials_at([0.8], "pruned", 1, steps=1)]
    suggester._documents(params, snapshot_of(*few))
    more = snapshot_of(*few, *trials_at([-0.2], "ok", 2))
    [_, cut, worst] = suggester._documents(params, more)
    assert cut["result"]["loss"] > worst["result"]["loss"] == 1.0


def test_a_trial_that_is_pruned_no_more_counts_as_what_it_is():
    suggester, params = Suggester(lambda _: {}), a_search()
    cut = [started(0, point={"x": 0.8}), finished(0, outcome="pruned", steps=1)]
    suggester._documents(params, snapshot_of(*cut))
    won = snapshot_of(*cut, finished(0, attempt=1, loss=0.25))
    [document] = suggester._documents(params, won)
    assert document["result"]["loss"] == 0.25


@pytest.mark.parametrize("algorithm", ["tpe", "hyperopt.tpe"])
def test_tpe_keeps_away_from_where_trials_are_pruned(algorithm):
    params = a_search(f'algorithm = "{algorithm}"')
    good = [0.5 + 0.02 * n for n in range(STARTUP_TRIALS // 2)]
    bad = [-1.0 + 0.05 * n for n in range(2 * STARTUP_TRIALS)]
    events = trials_at(good, "ok", 0) + trials_at(bad[:-10], "pruned", 100, steps=1)
    suggester, snapshot = Suggester(lambda _: {}), snapshot_of(*events)
    points = [suggester.suggest(params, snapshot, tid)["x"] for tid in range(1000, 1010)]
    assert sum(x > 0.3 for x in points) >= 8


def test_points_that_are_drawn_blindly_cost_no_documents():
    params = a_search('algorithm = "rand"')
    events = trials_at([0.5], "ok", 0) + trials_at([0.1, 0.2], "pruned", 1, steps=1)
    suggester = Suggester(lambda _: {})
    point = suggester.suggest(params, snapshot_of(*events), 9)
    assert not suggester.documents
    assert not suggester.pruned
    assert suggester.suggest(params, snapshot_of(), 9) == point
