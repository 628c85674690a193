from pathlib import Path

import pytest

from trialdeck.core.params.changes import changes
from trialdeck.core.params.read import parse_params
from trialdeck.core.params.write import set_values

TEXT = """\
[search]
name = "top"
objective = "a:train"
[fixed]
epochs = 3
deep = { a = 1, b = 2 }
[space]
rate = { type = "uniform", low = 0.0, high = 1.0 }
[space.optimizer]
type = "choice"
options = [
  { name = "adam", beta = { type = "uniform", low = 0, high = 1 } },
  { name = "sgd", k = 1 },
]
"""


def read(text):
    return parse_params(text, "x", Path("/nowhere"))


def after(values):
    return changes(read(TEXT), read(set_values(TEXT, values)))


# the values that change -> sentences about the space, about what a loss means, about the rest
CASES = [
    ({"search.max_trials": 7}, [], [], ["search.max_trials was 100 and is 7"]),
    ({"search.failed_loss": 1.0}, [], [], ["search.failed_loss is new: 1.0"]),
    ({"cores.time_limit": "2h"}, [], [], ["cores.time_limit is new: 7200.0"]),
    ({"quick.max_trials": 2}, [], [], ["quick.max_trials is new: 2"]),
    ({"backends.local.cores": 2}, [], [], []),
    ({"fixed.deep": {"b": 2, "a": 1}}, [], [], []),
    (
        {"search.direction": "maximize"},
        [],
        ['search.direction was "minimize" and is "maximize"'],
        [],
    ),
    ({"search.metric": "auc"}, [], ['search.metric was "" and is "auc"'], []),
    ({"search.objective": "b:x"}, [], ['search.objective was "a:train" and is "b:x"'], []),
    ({"fixed.epochs": 3.0}, [], ["fixed.epochs was 3 and is 3.0"], []),
    ({"fixed.epochs": None}, [], ["fixed.epochs is gone; it was 3"], []),
    ({'fixed."my key"': "x"}, [], ['fixed."my key" is new: "x"'], []),
    ({"space.rate.low": 0}, [], [], []),
    ({"space.rate.low": 0.5}, ["rate was uniform 0.0 … 1.0 and is uniform 0.5 … 1.0"], [], []),
    (
        {"space.x": {"type": "uniformint", "low": 1, "high": 5}},
        ["x is searched now: uniformint 1 … 5"],
        [],
        [],
    ),
    ({"space.rate": None}, ["rate is no longer searched"], [], []),
    (
        {"space.optimizer.options": [{"name": "adam"}, {"name": "sgd", "k": 1}]},
        ["beta is no longer searched"],
        [],
        [],
    ),
    (
        {
            "space.optimizer.options": [
                {"name": "adam"},
                {"name": "sgd", "k": 2, "beta": {"type": "uniform", "low": 0, "high": 1}},
            ]
        },
        [
            'beta goes with optimizer = "sgd"; it went with optimizer = "adam"',
            "what the options of a choice set has changed",
        ],
        [],
        [],
    ),
]


@pytest.mark.parametrize(
    ("values", "space", "meaning", "other"), CASES, ids=[" ".join(case[0]) for case in CASES]
)
def test_what_changed(values, space, meaning, other):
    found = after(values)
    assert (list(found.space), list(found.meaning), list(found.other)) == (space, meaning, other)
    assert (found.space_changed, found.meaning_changed) == (bool(space), bool(meaning))
    assert list(found.sentences) == meaning + space + other
