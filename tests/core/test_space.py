from __future__ import annotations

import dataclasses
import random
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.space_tables import EXAMPLES, OPTIMIZER, numeric_tables, read, space_of
from trialdeck.core.space import Dimension, Parent, Space, parse_space

DESIGN = """
layers        = { type = "uniformint", low = 1, high = 6 }
nodes         = { type = "quniform", low = 8, high = 256, q = 8 }
learning_rate = { type = "loguniform", low = 1e-4, high = 1e-1, default = 1e-3 }
activation    = { type = "choice", options = ["relu", "gelu"] }

[optimizer]
type = "choice"
options = [
  { name = "adam", beta2 = { type = "uniform", low = 0.9, high = 0.999 } },
  { name = "sgd", momentum = { type = "uniform", low = 0.0, high = 0.99 } },
]
"""


@pytest.fixture
def tree() -> Space:
    return space_of(lr=EXAMPLES["loguniform"], optimizer=OPTIMIZER)


def test_the_example_of_the_documentation() -> None:
    space, problems = read(tomllib.loads(DESIGN))
    assert problems == []
    described = {d.name: d.describe() for d in space.dimensions}
    assert described == {
        "layers": "1 … 6",
        "nodes": "8 … 256, step 8",
        "learning_rate": "1e-4 … 0.1 (log)",
        "activation": "relu | gelu",
        "optimizer": "adam | sgd",
        "beta2": "0.9 … 0.999",
        "momentum": "0.0 … 0.99",
    }
    rate = space["learning_rate"]
    assert (rate.type, rate.kind, rate.is_log) == ("loguniform", "numeric", True)
    assert (rate.bounds, rate.options, rate.default) == ((1e-4, 0.1), (), 1e-3)
    optimizer = space["optimizer"]
    assert (optimizer.kind, optimizer.bounds) == ("categorical", None)
    assert optimizer.options == ("adam", "sgd")
    assert space["momentum"].parent == Parent("optimizer", "sgd")
    assert space["layers"].parent is None


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("uniform", "-1 … 2.5"),
        ("qloguniform", "2 … 12 (log), step 2"),
        ("normal", "normal 3 ± 2.0"),
        ("qnormal", "normal 1 ± 4, step 2"),
        ("lognormal", "exp(normal -1 ± 0.5)"),
        ("qlognormal", "exp(normal 1 ± 0.7), step 1"),
        ("randint", "3 … 7 (in no order)"),
        ("choice", "relu | 3 | true | [1, 2]"),
        ("pchoice", "a 0.2 | b 0.3 | c 0.5"),
    ],
)
def test_a_dimension_says_in_few_words_what_it_is(kind: str, words: str) -> None:
    assert space_of(x=EXAMPLES[kind])["x"].describe() == words


def test_points_are_flat_and_have_what_their_options_carry(tree: Space) -> None:
    rng = random.Random(1)
    points = [tree.sample(rng) for _ in range(200)]
    names = {frozenset(point) for point in points}
    assert names == {
        frozenset({"lr", "optimizer", "beta2", "decay"}),
        frozenset({"lr", "optimizer", "beta2", "decay", "cycles"}),
        frozenset({"lr", "optimizer", "momentum"}),
        frozenset({"lr", "optimizer"}),
    }
    for point in points:
        assert tree.check(point) == []
        assert ("cycles" in point) == (point.get("decay") == "cosine")


def test_complete_adds_the_constants_of_the_chosen_options(tree: Space) -> None:
    adam = {"lr": 0.01, "optimizer": "adam", "beta2": 0.95, "decay": "none"}
    assert tree.complete(adam) == {**adam, "eps": 1e-8}
    assert tree.check(tree.complete(adam)) == []
    sgd = {"lr": 0.01, "optimizer": "sgd", "momentum": 0.5}
    assert tree.complete(sgd) == sgd
    assert tree.names == {"lr", "optimizer", "beta2", "decay", "cycles", "momentum", "eps"}


