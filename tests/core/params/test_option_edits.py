from __future__ import annotations

import pytest

from tests.core.params.documents import TEXT, changed_lines, document
from trialdeck.core.errors import EditError

OPT = "space.optimizer"
PCHOICE = """\
[space]
x = { type = "pchoice", options = ["a", "b", 3], probabilities = [0.5, 0.25, 0.25] }
y = { type = "uniform", low = 0, high = 1 }
"""


def test_an_option_is_added_at_the_end() -> None:
    made = document()
    made.add_option(OPT)
    made.add_option(OPT, "rmsprop")
    assert changed_lines(TEXT, made.text) == (['  "a",', '  "rmsprop",'], [])
    made.add_option(f"{OPT}.options.sgd.nesterov", "auto")
    assert 'options = [true, false, "auto"] }' in made.text


def test_an_option_is_renamed_with_what_it_carries() -> None:
    made = document()
    made.rename_option(OPT, "sgd", "momentum-sgd")
    made.rename_option(OPT, 2, "LBFGS")
    assert made.row(f"{OPT}.options.momentum-sgd.momentum") is not None
    new, old = changed_lines(TEXT, made.text)
    assert new[1] == '  "LBFGS",'
    assert new[0] == old[0].replace('"sgd"', '"momentum-sgd"')
    made.rename_option(f"{OPT}.options.momentum-sgd.nesterov", 0, "yes")
    assert made.value(f"{OPT}.options.momentum-sgd.nesterov.options") == ["yes", False]


def test_an_option_is_deleted_with_what_it_carries() -> None:
    made = document()
    made.delete_option(OPT, "adam")
    assert "# the usual one" not in made.text
    assert changed_lines(TEXT, made.text)[0] == []
    made.delete_option(OPT, "lbfgs")
    assert [row.name for row in made.rows if row.depth] == ["momentum", "nesterov"]
    assert "is the only option" in made.problems[0].text


def test_probabilities_follow_their_options() -> None:
    made = document(PCHOICE)
    made.add_option("space.x")
    assert made.value("space.x.options") == ["a", "b", 3, "c"]
    assert made.value("space.x.probabilities") == [0.375, 0.1875, 0.1875, 0.25]
    made.delete_option("space.x", "a")
    weights = made.value("space.x.probabilities")
    assert sum(weights) == pytest.approx(1)
    assert weights[2] == max(weights)
    assert all(problem.key != "space.x" for problem in made.problems)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda made: made.add_option(OPT, "sgd"), "already"),
        (lambda made: made.rename_option(OPT, "adam", "lbfgs"), "already"),
        (lambda made: made.rename_option(OPT, "adam", 3), "text as its name"),
        (lambda made: made.rename_option(OPT, "gone", "x"), 'no option "gone"'),
        (lambda made: made.delete_option(OPT, 9), "no option number 9"),
        (lambda made: made.add_option("space.rate"), "has no options"),
    ],
)
def test_what_cannot_be_done(change, words: str) -> None:
    made = document()
    with pytest.raises(EditError, match=words):
        change(made)
    assert made.text == TEXT
