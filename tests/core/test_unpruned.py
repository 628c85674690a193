from pathlib import Path

import pytest

from tests.core.history.making import finished, snapshot_of, started
from trialdeck.core.history.events import Trouble
from trialdeck.core.params.read import parse_params
from trialdeck.core.pruning import rule_of
from trialdeck.core.unpruned import FEWEST, NO_REPORTS, reports_others, why_unpruned

TEXT = """
[search]
name = "a"
objective = "a:b"
[pruning]
algorithm = "{}"
[space]
x = {{ type = "uniform", low = 0, high = 1 }}
"""
NEVER = parse_params(TEXT.format("none"), "x", Path("/nowhere"))
PRUNES = parse_params(TEXT.format("asha"), "x", Path("/nowhere"))


def trials(*steps, first=0, **more):
    return [
        event
        for tid, count in enumerate(steps, first)
        for event in (started(tid), finished(tid, loss=1.0, steps=count, **more))
    ]


@pytest.mark.parametrize(
    ("events", "said"),
    [
        (trials(*[0] * FEWEST), NO_REPORTS),
        (trials(*[0] * (FEWEST - 1)), ""),
        (trials(0, 0, 0, 5), ""),
        (trials(5, 0, 0, 0), NO_REPORTS),
        (trials(0, 0, 0) + trials(1, first=3, outcome="pruned"), ""),
        (trials(0, 0, 0, outcome="failed"), ""),
    ],
)
def test_trials_without_reports(events, said):
    assert why_unpruned(snapshot_of(*events), PRUNES) == said
    assert why_unpruned(snapshot_of(*events), NEVER) == ""


def test_what_a_pool_has_said():
    text = reports_others({"speed", "acc"}, rule_of(PRUNES))
    assert 'trials report acc, speed, but [pruning] judges by "loss"' in text
    events = [*trials(5), Trouble(writer="w", text=text), Trouble(writer="w", text="a full disk")]
    assert why_unpruned(snapshot_of(*events), PRUNES) == text
    pruned = [*events, *trials(1, first=9, outcome="pruned")]
    assert why_unpruned(snapshot_of(*pruned), PRUNES) == "", "it can, by now"
