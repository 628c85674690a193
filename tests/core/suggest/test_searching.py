"""Our TPE as the algorithm of a search."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.core.history.making import finished, snapshot_of, started
from tests.core.space_tables import EXAMPLES, OPTIMIZER, space_of
from tests.searching import finish, searching
from trialdeck.core.history.state import State
from trialdeck.core.params.read import parse_params
from trialdeck.core.suggest.algorithms import OURS, Suggester
from trialdeck.core.suggest.priors import prior_of
from trialdeck.core.suggest.variables import variables_of

TEXT = f"""
[search]
name = "a"
objective = "a:b"
algorithm = "{OURS}"
[space]
x = {{ type = "uniform", low = -1.0, high = 1.0 }}
"""


def params_of(text: str = ""):
    return parse_params(TEXT + text, "x", Path("/nowhere"))


def trials_at(points, outcome: str = "ok", first: int = 0, **more):
    return [
        event
        for tid, x in enumerate(points, first)
        for event in (
            started(tid, point={"x": x}),
            finished(tid, outcome=outcome, loss=abs(x - 0.8), **more),
        )
    ]


def suggested(params, *events, count: int = 20) -> list[float]:
    suggester, snapshot = Suggester(lambda _: {}), snapshot_of(*events)
    return [suggester.suggest(params, snapshot, tid)["x"] for tid in range(1000, 1000 + count)]


def spread(count: int, low: float = -1.0, high: float = 1.0) -> list[float]:
    return [low + (high - low) * (n + 0.5) / count for n in range(count)]


def test_a_pool_searches_with_it(tmp_path):
    points = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        search = searching(tmp_path / name, "fine", max_trials=30, search=f'algorithm = "{OURS}"')
        assert finish(search, cores=1) == 0
        points.append([trial.point for trial in search.snapshot().trials.values()])
    assert points[0] == points[1]
    snapshot = search.snapshot()
    assert snapshot.counts.ok == 30
    late = [abs(point["x"]) for point in points[0][15:]]
    assert sum(late) / 15 < sum(abs(point["x"]) for point in points[0][:10]) / 10


def test_every_distribution_and_a_tree():
    space = space_of(**EXAMPLES, optimizer=OPTIMIZER)
    params = replace(params_of(), space=space)
    suggester, state = Suggester(lambda _: {}), State()
    for tid in range(30):
        point = suggester.suggest(params, state.snapshot(), tid)
        assert space.check(point) == []
        state.apply(started(tid, point=point), finished(tid, loss=random.Random(tid).random()))


def test_each_distribution_has_a_prior():
    space = space_of(**EXAMPLES, optimizer=OPTIMIZER)
    assert [v.label for v in variables_of(space)] == [d.name for d in space.dimensions]
    with pytest.raises(ValueError, match="'beta'"):
        prior_of("beta", (), {})


@pytest.mark.parametrize("count", [0, 1, 2, 9, 10, 11])
def test_few_trials(count):
    assert len(set(suggested(params_of(), *trials_at(spread(count))))) == 20


def test_the_first_points_are_evenly_spread_over_cores_that_do_not_talk():
    params = params_of()
    points = [Suggester(lambda _: {}).suggest(params, snapshot_of(), tid)["x"] for tid in range(16)]
    assert {int((x + 1) / 2 * 8) for x in points} == set(range(8))


def test_it_goes_where_losses_are_low():
    found = suggested(params_of(), *trials_at(spread(50)))
    assert sum(abs(x - 0.8) < 0.2 for x in found) >= 14


def test_it_keeps_away_from_running_trials():
    running = [started(100 + n, point={"x": 0.8 + 0.001 * n}) for n in range(8)]
    found = suggested(params_of(), *trials_at(spread(50)), *running)
    alone = suggested(params_of(), *trials_at(spread(50)))
    assert sum(abs(x - 0.8) < 0.03 for x in found) < sum(abs(x - 0.8) < 0.03 for x in alone)


def test_running_trials_alone_change_nothing_that_is_good():
    running = [started(100 + n, point={"x": -0.5}) for n in range(500)]
    found = suggested(params_of(), *trials_at(spread(20)), *running)
    assert sum(x > 0.3 for x in found) >= 10


def test_failed_and_pruned_trials_are_kept_away_from():
    for outcome in ("failed", "pruned"):
        bad = trials_at(spread(60, -1.0, 0.4), outcome, 100, steps=1)
        found = suggested(params_of(), *trials_at(spread(12, 0.5, 1.0)), *bad)
        assert sum(x > 0.4 for x in found) >= 16


def test_pruned_trials_that_came_far_are_the_better_ones():
    bad = trials_at(spread(30, -1.0, 0.0), "pruned", 0, steps=1)
    far = trials_at(spread(10, 0.3, 0.5), "pruned", 100, steps=9)
    found = suggested(params_of(), *bad, *far, count=40)
    assert sum(x > 0.2 for x in found) >= 28  # of 40; by chance it would be 16


def test_all_failed():
    found = suggested(params_of(), *trials_at(spread(30, -1.0, 0.0), "failed"))
    assert sum(x > 0 for x in found) >= 16


def test_losses_that_are_equal_or_infinite():
    assert len(set(suggested(params_of(), *equal(30, 1.0)))) == 20
    found = suggested(params_of(), *equal(15, float("-inf")), *trials_at(spread(20), first=50))
    assert all(-1 <= x <= 1 for x in found)


def equal(count: int, loss: float):
    return [
        event
        for tid, x in enumerate(spread(count))
        for event in (started(tid, point={"x": x}), finished(tid, loss=loss))
    ]


def test_a_trial_that_changes_its_state_counts_as_what_it_is():
    suggester, params = Suggester(lambda _: {}), params_of()
    events = trials_at(spread(40))
    before = snapshot_of(*events, started(90, point={"x": 0.79}))
    suggester.suggest(params, before, 1000)
    after = snapshot_of(*events, started(90, point={"x": 0.79}), finished(90, loss=-5.0))
    fresh = Suggester(lambda _: {}).suggest(params, after, 1001)
    assert suggester.suggest(params, after, 1001) == fresh


def test_a_changed_space_keeps_what_fits():
    text = 'k = { type = "choice", options = ["a", "b"], default = "a" }\n'
    found = suggested(params_of(text), *trials_at(spread(50)))
    assert sum(abs(x - 0.8) < 0.25 for x in found) >= 12


def test_an_option_that_was_never_tried_comes_up():
    text = 'k = { type = "choice", options = ["a", "b", "c"], default = "a" }\n'
    suggester, snapshot = Suggester(lambda _: {}), snapshot_of(*trials_at(spread(50)))
    chosen = [suggester.suggest(params_of(text), snapshot, tid)["k"] for tid in range(99, 140)]
    assert {"b", "c"} & set(chosen)


def test_dimensions_that_do_not_matter():
    more = "".join(f"d{n} = {{ type = 'uniform', low = 0, high = 1 }}\n" for n in range(8))
    params, suggester, state = params_of(more), Suggester(lambda _: {}), State()
    for tid in range(100):
        point = suggester.suggest(params, state.snapshot(), tid)
        loss = abs(point["x"] - 0.8)
        state.apply(started(tid, point=point), finished(tid, loss=loss))
    late = [state.snapshot().trials[tid].loss for tid in range(70, 100)]
    assert sorted(late)[15] < 0.25
