"""Trials to choose from and to sort, made of events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialdeck.core.history.events import Environment, Finished, Opened, Started
from trialdeck.core.history.state import State
from trialdeck.core.params.read import parse_params

if TYPE_CHECKING:
    from trialdeck.core.history.events import AnyEvent
    from trialdeck.core.params.model import Params

WRITER = "0123456789ab"
TEXT = """\
[search]
name = "t"
objective = "trialdeck.core.demo:branin"
metric = "auc"
direction = "maximize"

[space]
x = { type = "uniform", low = -5.0, high = 10.0 }
layers = { type = "uniformint", low = 1, high = 5 }
optimizer = { type = "choice", options = ["adam", "sgd", "time"] }
seed = { type = "uniformint", low = 1, high = 5 }
flag = { type = "choice", options = [true, false] }
"""


def the_params(text: str = TEXT) -> Params:
    return parse_params(text, "params.toml", Path.cwd(), published=True)


def begun(tid: int, **fields: Any) -> Started:
    """Return the start of a trial."""
    return Started(**{"writer": WRITER, "tid": tid, "point": {}, "at": 1000.0 + tid, **fields})


def ended(tid: int, outcome: Any = "ok", **fields: Any) -> Finished:
    """Return the end of a trial."""
    about = {"writer": WRITER, "tid": tid, "at": 2000.0 + tid, "seconds": 1.0 + tid}
    return Finished(**{**about, "outcome": outcome, **fields})


def opening() -> list[AnyEvent]:
    """Return what a pool on amber writes first."""
    return [
        Opened(writer=WRITER, v=1, kind="pool", host="amber"),
        Environment(writer=WRITER, id="gpu", host="node7"),
    ]


def a_state(*events: AnyEvent) -> State:
    """Return the state that these events make."""
    state = State()
    state.apply_all([*opening(), *events])
    return state
