from __future__ import annotations

import json
import math
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.space_tables import EXAMPLES, numeric_tables, space_of
from trialdeck.core.distributions import DISTRIBUTIONS, Distribution, PChoice, RandInt, UniformInt
from trialdeck.core.distributions.options import same

DRAWS = 4000


def distribution(table: dict[str, Any]) -> Distribution:
    return space_of(x=table)["x"].distribution


def draws(table: dict[str, Any], count: int = DRAWS, seed: int = 1) -> list[Any]:
    rng = random.Random(seed)
    made = distribution(table)
    return [made.sample(rng) for _ in range(count)]


def chi_square(counts: Counter[Any], expected: dict[Any, float]) -> float:
    """The statistic divided by its 99.99 % quantile (Wilson and Hilferty): above 1 is wrong."""
    assert counts.keys() <= expected.keys()
    total = sum(counts.values())
    statistic = sum((counts[v] - total * p) ** 2 / (total * p) for v, p in expected.items())
    freedom = len(expected) - 1
    quantile = freedom * (1 - 2 / (9 * freedom) + 3.72 * math.sqrt(2 / (9 * freedom))) ** 3
    return statistic / quantile


def kolmogorov(values: list[float], cdf: Any) -> float:
    """The greatest distance from the distribution function over its 99.99 % quantile."""
    ordered = sorted(values)
    n = len(ordered)
    distance = max(max((i + 1) / n - cdf(v), cdf(v) - i / n) for i, v in enumerate(ordered))
    return distance * math.sqrt(n) / 2.2


def phi(x: float, mu: float, sigma: float) -> float:
    return 0.5 * (1 + math.erf((x - mu) / (sigma * math.sqrt(2))))


def test_every_distribution_of_hyperopt_is_known() -> None:
    assert EXAMPLES.keys() == DISTRIBUTIONS.keys()
    assert len(DISTRIBUTIONS) == 12


@given(numeric_tables(), st.integers(0, 10**6))
def test_samples_fit_and_survive_hyperopt_and_json(table: dict[str, Any], seed: int) -> None:
    made = distribution(table)
    value = made.sample(random.Random(seed))
    assert type(value) in (int, float)
    assert made.misfit(value) is None
    assert made.nearest(value) == value
    for copied in (made.decode(made.encode(value)), json.loads(json.dumps(value))):
        assert copied == value
        assert type(copied) is type(value)


@given(numeric_tables(), st.floats() | st.integers(-(10**300), 10**300))
def test_the_nearest_value_fits_whatever_is_asked(table: dict[str, Any], number: float) -> None:
    made = distribution(table)
    nearest = made.nearest(number)
    assert made.misfit(nearest) is None
    if made.misfit(number) is None:
        assert nearest == pytest.approx(number, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("value", [True, "3", None, math.nan, math.inf, -math.inf, [3], {}])
def test_what_is_no_number_fits_no_numeric_dimension(value: Any) -> None:
    for kind, table in EXAMPLES.items():
        made = distribution(table)
        if made.kind == "numeric":
            misfit = made.misfit(value)
            assert misfit is not None, kind
            assert misfit.kind == "not a number"


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ({"low": 8, "high": 32, "q": 8}, [8, 16, 24, 32]),
        ({"low": 1, "high": 4.0, "q": 1}, [1, 2, 3, 4]),
        ({"low": 0.1, "high": 0.5, "q": 0.1}, [0.1, 0.2, 0.3, 0.4, 0.5]),
        ({"low": -1.0, "high": 1.0, "q": 1}, [-1.0, 0.0, 1.0]),
        ({"low": 1e-3, "high": 3e-3, "q": 1e-3}, [0.001, 0.002, 0.003]),
    ],
)
def test_a_grid_has_its_values_as_written_each_equally_likely(
    table: dict[str, Any], values: list[float]
) -> None:
    table = {"type": "quniform", **table}
    counts = Counter(draws(table))
    assert [repr(v) for v in sorted(counts)] == [repr(v) for v in values]
    assert chi_square(counts, dict.fromkeys(values, 1 / len(values))) < 1
    assert distribution(table).size() == len(values)


def test_the_ends_of_whole_numbers_are_as_likely_as_the_rest() -> None:
    for kind, values in (("uniformint", range(1, 7)), ("randint", range(3, 8))):
        counts = Counter(draws(EXAMPLES[kind]))
        assert sorted(counts) == list(values)
        assert chi_square(counts, dict.fromkeys(values, 1 / len(values))) < 1


def test_the_ends_of_a_logarithmic_grid_stand_for_all_that_rounds_to_them() -> None:
    values = range(2, 13, 2)
    whole = math.log(13) - math.log(1)
    expected = {v: (math.log(v + 1) - math.log(v - 1)) / whole for v in values}
    assert chi_square(Counter(draws(EXAMPLES["qloguniform"])), expected) < 1


def test_the_continuous_ones_follow_their_distribution_functions() -> None:
    ratio = math.log(0.1 / 1e-4)
    functions = {
        "uniform": lambda x: (x + 1) / 3.5,
        "loguniform": lambda x: math.log(x / 1e-4) / ratio,
        "normal": lambda x: phi(x, 3, 2),
        "lognormal": lambda x: phi(math.log(x), -1, 0.5),
    }
    for kind, cdf in functions.items():
        assert kolmogorov(draws(EXAMPLES[kind]), cdf) < 1, kind


