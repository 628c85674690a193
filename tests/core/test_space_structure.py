"""Mistakes in how [space] is put together: types, keys, names, options, nesting."""

from __future__ import annotations

import datetime
import json
import math
import random
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.space_tables import EXAMPLES, OPTIMIZER, numeric_tables, read
from trialdeck.core.distributions import DISTRIBUTIONS
from trialdeck.core.space import parse_space

UNIT = {"type": "uniform", "low": 0, "high": 1}


def choice(*options: Any) -> dict[str, Any]:
    return {"type": "choice", "options": list(options)}


@pytest.mark.parametrize(
    ("table", "key", "words"),
    [
        ({}, "space", ["nothing to search", "space.x = {"]),
        ({"x": 3}, "space.x", ["3 is no table", "[fixed]: x = 3"]),
        ({"x": [1, 2]}, "space.x", ["[1, 2]", 'type = "choice", options = [1, 2]']),
        ({"x": {"low": 0, "high": 1}}, "space.x.type", ["missing", '"uniform" or "loguniform"']),
        ({"x": {"options": [1, 2]}}, "space.x.type", ["missing", 'Write type = "choice"']),
        ({"x": {}}, "space.x.type", ["missing", "qlognormal"]),
        ({"x": {"type": "unifrom"}}, "space.x.type", ['"unifrom"', "Did you mean uniform?"]),
        ({"x": {"type": "hp.quniform"}}, "space.x.type", ["Did you mean quniform?"]),
        ({"x": {"type": "gamma"}}, "space.x.type", ['"gamma"', "Known are"]),
        ({"x": {"type": 3}}, "space.x.type", ["3 is no text"]),
        ({"x": {"type": ["uniform"]}}, "space.x.type", ['["uniform"] is no text']),
        ({"x": {**UNIT, "hihg": 2}}, "space.x.hihg", ["hihg", "Did you mean high?"]),
        ({"x": {**UNIT, "q": 2}}, "space.x.q", ["unknown key q", "low"]),
        ({"x": {"type": "uniform", "low": 0}}, "space.x.high", ["missing", "Write high"]),
        ({"x": {**UNIT, "low": math.nan}}, "space.x.low", ["nan is not finite"]),
        ({"x": {**UNIT, "high": math.inf}}, "space.x.high", ["inf is not finite"]),
        ({"x": {**UNIT, "high": True}}, "space.x.high", ["true is not a number"]),
        ({"x": {**UNIT, "high": [1]}}, "space.x.high", ["[1] is not a number"]),
        ({"x": {**UNIT, "high": 10**400}}, "space.x.high", ["401 digits", "too large"]),
        ({"x": {**UNIT, "high": "eight"}}, "space.x.high", ['"eight" is text']),
        ({"x": {**UNIT, "high": "inf"}}, "space.x.high", ['"inf" is text', "finite"]),
        ({"x": {**UNIT, "high": 0}}, "space.x", ["both 0", "[fixed]: x = 0"]),
        ({"x": {**EXAMPLES["normal"], "sigma": 0}}, "space.x.sigma", ["0", "[fixed]: x = 3"]),
        ({"": UNIT}, 'space.""', ['"" is not a usable name']),
        ({"a.b": UNIT}, 'space."a.b"', ['"a.b"', "as in a_b"]),
        ({"a b ": UNIT}, 'space."a b "', ['"a b "', "as in a_b"]),
        ({"x": {"type": "choice"}}, "space.x.options", ["missing"]),
        ({"x": {"type": "choice", "options": "ab"}}, "space.x.options", ['"ab" is not a list']),
        ({"x": choice()}, "space.x.options", ["[]", "no options"]),
        ({"x": choice("relu")}, "space.x.options", ['"relu"', '[fixed]: x = "relu"']),
        ({"x": choice({"name": "a", "y": UNIT})}, "space.x.options", ["only option", "[space]"]),
        ({"x": choice("a", "b", "a")}, "space.x.options", ['"a" is there twice']),
        ({"x": choice("a", {"name": "a"})}, "space.x.options", ['"a" is there twice']),
        ({"x": choice([1], [1.0])}, "space.x.options", ["[1.0] is there twice"]),
        ({"x": choice(1, True)}, "space.x.options", ["1 and true are equal", '"1", "true"']),
        ({"x": choice([0], [False])}, "space.x.options", ["[0] and [false] are equal"]),
        ({"x": choice(1, math.nan)}, "space.x.options", ["nan", "not finite"]),
        ({"x": choice(1, 2**63)}, "space.x.options", [str(2**63), "digits"]),
        ({"x": choice("a", datetime.date(2020, 1, 2))}, "space.x.options", ["2020-01-02", "text"]),
        ({"x": choice("a", {"y": UNIT})}, "space.x.options", ["has no name", "uniform"]),
        ({"x": choice("a", {"name": 3})}, "space.x.options", ["the name 3"]),
        ({"x": choice("a", {"name": "b", **UNIT})}, "space.x.options", ["dimension itself"]),
        (
            {"x": choice("a", {"name": "b", "y": {"low": 0, "high": 1}})},
            "space.x.options.b.y.type",
            ["missing"],
        ),
        (
            {"x": choice("a", {"name": "b c", "y": {**UNIT, "low": 2}})},
            'space.x.options."b c".y',
            ["low = 2 is above high = 1"],
        ),
        (
            {"x": choice("a", {"name": "b", "since": datetime.date(2020, 1, 2)})},
            "space.x.options.b.since",
            ["2020-01-02", 'text: "2020-01-02"'],
        ),
    ],
)
def test_each_mistake_is_told_where_it_is(
    table: dict[str, Any], key: str, words: list[str]
) -> None:
    _, problems = read(table)
    assert [problem.key for problem in problems] == [key]
    for word in words:
        assert word in str(problems[0])


