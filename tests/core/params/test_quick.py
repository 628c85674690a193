import tomllib
from pathlib import Path

import pytest

from trialdeck.core.params.quick import quick_text
from trialdeck.core.params.read import parse_params

TEXT = """\
[search]
name = "top"
objective = "trialdeck.core.fcn:train"  # the network
max_trials = 50
[space]
nodes = { type = "uniform", low = 0.0, high = 1.0 }
"""


def quick_of(text):
    new = quick_text(text, parse_params(text, "x", Path("/nowhere")))
    parse_params(new, "x", Path("/nowhere"), published=True)
    assert "# the network" in new
    data = tomllib.loads(new)
    return data["search"]["name"], data["search"]["max_trials"], data.get("fixed")


@pytest.mark.parametrize(
    ("added", "quick"),
    [
        ("", ("top-quick", 10, {"jets": 2000})),
        ("[quick]", ("top-quick", 10, None)),
        ("[quick]\nmax_trials = 70", ("top-quick", 70, None)),
        (
            "[fixed]\nepochs = 9\ndata = 'x'\n[quick]\nfixed = { epochs = 1, 'a b' = 2 }",
            ("top-quick", 10, {"epochs": 1, "data": "x", "a b": 2}),
        ),
    ],
)
def test_quick(added, quick):
    assert quick_of(TEXT + added) == quick


def test_never_more_trials_than_the_search():
    assert quick_of(TEXT.replace("50", "4"))[1] == 4
