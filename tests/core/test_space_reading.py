"""Every mistake in [space] names the offending value, and its cure works when it is written."""

from __future__ import annotations

import math
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.core.space_tables import EXAMPLES, bounds, decimals, positive, read
from trialdeck.core.distributions.bounds import fits
from trialdeck.core.reading import shown

if TYPE_CHECKING:
    from trialdeck.core.errors import Problem

PAIR = re.compile(r"(\w+) = (\[[^\]]*\]|\"[^\"]*\"|[^\s,]+)")
STEP = {"low": 0, "high": 10, "q": 2}


def only(table: dict[str, Any]) -> Problem:
    """The one mistake of a dimension called x."""
    _, problems = read({"x": table})
    assert len(problems) == 1, problems
    return problems[0]


def cured(table: dict[str, Any], cure: str) -> list[dict[str, Any]]:
    """The table with each alternative of a cure written into it."""
    tables = []
    for alternative in re.split(r",? or (?=\w+ = )", cure):
        pairs = PAIR.findall(alternative)
        assert pairs, cure
        new = tomllib.loads("\n".join(f"{name} = {value}" for name, value in pairs))
        drop = {"q"} if "without q" in alternative else set()
        tables.append({k: v for k, v in (table | new).items() if k not in drop})
    return tables


def assert_cures(table: dict[str, Any], *values: object) -> list[dict[str, Any]]:
    """The cures, after checking that they work and that the text has the offending values."""
    problem = only(table)
    for value in values:
        assert shown(value) in problem.text
    tables = cured(table, problem.cure)
    for new in tables:
        assert read({"x": new})[1] == [], problem
    return tables


@given(bounds(), decimals.map(abs).filter(lambda q: q > 1e-3))
def test_the_bounds_offered_for_a_step_fit_it_and_are_near(
    pair: tuple[float, float], q: float
) -> None:
    low, high = pair
    assume(not fits(low, high, q))
    tables = assert_cures({"type": "quniform", "low": low, "high": high, "q": q}, low, high, q)
    for new in tables:
        assert (new["low"] == low) != (new["high"] == high)
        assert abs(new["low"] - low) + abs(new["high"] - high) < q * (1 + 1e-9)
    assert any(new["high"] > high for new in tables)
    if high - low > q:
        assert any(new["high"] < high for new in tables)
    if not all(isinstance(x, float) for x in (low, q)):
        return
    assert any(new["low"] < low for new in tables)


def test_the_four_ways_to_mend_the_grid_of_2020() -> None:
    problem = only({"type": "quniform", "low": 1, "high": 256, "q": 8})
    for offer in ("low = 8, high = 256", "low = 1, high = 249", "low = 0, high = 256"):
        assert offer in problem.cure
    assert "low = 1, high = 257" in problem.cure


@given(bounds(), st.sampled_from(["uniform", "quniform", "uniformint", "randint"]), positive)
def test_swapped_bounds_are_offered_the_right_way_round(
    pair: tuple[float, float], kind: str, q: float
) -> None:
    high, low = pair
    if kind in ("uniformint", "randint"):
        high, low = math.floor(high), math.floor(low)
        assume(high < low)
    table = {"type": kind, "low": low, "high": high} | ({"q": q} if kind == "quniform" else {})
    for new in assert_cures(table, low, high):
        assert new["low"] < new["high"]


@given(bounds(positive), positive, st.booleans())
def test_the_bounds_offered_for_multiples_fit_and_are_near(
    pair: tuple[float, float], q: float, swap: bool
) -> None:
    low, high = pair
    assume(swap or not (fits(0, low, q) and fits(0, high, q)))
    table = {"type": "qloguniform", "q": q}
    table |= {"low": high, "high": low} if swap else {"low": low, "high": high}
    for new in assert_cures(table):
        assert 0 < new["low"] < new["high"]
        assert abs(new["low"] - low) < 2 * q
        assert abs(new["high"] - high) < 2 * q


@given(bounds(st.floats(-300, 300).map(lambda x: round(x, 3))), st.booleans())
def test_logarithms_given_as_bounds_are_offered_as_real_ones(
    pair: tuple[float, float], swap: bool
) -> None:
    low, high = pair
    assume(low <= 0)
    table = {"type": "loguniform", "low": high if swap else low, "high": low if swap else high}
    assert table["low"] != table["high"]
    problem = only(table)
    assert "not their logarithms" in problem.cure
    tables = assert_cures(table, low)
    assert any(math.isclose(math.log(new["high"]), high, abs_tol=1e-3) for new in tables)


@pytest.mark.parametrize("low", [1, 2, 3, 16, 0.5])
@pytest.mark.parametrize("high", [2000, 1024.0, 0.25])
def test_logarithms_of_round_numbers_are_found_out(low: float, high: float) -> None:
    table = {"type": "loguniform", "low": math.log(low), "high": math.log(high)}
    (new,) = assert_cures(table, math.log(min(low, high)))
    assert (new["low"], new["high"]) == (min(low, high), max(low, high))