def test_names_are_unique_in_the_whole_tree() -> None:
    table = {
        "lr": UNIT,
        "x": choice({"name": "a", "lr": UNIT, "m": UNIT}, {"name": "b", "m": UNIT, "x": 1}),
    }
    _, problems = read(table)
    assert [p.key for p in problems] == [
        "space.x.options.a.lr",
        "space.x.options.b.m",
        "space.x.options.b.x",
    ]
    assert problems[0].text == "the name lr is already taken by space.lr"
    assert "a_lr" in problems[0].cure
    assert "space.x.options.a.m" in problems[1].text


def test_other_options_may_fix_what_one_searches() -> None:
    table = {"x": choice({"name": "a", "m": UNIT}, {"name": "b", "m": 0}, {"name": "c", "m": 1})}
    assert read(table)[1] == []


def test_all_mistakes_are_collected_and_the_rest_is_read() -> None:
    table = {
        "good": UNIT,
        "bad": {"type": "quniform", "low": "a", "high": math.inf, "q": True, "step": 1},
        "worse": {"type": "pchoice", "options": [], "probabilities": [2]},
        "optimizer": choice({"name": "adam", "beta": {"type": "uniform", "low": 2, "high": 1}}),
        "last": EXAMPLES["choice"],
    }
    space, problems = read(table)
    assert [p.key.removeprefix("space.") for p in problems] == [
        "bad.step",
        "bad.low",
        "bad.high",
        "bad.q",
        "worse.options",
        "worse.probabilities",
        "optimizer.options",
        "optimizer.options.adam.beta",
    ]
    assert [d.name for d in space.dimensions] == ["good", "last"]


def test_the_prefix_begins_every_key() -> None:
    problems: list[Any] = []
    parse_space({"x": {**UNIT, "low": 2}}, problems, prefix="here")
    assert problems[0].key == "here.x"


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "x", "name", *DISTRIBUTIONS])
    | st.just(datetime.time(1, 2)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "low",
                    "high",
                    "q",
                    "mu",
                    "sigma",
                    "options",
                    "probabilities",
                    "name",
                    "default",
                    "x",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["x", "y", "a.b"]), junk, min_size=1), numeric_tables())
def test_nothing_that_is_written_raises(table: dict[str, Any], good: dict[str, Any]) -> None:
    space, problems = read({"good": good, "tree": OPTIMIZER, **table})
    for problem in problems:
        assert problem.text
        assert str(problem).startswith("space.")
    assert "good" in space
    for dimension in space.dimensions:
        assert dimension.describe()
        dimension.to_toml()
    point = space.sample(random.Random(0))
    assert space.check(point) == []
    json.dumps(space.complete(point), allow_nan=False)


def test_reading_a_space_loads_nothing_heavy() -> None:
    code = (
        "import sys, random; from trialdeck.core.space import parse_space;"
        "s = parse_space({'x': {'type': 'uniform', 'low': 0, 'high': 1}}, []);"
        "s.encode(s.sample(random.Random(0))); import trialdeck.core.compatibility;"
        "print(*{'numpy', 'hyperopt', 'scipy', 'tomlkit', 'msgspec'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