def test_the_rounded_normal_ones_count_what_rounds_to_each_value() -> None:
    def expected(of: Any, q: int, first: int, last: int) -> dict[int, float]:
        inner = {v: of(v + q / 2) - of(v - q / 2) for v in range(first + q, last, q)}
        return {first: of(first + q / 2), **inner, last: 1 - of(last - q / 2)}

    qnormal = Counter(min(max(v, -8), 10) for v in draws(EXAMPLES["qnormal"]))
    assert chi_square(qnormal, expected(lambda x: phi(x, 1, 4), 2, -8, 10)) < 1
    qlog = Counter(min(v, 10) for v in draws(EXAMPLES["qlognormal"]))
    assert chi_square(qlog, expected(lambda x: phi(math.log(x), 1, 0.7), 1, 0, 10)) < 1


def test_options_are_drawn_with_their_probabilities() -> None:
    counts = Counter(draws(EXAMPLES["pchoice"]))
    assert chi_square(counts, {"a": 0.2, "b": 0.3, "c": 0.5}) < 1
    counts = Counter(map(repr, draws(EXAMPLES["choice"])))
    assert chi_square(counts, dict.fromkeys(["'relu'", "3", "True", "[1, 2]"], 0.25)) < 1


def test_the_tests_of_distributions_can_fail() -> None:
    halved_ends = Counter({1: 400, 2: 800, 3: 800, 4: 800, 5: 400})
    assert chi_square(halved_ends, dict.fromkeys(range(1, 6), 0.2)) > 1
    assert kolmogorov(draws(EXAMPLES["uniform"]), lambda x: ((x + 1) / 3.5) ** 1.2) > 1


def test_an_option_with_probability_0_is_never_drawn_but_fits() -> None:
    table = {"type": "pchoice", "options": ["old", "new"], "probabilities": [0, 1.0]}
    assert set(draws(table, 200)) == {"new"}
    assert distribution(table).misfit("old") is None


def test_probabilities_of_six_digits_are_scaled_to_a_sum_of_1() -> None:
    made = distribution({**EXAMPLES["pchoice"], "probabilities": [0.333333] * 3})
    assert isinstance(made, PChoice)
    assert math.fsum(made.probabilities) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("value", [1, 1.0, "true", [True], "True", None, [1, 2, 3], [True, 2]])
def test_an_option_is_not_what_merely_resembles_it(value: Any) -> None:
    made = distribution({"type": "choice", "options": [True, 2, [1, 2], "3"]})
    misfit = made.misfit(value)
    assert misfit is not None
    assert misfit.kind == "not an option"
    assert made.nearest(value) is True
    with pytest.raises(ValueError, match="is not one of"):
        made.encode(value)


def test_equal_numbers_are_the_same_option_and_the_written_one_is_used() -> None:
    made = distribution({"type": "choice", "options": [True, 2, [1, 2]]})
    assert made.misfit(2.0) is None
    assert repr(made.nearest(2.0)) == "2"
    assert repr(made.nearest([1.0, 2])) == "[1, 2]"
    assert same(1, 1.0)
    assert not same(1, True)


def test_a_list_that_was_drawn_can_be_changed_without_changing_the_space() -> None:
    made = distribution({"type": "choice", "options": [[1], [2]]})
    made.decode(0).append(9)
    assert made.decode(0) == [1]


def test_old_values_with_drift_fit_a_grid_and_lose_it() -> None:
    made = distribution({"type": "quniform", "low": 0.0, "high": 0.5, "q": 0.1})
    assert 3 * 0.1 != 0.3
    assert made.misfit(3 * 0.1) is None
    assert made.nearest(3 * 0.1) == 0.3
    misfit = made.misfit(0.35)
    assert misfit is not None
    assert misfit.kind == "off the grid"
    assert "0.35" in misfit.text


def test_a_fine_grid_far_from_zero_still_tells_its_values_apart() -> None:
    made = distribution({"type": "quniform", "low": 1e9, "high": 1e9 + 1, "q": 0.001})
    assert made.misfit(1e9 + 0.001) is None
    assert made.misfit(1e9 + 0.0015) is not None


@pytest.mark.parametrize(
    ("kind", "encoded", "value"),
    [
        ("uniform", 2.5000000001, 2.5),
        ("loguniform", 0.10000000000000002, 0.1),
        ("quniform", -0.0, 1),
        ("quniform", 5.0, 33),
        ("uniformint", 7.0, 6),
        ("qloguniform", 14.0, 12),
        ("randint", 0, 3),
        ("randint", 4, 7),
    ],
)
def test_what_spills_over_a_bound_is_put_back(kind: str, encoded: float, value: float) -> None:
    decoded = distribution(EXAMPLES[kind]).decode(encoded)
    assert repr(decoded) == repr(value)


def test_the_bounds_are_the_first_and_the_last_value() -> None:
    assert distribution(EXAMPLES["randint"]).bounds == (3, 7)
    assert distribution({"type": "randint", "high": 10}).bounds == (0, 9)
    assert distribution(EXAMPLES["loguniform"]).bounds == (1e-4, 0.1)
    assert distribution(EXAMPLES["normal"]).bounds is None
    assert distribution(EXAMPLES["choice"]).bounds is None


def test_whole_numbers_may_be_written_with_a_point() -> None:
    made = distribution({"type": "uniformint", "low": 1.0, "high": 1e3})
    assert made == UniformInt(low=1, high=1000)
    assert isinstance(made, UniformInt)
    assert not isinstance(made, RandInt)