def test_the_space_of_2020() -> None:
    log = math.log
    _, problems = read(
        {
            "nLayers": {"type": "quniform", "low": 0, "high": 5, "q": 1},
            "batch_size": {"type": "loguniform", "low": log(2), "high": log(2000)},
            "learning_rate": {"type": "loguniform", "low": log(1), "high": log(1e-4)},
            "Nodes": {"type": "quniform", "low": 1, "high": 256, "q": 8},
        }
    )
    texts = {problem.key: str(problem) for problem in problems}
    assert list(texts) == ["space.batch_size", "space.learning_rate", "space.Nodes"]
    assert "low = 2.0, high = 2000.0" in texts["space.batch_size"]
    assert "swapped" in texts["space.learning_rate"]
    assert "low = 1e-4, high = 1.0" in texts["space.learning_rate"]


@pytest.mark.parametrize(
    ("table", "key", "words"),
    [
        ({"type": "uniform", "low": "1e-4", "high": 1}, "low", ["text", "quotes: low = 1e-4"]),
        ({"type": "uniform", "low": 0, "high": "8"}, "high", ["text", "quotes: high = 8"]),
        ({"type": "loguniform", "low": "np.log(2)", "high": 9}, "low", ["real bound", "low = 2"]),
        ({"type": "uniform", "low": 0, "high": 1e200}, "high", ["too large", "high = 1e150"]),
        ({"type": "uniform", "low": -1e308, "high": 1}, "low", ["too large", "low = -1e150"]),
        ({"type": "uniform", "low": 1e-200, "high": 1}, "low", ["near to 0", "low = 1e-150"]),
        ({"type": "uniformint", "low": 0, "high": 6.5}, "high", ["whole", "high = 6", "high = 7"]),
        ({"type": "randint", "high": 2**60}, "high", ["too large", f"high = {2**50}"]),
        ({"type": "quniform", **STEP, "q": 0}, "q", ["is 0", "without q"]),
        ({"type": "quniform", **STEP, "q": -2}, "q", ["below 0", "q = 2"]),
        ({"type": "quniform", **STEP, "q": 1e-99}, "q", ["too small", "without q"]),
        ({"type": "qnormal", "mu": 0, "sigma": 1, "q": -0.5}, "q", ["below 0", "q = 0.5"]),
        ({"type": "normal", "mu": 0, "sigma": -2}, "sigma", ["below 0", "sigma = 2"]),
        ({"type": "lognormal", "mu": 1000, "sigma": 1}, "", ["overflows", "mu = 6.908"]),
        ({"type": "lognormal", "mu": 0, "sigma": 99}, "", ["overflows", "sigma = 1"]),
        ({"type": "randint", "high": 1}, "", ["only 0", "high = 2"]),
        ({**EXAMPLES["uniform"], "default": 3}, "default", ["3 is above 2.5", "default = 2.5"]),
        ({**EXAMPLES["uniform"], "default": "3"}, "default", ['"3"', "default = -1.0"]),
        ({**EXAMPLES["quniform"], "default": 10}, "default", ["10", "steps", "default = 9"]),
        ({**EXAMPLES["choice"], "default": "elu"}, "default", ['"elu"', 'default = "relu"']),
        (
            {**EXAMPLES["pchoice"], "probabilities": [0.2, 0.3, 0.4]},
            "probabilities",
            ["[0.2, 0.3, 0.4] sums to 0.9, not 1"],
        ),
        (
            {**EXAMPLES["pchoice"], "probabilities": [20, 30, 50]},
            "probabilities",
            ["sums to 100", "[0.2, 0.3, 0.5]"],
        ),
        (
            {**EXAMPLES["pchoice"], "probabilities": [-0.2, 0.3, 0.5]},
            "probabilities",
            ["-0.2 in", "not a probability"],
        ),
        (
            {**EXAMPLES["pchoice"], "probabilities": [0.5, 0.5]},
            "probabilities",
            ["2 numbers for 3 options"],
        ),
        ({**EXAMPLES["pchoice"], "probabilities": [0, 0, 0]}, "probabilities", ["sums to 0"]),
        ({**EXAMPLES["pchoice"], "probabilities": 0.5}, "probabilities", ["0.5 is not a list"]),
        ({**EXAMPLES["pchoice"], "probabilities": ["a", True, 1]}, "probabilities", ['"a" in']),
    ],
)
def test_each_mistake_has_its_key_its_value_and_a_cure_that_works(
    table: dict[str, Any], key: str, words: list[str]
) -> None:
    problem = only(table)
    assert problem.key == (f"space.x.{key}" if key else "space.x")
    for word in words:
        assert word in str(problem)
    assert_cures(table)


@given(st.lists(st.floats(0, 1e6) | st.integers(0, 100), min_size=2, max_size=6))
def test_probabilities_are_scaled_to_what_is_accepted(weights: list[float]) -> None:
    table = {"type": "pchoice", "options": list("abcdef")[: len(weights)]}
    table["probabilities"] = weights
    if abs(math.fsum(weights) - 1) > 1e-5:
        assert_cures(table, weights)
