"""The table [pruning]: what is read, and what is wrong with it."""

from pathlib import Path

import pytest

from trialdeck.core.errors import ParamsError
from trialdeck.core.params.changes import changes
from trialdeck.core.params.edits import fixed
from trialdeck.core.params.model import PruningTable
from trialdeck.core.params.quick import quick_text
from trialdeck.core.params.read import parse_params
from trialdeck.core.params.write import set_values

TEXT = """\
[search]
name = "top"
objective = "a:train"
[space]
rate = { type = "uniform", low = 0.0, high = 1.0 }

# which trials end early
[pruning]
algorithm = "asha"  # the usual one
"""


def read(values, text=TEXT):
    return parse_params(set_values(text, values), "x", Path("/nowhere"))


def problems(values):
    with pytest.raises(ParamsError) as caught:
        read(values)
    return caught.value.problems


def test_it_may_be_missing():
    assert read({"pruning": None}).pruning == PruningTable() == PruningTable(algorithm="none")


def test_every_key_is_read():
    values = {
        "algorithm": "median",
        "metric": "val_auc",
        "direction": "maximize",
        "min_steps": 4,
        "reduction_factor": 2,
        "startup_trials": 0,
    }
    table = read({f"pruning.{key}": value for key, value in values.items()}).pruning
    assert table == PruningTable(**values)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"pruning.algorithm": "hyperband"},
            '"hyperband" is not known; "asha" or "median" or "none" is wanted',
        ),
        (
            {"pruning.algorithm": "ashaa"},
            '"ashaa" is not known; "asha" or "median" or "none" is wanted. Did you mean "asha"?',
        ),
        ({"pruning.min_steps": 0}, "0 is too small; a whole number of at least 1 is wanted"),
        (
            {"pruning.min_steps": 2.0},
            "2.0 is a number with a decimal point; a whole number of at least 1 is wanted. Write 2",
        ),
        ({"pruning.reduction_factor": 1}, "1 is too small; a whole number of at least 2 is wanted"),
        ({"pruning.startup_trials": -1}, "-1 is too small; a whole number of at least 0 is wanted"),
        (
            {"pruning.min_step": 1},
            "there is no such key in [pruning]. Did you mean min_steps?",
        ),
        ({"pruning.epochs": 1}, "there is no such key in [pruning]. Known are algorithm, metric, "),
        (
            {"pruning.max_trials": 1},
            "there is no such key in [pruning]. It belongs to [search] or [quick]",
        ),
        (
            {"pruning.metric": "auc"},
            (
                '"auc" is not that of [search]: are its good values high or low. Write direction = '
                '"maximize" or direction = "minimize" below it'
            ),
        ),
        (
            {"pruning.direction": "maximize"},
            (
                '"maximize", but [search] has direction = "minimize" for the same metric, loss. '
                "Leave it out"
            ),
        ),
        ({"pruning": "asha"}, '"asha" is text; a table is wanted. Write [pruning]'),
    ],
)
def test_mistakes(values, said):
    [problem] = problems(values)
    text = f"{problem.text}. {problem.cure}" if problem.cure else problem.text
    assert text.startswith(said)
    assert problem.key == next(iter(values))


@pytest.mark.parametrize(
    "values",
    [
        {"pruning.algorithm": "ashaa"},
        {"pruning.metric": "auc"},
        {"pruning.direction": "maximize"},
        {"pruning.min_steps": 2.0},
        {"pruning.min_step": 2},
    ],
)
def test_every_cure_cures(values):
    [problem] = problems(values)
    assert problem.fixes
    for fix in problem.fixes:
        cured = fixed(set_values(TEXT, values), fix)
        parse_params(cured, "x", Path("/nowhere"))
        assert "# which trials end early" in cured


def test_a_direction_that_says_the_same_is_no_mistake():
    read({"pruning.metric": "loss", "pruning.direction": "minimize"})
    read({"search.metric": "auc", "pruning.metric": "loss"})


def test_comments_stay():
    changed = set_values(TEXT, {"pruning.algorithm": "median", "pruning.min_steps": 3})
    assert changed == TEXT.replace('"asha"', '"median"') + "min_steps = 3\n"


def test_a_change_of_it_leaves_the_losses_what_they_are():
    found = changes(read({}), read({"pruning.algorithm": "none"}))
    assert not found.meaning_changed
    assert not found.space_changed
    assert found.other == ('pruning.algorithm was "asha" and is "none"',)


def test_a_quick_scan_prunes_as_the_search_does():
    quick = quick_text(TEXT, read({}))
    assert parse_params(quick, "x", Path("/nowhere"), published=True).pruning == read({}).pruning
