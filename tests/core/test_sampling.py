from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.space_tables import EXAMPLES, numeric_tables, space_of
from trialdeck.core.sampling import SAMPLES, examples, histogram, samples


def dimension(**table):
    return space_of(x=table)["x"]


def test_the_same_seed_draws_the_same_values() -> None:
    made = dimension(**EXAMPLES["uniform"])
    assert samples(made) == samples(made)
    assert samples(made, 9, seed=1) != samples(made, 9, seed=2)
    assert len(samples(made)) == SAMPLES
    assert len(examples(made)) == 5
    assert all(made.distribution.misfit(value) is None for value in examples(made, 50))


@given(numeric_tables(), st.integers(2, 40))
def test_every_histogram_has_rising_edges_and_counts_nearly_all(table, bins: int) -> None:
    made = dimension(**table)
    found = histogram(made, bins, 300)
    assert len(found.edges) == len(found.counts) + 1 <= bins + 1
    assert all(a < b for a, b in zip(found.edges, found.edges[1:], strict=False))
    assert found.log is (made.is_log and found.edges[0] > 0)
    assert sum(found.counts) == 300 if made.bounds else sum(found.counts) > 270
    assert found.labels == ()


def test_the_bars_of_a_logarithm_are_equally_high_and_wide_on_its_axis() -> None:
    found = histogram(dimension(type="loguniform", low=1e-4, high=1.0), 4)
    assert found.log
    assert found.edges == pytest.approx((1e-4, 1e-3, 1e-2, 0.1, 1.0))
    assert all(400 < count < 600 for count in found.counts)


def test_few_values_have_a_bar_each() -> None:
    found = histogram(dimension(type="uniformint", low=1, high=3), 10)
    assert found.edges == (0.5, 1.5, 2.5, 3.5)
    assert all(600 < count < 740 for count in found.counts)
    assert len(histogram(dimension(type="uniformint", low=1, high=300), 10).counts) == 10
    grid = histogram(dimension(type="quniform", low=0.0, high=1.0, q=0.25), 10)
    assert grid.edges == pytest.approx((-0.125, 0.125, 0.375, 0.625, 0.875, 1.125))


def test_a_choice_has_a_bar_for_each_option() -> None:
    found = histogram(dimension(**EXAMPLES["pchoice"]), 2)
    assert found.labels == ("a", "b", "c")
    assert found.edges == ()
    assert [round(count / SAMPLES, 1) for count in found.counts] == [0.2, 0.3, 0.5]
    assert histogram(dimension(**EXAMPLES["choice"]), 9).labels == ("relu", "3", "true", "[1, 2]")


def test_normal_ones_are_shown_where_they_mostly_are() -> None:
    found = histogram(dimension(type="normal", mu=5, sigma=2.0), 6)
    assert (found.edges[0], found.edges[-1]) == (-1, 11)
    assert not found.log
    assert histogram(dimension(type="lognormal", mu=0, sigma=1), 6).log
    zero = histogram(dimension(type="qlognormal", mu=0, sigma=1, q=1), 20)
    assert not zero.log
    assert zero.edges[0] == -0.5
    assert zero.counts[0] > 300


def test_drawing_is_quick() -> None:
    for table in (*EXAMPLES.values(), {"type": "quniform", "low": 0.0, "high": 1.0, "q": 1e-3}):
        made = dimension(**table)
        took = []
        for _ in range(4):
            start = time.perf_counter()
            samples(made)
            took.append(time.perf_counter() - start)
        assert min(took) < 0.03, table  # 10 ms on a machine that does nothing else
