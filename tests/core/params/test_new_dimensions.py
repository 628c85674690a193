from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tests.core.space_tables import EXAMPLES, space_of
from trialdeck.core.distributions import DISTRIBUTIONS
from trialdeck.core.errors import EditError
from trialdeck.core.params.new_dimensions import new_table, retyped


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_new_dimensions_have_no_mistakes(kind: str) -> None:
    assert space_of(x=new_table(kind))["x"].type == kind
    new_table(kind).clear()
    assert len(new_table(kind)) > 1


def test_an_unknown_type() -> None:
    with pytest.raises(EditError, match=r"no type unifrom\. Did you mean uniform\?"):
        new_table("unifrom")


BROKEN: list[dict[str, Any]] = [
    {},
    {"low": 5, "high": 1},
    {"low": "a", "high": None, "q": 0},
    {"low": -3, "high": -1, "q": -2, "default": 7},
    {"mu": 1000, "sigma": -1},
    {"options": []},
    {"options": ["a"], "probabilities": [2]},
    {"options": [1, 2.5, 1]},
]


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_any_table_becomes_one_of_any_type_without_mistakes(kind: str) -> None:
    tables = [*EXAMPLES.values()]
    tables += [{"type": old, **table} for old, table in product(DISTRIBUTIONS, BROKEN)]
    for table in tables:
        assert space_of(x=retyped(table, kind))["x"].type == kind, table


@pytest.mark.parametrize(
    ("old", "kind", "new"),
    [
        ({"type": "uniform", "low": 0.5, "high": 2.5}, "uniformint", {"low": 0, "high": 3}),
        ({"type": "uniform", "low": 0.0, "high": 0.5}, "loguniform", {"low": 5e-4, "high": 0.5}),
        (
            {"type": "uniform", "low": 0.0, "high": 0.5},
            "quniform",
            {"low": 0.0, "high": 0.5, "q": 0.05},
        ),
        ({"type": "uniformint", "low": 1, "high": 6}, "randint", {"low": 1, "high": 7}),
        ({"type": "randint", "high": 4}, "uniformint", {"low": 0, "high": 3}),
        ({"type": "uniformint", "low": 1, "high": 4}, "choice", {"options": [1, 2, 3, 4]}),
        ({"type": "loguniform", "low": 1e-3, "high": 0.1}, "choice", {"options": [1e-3, 0.1]}),
        ({"type": "choice", "options": [64, 256, 128]}, "uniformint", {"low": 64, "high": 256}),
        ({"type": "choice", "options": ["a", "b"]}, "uniform", {"low": 0.0, "high": 1.0}),
        ({"type": "uniform", "low": 0, "high": 8}, "normal", {"mu": 4.0, "sigma": 2.0}),
        ({"type": "normal", "mu": 4, "sigma": 2}, "uniform", {"low": 0.0, "high": 8.0}),
        ({"type": "normal", "mu": 4, "sigma": 2}, "qnormal", {"mu": 4, "sigma": 2, "q": 1}),
        (
            {"type": "uniform", "low": 0, "high": 8, "default": 3},
            "uniformint",
            {"low": 0, "high": 8, "default": 3},
        ),
    ],
)
def test_what_has_a_meaning_is_taken_over(
    old: dict[str, Any], kind: str, new: dict[str, Any]
) -> None:
    assert retyped(old, kind) == {"type": kind, **new}