def test_constants_can_be_of_any_kind_and_are_copied() -> None:
    options = ["a", {"name": "b", "sizes": [1, 2], "more": {"deep": True}, "type": "wide"}]
    space = space_of(x={"type": "choice", "options": options})
    completed = space.complete({"x": "b"})
    assert completed == {"x": "b", "sizes": [1, 2], "more": {"deep": True}, "type": "wide"}
    completed["sizes"].append(3)
    completed["more"]["deep"] = False
    assert space.complete({"x": "b"})["sizes"] == [1, 2]
    assert space.complete({"x": "b"})["more"] == {"deep": True}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"lr": 0.5}, "lr: 0.5 is above 0.1"),
        ({"lr": "0.01"}, 'lr: "0.01" is not a number'),
        ({"lr": None}, "lr has no value"),
        ({"optimizer": "Adam"}, 'optimizer: "Adam" is not one of "adam", "sgd", "lbfgs"'),
        ({"optimizer": 0}, "optimizer: 0 is not one of"),
        ({"momentum": 0.5}, 'momentum goes with optimizer = "sgd" only'),
        ({"dropout": 0.5}, "dropout is not a dimension"),
        ({"eps": 1e-3}, "eps: 0.001 is not 1e-8"),
        ({"decay": "cosine"}, "cycles has no value"),
    ],
)
def test_check_says_why_a_point_does_not_fit(
    tree: Space, change: dict[str, Any], reason: str
) -> None:
    point = {"lr": 0.01, "optimizer": "adam", "beta2": 0.95, "decay": "none"}
    assert tree.check(point) == []
    changed = {k: v for k, v in {**point, **change}.items() if v is not None}
    assert any(text.startswith(reason) for text in tree.check(changed)), tree.check(changed)


def test_encoding_has_every_label_and_values_for_active_ones_only(tree: Space) -> None:
    point = {"lr": 0.01, "optimizer": "adam", "beta2": 0.95, "decay": "cosine", "cycles": 2}
    vals = tree.encode(point)
    assert vals == {
        "lr": [0.01],
        "optimizer": [0],
        "beta2": [0.95],
        "decay": [1],
        "cycles": [2.0],
        "momentum": [],
    }
    assert tree.decode(vals) == point
    with pytest.raises(KeyError):
        tree.decode({"lr": [0.01]})


@given(st.lists(numeric_tables(), min_size=1, max_size=5), st.integers(0, 10**6))
def test_decoding_undoes_encoding(tables: list[dict[str, Any]], seed: int) -> None:
    space = space_of(**{f"x{i}": table for i, table in enumerate(tables)}, tree=OPTIMIZER)
    point = space.sample(random.Random(seed))
    assert space.check(point) == []
    assert space.decode(space.encode(point)) == point


def test_the_same_seed_draws_the_same_points(tree: Space) -> None:
    one, other = ([tree.sample(random.Random(seed)) for seed in range(9)] for _ in range(2))
    assert one == other
    assert tree.sample(random.Random(1)) != tree.sample(random.Random(2))


def test_the_number_of_points() -> None:
    grid = EXAMPLES["quniform"]  # of 5
    assert space_of(a=grid, b=EXAMPLES["choice"], c=EXAMPLES["randint"]).size() == 5 * 4 * 5
    carrying = {
        "type": "choice",
        "options": ["x", {"name": "y", "a": grid, "b": EXAMPLES["pchoice"]}],
    }
    assert space_of(c=carrying).size() == 1 + 5 * 3
    assert space_of(a=grid, c=OPTIMIZER).size() is None
    assert space_of(a=EXAMPLES["qnormal"]).size() is None


def test_a_space_is_asked_for_its_dimensions_by_name(tree: Space) -> None:
    assert tree["cycles"].parent == Parent("decay", "cosine")
    assert "cycles" in tree
    assert "eps" not in tree
    assert len(tree) == 6
    assert [d.name for d in tree.children(None)] == ["lr", "optimizer"]
    assert [d.name for d in tree.children(Parent("optimizer", "adam"))] == ["beta2", "decay"]
    with pytest.raises(KeyError, match="eps"):
        tree["eps"]


def test_a_dimension_cannot_be_changed(tree: Space) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        tree["lr"].name = "x"  # type: ignore[misc]  # that it cannot is what is tested
    with pytest.raises(dataclasses.FrozenInstanceError):
        tree["lr"].distribution.low = 3  # type: ignore[attr-defined]  # as above


def test_a_dimension_is_written_as_it_was_read(tree: Space) -> None:
    written = {d.name: d.to_toml() for d in tree.dimensions if d.parent is None}
    assert written == {"lr": EXAMPLES["loguniform"], "optimizer": OPTIMIZER}
    written["lr"]["low"] = 5
    assert parse_space({d.name: d.to_toml() for d in tree.children(None)}, []) == tree


@pytest.mark.parametrize(
    ("kind", "written", "default"),
    [
        ("uniform", 1, "1.0"),
        ("quniform", 9.0, "9"),
        ("choice", [1, 2], "[1, 2]"),
        ("choice", True, "True"),
        ("loguniform", 1e-4, "0.0001"),
        ("uniform", 0, "0.0"),
    ],
)
def test_a_default_takes_the_type_of_the_dimension(kind: str, written: Any, default: str) -> None:
    space = space_of(x={**EXAMPLES[kind], "default": written})
    assert repr(space["x"].default) == default
    assert space["x"].to_toml()["default"] == written


def test_a_dimension_without_default_has_none() -> None:
    assert [d.default for d in space_of(**EXAMPLES).dimensions] == [None] * 12
    assert isinstance(space_of(**EXAMPLES)["choice"], Dimension)
