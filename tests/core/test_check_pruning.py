"""What `check` says where trials are to be pruned by what they never report."""

import pytest

from tests.searching import project
from trialdeck.core.check import check
from trialdeck.core.objective import takes_trial
from trialdeck.core.params.write import set_values

OBJECTIVES = """\
def alone(params):
    return 1.0

def quiet(params, trial):
    return 1.0

def by_name(x, trial):
    return 1.0
"""


def said(folder, function, algorithm, code=OBJECTIVES):
    file = project(folder, "fine")
    (folder / "mine.py").write_text(code)
    values = {"search.objective": f"mine.py:{function}", "pruning.algorithm": algorithm}
    file.write_text(set_values(file.read_text(), values))
    return [one.text for one in check(file) if one.text.startswith("[pruning]")]


def test_an_objective_that_gets_no_trial(tmp_path):
    [text] = said(tmp_path, "alone", "asha")
    assert "alone() takes no trial, and so cannot call trial.report" in text
    assert said(tmp_path, "alone", "none") == []


def test_an_objective_that_never_says_report(tmp_path):
    [text] = said(tmp_path, "quiet", "median")
    assert "mine.py says nothing of trial.report" in text


def test_one_that_reports(tmp_path):
    code = OBJECTIVES.replace("return 1.0", "trial.report(1, loss=1.0)")
    assert said(tmp_path, "quiet", "asha", code) == []


@pytest.mark.parametrize(
    ("function", "takes"),
    [
        (lambda params: 0, False),
        (lambda params, trial: 0, True),
        (lambda params, anything: 0, True),
        (lambda x, trial: 0, True),
        (lambda x, epochs: 0, False),
        (lambda **everything: 0, True),
    ],
)
def test_who_gets_a_trial(function, takes):
    assert takes_trial(function) == takes
