from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.space_tables import EXAMPLES, OPTIMIZER, numeric_tables, space_of
from trialdeck.core.compatibility import Fit, fit

RATE = {"type": "loguniform", "low": 1e-3, "high": 0.1}
NODES = {"type": "quniform", "low": 8, "high": 64, "q": 8}
DROPOUT = {"type": "uniform", "low": 0, "high": 0.5}
ACTIVATION = {"type": "choice", "options": ["relu", "gelu"]}


def one(
    table: dict[str, Any],
    point: dict[str, Any],
    fixed: dict[str, Any] | None = None,
    old_fixed: dict[str, Any] | None = None,
) -> Fit:
    """What becomes of one old trial, numbered 7."""
    return fit(space_of(**table), fixed or {}, [(7, point, old_fixed or {})])


@pytest.mark.parametrize(
    ("table", "point", "new"),
    [
        ({"lr": RATE}, {"lr": 0.01}, {"lr": 0.01}),
        ({"nodes": NODES}, {"nodes": 16.0}, {"nodes": 16}),
        ({"x": {**DROPOUT, "low": 0.0}}, {"x": 0}, {"x": 0.0}),
        ({"x": {"type": "quniform", "low": 0, "high": 0.5, "q": 0.1}}, {"x": 3 * 0.1}, {"x": 0.3}),
        ({"act": ACTIVATION}, {"act": "gelu"}, {"act": "gelu"}),
        ({"lr": RATE}, {"lr": 0.01, "momentum": 0.9}, {"lr": 0.01}),
    ],
)
def test_what_fits_is_kept_with_the_types_of_the_new_space(
    table: dict[str, Any], point: dict[str, Any], new: dict[str, Any]
) -> None:
    result = one(table, point)
    assert result.usable == {7: new}
    assert repr(result.usable[7]) == repr(new)
    assert result.rejected == {}
    assert result.summary() == "1 of 1 trial stays usable"


@pytest.mark.parametrize(
    ("table", "point", "reason", "text"),
    [
        ({"lr": RATE}, {"lr": 0.5}, "out of range (lr)", "lr: 0.5 is above 0.1"),
        ({"lr": RATE}, {"lr": 1e-4}, "out of range (lr)", "lr: 1e-4 is below 0.001"),
        ({"nodes": NODES}, {"nodes": 12}, "off the grid (nodes)", "nodes: 12 is between"),
        ({"act": ACTIVATION}, {"act": "elu"}, "not an option (act)", 'act: "elu" is not one of'),
        ({"lr": RATE}, {"lr": "auto"}, "not a number (lr)", 'lr: "auto" is not a number'),
        ({"x": DROPOUT}, {"lr": 1}, "without a value (x)", "x: has no value there, and no default"),
    ],
)
def test_what_does_not_fit_says_which_dimension_and_why(
    table: dict[str, Any], point: dict[str, Any], reason: str, text: str
) -> None:
    result = one(table, point)
    assert result.usable == {}
    assert result.reasons == {reason: 1}
    assert text in result.rejected[7]
    assert result.summary() == f"0 of 1 trial stays usable, 1 {reason}"


def test_a_new_dimension_gets_the_old_fixed_value_before_its_default() -> None:
    table = {"x": {**DROPOUT, "default": 0.0}}
    assert one(table, {}).usable == {7: {"x": 0.0}}
    assert one(table, {}).defaults == {"x": 0.0}
    was_fixed = one(table, {}, old_fixed={"x": 0.25})
    assert was_fixed.usable == {7: {"x": 0.25}}
    assert was_fixed.defaults == {}
    assert one(table, {"x": 0.5}, old_fixed={"x": 0.25}).usable == {7: {"x": 0.5}}
    assert one(table, {}, old_fixed={"x": 0.75}).reasons == {"out of range (x)": 1}


def test_a_removed_dimension_must_have_had_the_value_at_which_it_is_fixed_now() -> None:
    table = {"lr": RATE}
    assert one(table, {"lr": 0.01, "x": 3}, fixed={"x": 3.0}).usable == {7: {"lr": 0.01}}
    other = one(table, {"lr": 0.01, "x": 3}, fixed={"x": 4})
    assert other.reasons == {"fixed at another value now (x)": 1}
    assert other.rejected == {7: "x: was 3 and is fixed at 4 now"}
    assert one(table, {"lr": 0.01, "x": True}, fixed={"x": 1}).usable == {}
    # what changed between two tables [fixed] is asked elsewhere
    assert one(table, {"lr": 0.01}, fixed={"x": 4}, old_fixed={"x": 3}).rejected == {}


