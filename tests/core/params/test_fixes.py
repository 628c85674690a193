"""Applying any fix that is offered makes its problem go away."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.params.documents import document
from tests.core.space_tables import EXAMPLES
from trialdeck.core.distributions import DISTRIBUTIONS
from trialdeck.core.params.toml_text import dotted, render

if TYPE_CHECKING:
    from trialdeck.core.params.document import Document

HEAD = '[search]\nname = "top"\nobjective = "trialdeck.core.demo:branin"\n'
SPACE = '[space]\ny = { type = "uniform", low = 0, high = 1 }\n'
RATE = 'learning_rate = { type = "loguniform", low = 1e-4, high = 0.1 }'
UNIT = {"type": "uniform", "low": 0, "high": 1}


def with_space(**table: Any) -> Document:
    pairs = "".join(f"{dotted([name])} = {render(value)}\n" for name, value in table.items())
    return document(f"{HEAD}[space]\n{pairs}")


def check_fixes(made: Document) -> list[str]:
    """Apply every fix by itself; return their texts."""
    texts = []
    for problem in made.problems:
        for fix in problem.fixes:
            made.apply(fix)
            left = [(p.key, p.text) for p in made.problems]
            assert (problem.key, problem.text) not in left, (fix, made.text)
            made.undo()
            texts.append(fix.text)
    return texts


def choice(*options: Any) -> dict[str, Any]:
    return {"type": "choice", "options": list(options)}


@pytest.mark.parametrize(
    ("table", "texts"),
    [
        ({**UNIT, "low": 2}, ["low = 1, high = 2"]),
        ({**UNIT, "low": 1}, ["always 1, in [fixed]"]),
        (
            {**UNIT, "type": "loguniform", "low": -4.0},
            ["low = 0.01832, high = 2.718", "low = 0.001, high = 1"],
        ),
        (
            {"type": "quniform", "low": 1, "high": 256, "q": 8},
            [
                "low = 8, high = 256",
                "low = 1, high = 249",
                "low = 0, high = 256",
                "low = 1, high = 257",
            ],
        ),
        ({"type": "quniform", "low": 0, "high": 8, "q": -2}, ["q = 2"]),
        ({"type": "quniform", "low": 0, "high": 8, "q": 0}, ['type = "uniform", without q']),
        ({**UNIT, "low": "1e-4"}, ["low = 1e-4"]),
        ({**UNIT, "type": "uniformint", "high": 6.5}, ["high = 6", "high = 7"]),
        ({**UNIT, "type": "unifrom"}, ['type = "uniform"']),
        (
            {"low": 0, "high": 1},
            ['type = "uniform"', 'type = "loguniform"', 'type = "uniformint"', 'type = "randint"'],
        ),
        ({**UNIT, "hihg": 3}, ["without hihg"]),
        ({"type": "uniform", "low": 0, "hihg": 3}, ["rename it high", "without hihg"]),
        ({**UNIT, "default": 9}, ["default = 1.0"]),
        (
            {**EXAMPLES["pchoice"], "probabilities": [20, 30, 50]},
            ["probabilities = [0.2, 0.3, 0.5]"],
        ),
        ({**EXAMPLES["normal"], "sigma": -2}, ["sigma = 2"]),
        ({**EXAMPLES["normal"], "sigma": 0}, ["always 3, in [fixed]"]),
        ({"type": "lognormal", "mu": 1000, "sigma": 1}, ["mu = 6.908, sigma = 1"]),
        (choice("a", "a", "b"), ["without number 2"]),
        (choice("a", 1, True), ['"1", "true"']),
        (choice("a"), ['always "a", in [fixed]']),
        (choice("a", datetime.date(2020, 1, 2)), ['"2020-01-02"']),
        (choice("a", {"name": "b", "m": {**UNIT, "low": 1}}), ["always 1"]),
        (choice("a", {"name": "b", "y": UNIT}), ["rename it b_y"]),
        (choice("a", {"name": "b", "since": datetime.date(2020, 1, 2)}), ['since = "2020-01-02"']),
        (3, ["always 3, in [fixed]"]),
        ([1, 2], ["choose from it"]),
    ],
)
def test_the_fixes_of_a_dimension(table: Any, texts: list[str]) -> None:
    made = with_space(y=UNIT, x=table)
    assert [fix.text for problem in made.problems for fix in problem.fixes] == texts
    check_fixes(made)


def test_a_name_that_is_none_is_renamed_in_its_place() -> None:
    made = with_space(**{"a b ": UNIT, "y": UNIT})
    assert check_fixes(made) == ["rename it a_b"]
    made.apply(made.problems[0].fixes[0])
    assert [row.name for row in made.rows] == ["a_b", "y"]
    assert made.undo_text == "fix: rename it a_b"


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        (HEAD + 'max_trials = "100"\n' + SPACE, ["max_trials = 100"]),
        (HEAD + "max_trials = 100.0\n" + SPACE, ["max_trials = 100"]),
        (HEAD + "max_trails = 5\n" + SPACE, ["rename it max_trials", "without max_trails"]),
        (HEAD + 'direction = "max"\n' + SPACE, ['direction = "maximize"']),
        (HEAD + "retries = 5\n" + SPACE, ["move it to [cores]", "without retries"]),
        (HEAD + SPACE + "[coers]\ncount = 1\n", ["rename it cores", "without coers"]),
        (HEAD + SPACE + "[backends.locl]\n", ["rename it local", "without locl"]),
        (HEAD + SPACE + "[backends.local]\ncore = 1\n", ["rename it cores", "without core"]),
        (HEAD + SPACE + "[fixed]\nday = 2024-01-01\n", ['day = "2024-01-01"']),
        (HEAD + SPACE + "[fixed]\na = [1, inf]\n", ['"inf"']),
        (HEAD + SPACE + '[cores]\npreload = "torch"\n', ['preload = ["torch"]']),
        (
            HEAD + SPACE + "[fixed]\ny = 1\n",
            ["keep the one that is searched in [space]", "keep the one in [fixed]"],
        ),
        (HEAD, [RATE]),
        (HEAD + "[space]\n", [RATE]),
        (SPACE, ['name = "my-search"', 'objective = "trialdeck.core.fcn:train"']),
        (HEAD.replace("top", "a b") + SPACE, ['name = "a-b"']),
        (HEAD.replace("top", "a-quick") + SPACE, ['name = "a"']),
        (HEAD.replace(":branin", ".branin") + SPACE, ['objective = "trialdeck.core.demo:branin"']),
    ],
)
def test_the_fixes_of_the_other_tables(text: str, texts: list[str]) -> None:
    made = document(text)
    assert [fix.text for problem in made.problems for fix in problem.fixes] == texts
    check_fixes(made)


def test_a_table_is_renamed_with_its_comments() -> None:
    made = document(HEAD + SPACE + "# of cores\n[coers]  # here\ncount = 1  # one\n")
    made.apply(made.problems[0].fixes[0])
    assert made.text == HEAD + SPACE + "# of cores\n[cores]  # here\ncount = 1  # one\n"


numbers = st.sampled_from([-5, -1, 0, 0.0, 1, 8, 0.3, -2.302585092994046, 1e200, 10**60, 3.5])
values = numbers | st.sampled_from(["1", "np.log(2)", "x", True, [1, 2], [0.5, 0.6]])
names = st.sampled_from(
    ["low", "hihg", "high", "q", "mu", "sigma", "options", "probabilities", "default"]
)
kinds = st.sampled_from([*DISTRIBUTIONS, "unifrom", "log-uniform"])
options = st.lists(st.sampled_from(["a", "b", 1, True, 1.0, "a"]), max_size=4)
tables = st.builds(
    lambda kind, given, own: {"type": kind, **given, **own},
    kinds,
    st.dictionaries(names, values, max_size=4),
    st.fixed_dictionaries(
        {}, optional={"options": options, "low": numbers, "high": numbers, "q": numbers}
    ),
)


@given(tables, tables, st.booleans())
@settings(max_examples=80, deadline=None)
def test_any_fix_of_any_mistake_works(one: dict[str, Any], two: dict[str, Any], nest: bool) -> None:
    if nest:
        two = choice("b", {"name": "a", "inner": two})
    check_fixes(with_space(x=one, **{"y z": two}))