def test_an_option_that_carries_dimensions_now() -> None:
    plain = {"optimizer": "adam"}
    table = {"optimizer": OPTIMIZER}
    assert one(table, plain).reasons == {"without a value (beta2)": 1}
    fixed_then = {"beta2": 0.95, "decay": "none"}
    assert one(table, plain, old_fixed=fixed_then).usable == {7: {**plain, **fixed_then}}
    assert one(table, {**plain, **fixed_then}).usable == {7: {**plain, **fixed_then}}
    assert one(table, {"optimizer": "lbfgs"}).usable == {7: {"optimizer": "lbfgs"}}
    both = one(table, {"optimizer": "adam", "beta2": 2})
    assert "beta2: 2 is above 0.999; decay: has no value" in both.rejected[7]
    assert both.reasons == {"out of range (beta2)": 1}


def test_an_option_that_carries_another_constant_now() -> None:
    table = {"optimizer": OPTIMIZER}
    point = {"optimizer": "adam", "beta2": 0.95, "decay": "none"}
    assert one(table, {**point, "eps": 1e-8}).usable == {7: point}
    reason = {"fixed at another value now (eps)": 1}
    assert one(table, {**point, "eps": 1e-3}).reasons == reason
    assert one(table, point, old_fixed={"eps": 1e-3}).reasons == reason


def test_a_constant_of_one_option_that_another_one_searches() -> None:
    options = [{"name": "adam", "momentum": 0.0}, {"name": "sgd", "momentum": DROPOUT}]
    table = {"optimizer": {"type": "choice", "options": options}}
    assert one(table, {"optimizer": "adam", "momentum": 0.3}).usable == {}
    assert one(table, {"optimizer": "adam", "momentum": 0}).usable == {7: {"optimizer": "adam"}}
    searched = {"optimizer": "sgd", "momentum": 0.3}
    assert one(table, searched).usable == {7: searched}


def test_the_summary_counts_each_trial_once() -> None:
    space = space_of(
        learning_rate=RATE, act=ACTIVATION, dropout={**DROPOUT, "default": 0.0}, nodes=NODES
    )
    good = {"learning_rate": 0.01, "act": "relu", "nodes": 8}
    trials: list[tuple[int, dict[str, Any], dict[str, Any]]] = []
    trials += [(tid, good, {}) for tid in range(42)]
    trials += [(tid, {**good, "learning_rate": 0.5, "act": "elu"}, {}) for tid in range(42, 57)]
    trials += [(tid, {**good, "act": "elu"}, {}) for tid in range(57, 60)]
    result = fit(space, {}, trials)
    assert result.summary() == (
        "42 of 60 trials stay usable, 15 out of range (learning_rate), 3 not an option (act); "
        "dropout is new: old trials get its default 0.0"
    )
    assert set(result.usable) == set(range(42))
    assert set(result.rejected) == set(range(42, 60))
    assert "elu" in result.rejected[42]


def test_no_trials_and_no_change() -> None:
    assert fit(space_of(lr=RATE), {}, []).summary() == "there are no old trials"
    trials = [(tid, {"lr": 0.01}, {}) for tid in (1, 2)]
    assert fit(space_of(lr=RATE), {}, trials).summary() == "all 2 trials stay usable"


@given(st.lists(numeric_tables(), max_size=4), st.integers(0, 10**6))
def test_an_unchanged_space_keeps_every_trial_unchanged(
    tables: list[dict[str, Any]], seed: int
) -> None:
    space = space_of(**EXAMPLES, **{f"x{i}": t for i, t in enumerate(tables)}, tree=OPTIMIZER)
    rng = random.Random(seed)
    points = {tid: space.sample(rng) for tid in range(5)}
    result = fit(space, {}, [(tid, space.complete(p), {}) for tid, p in points.items()])
    assert result.usable == points
    assert result.defaults == {}


@given(numeric_tables(), numeric_tables(), st.integers(0, 10**6))
def test_what_is_usable_always_passes_the_check(
    old: dict[str, Any], new: dict[str, Any], seed: int
) -> None:
    space = space_of(x=new)
    rng = random.Random(seed)
    trials = [(tid, space_of(x=old).sample(rng), {}) for tid in range(9)]
    result = fit(space, {}, trials)
    assert set(result.usable) | set(result.rejected) == set(range(9))
    assert sum(result.reasons.values()) == len(result.rejected)
    for point in result.usable.values():
        assert space.check(point) == []
