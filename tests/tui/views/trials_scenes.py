"""Searches whose trials are looked at, and what is on the screen of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.tui.app.scenes import Scene, an_app, core, finished, started, trials
from trialdeck.core.history.reports import Curve
from trialdeck.tui.screens.trial import TrialScreen
from trialdeck.tui.views.trials import TrialsView
from trialdeck.tui.views.view import View
from trialdeck.tui.widgets.grid import Grid

if TYPE_CHECKING:
    from trialdeck.core.history.events import AnyEvent
    from trialdeck.core.kept_network import KeptNetwork
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.messages import OpenLog
    from trialdeck.tui.seen import Seen

ERROR = {
    "cause": "error",
    "message": "ValueError: layers must be positive",
    "traceback": 'Traceback (most recent call last):\n  File "train.py", line 7, in train\n'
    "    raise ValueError(text)\nValueError: layers must be positive",
}


def timeless(*events: AnyEvent) -> list[Any]:
    """Return events without a time, so that a picture of them is the same tomorrow."""
    from msgspec.structs import replace

    return [replace(event, at=0.0) for event in events]


def mixed() -> Scene:
    """Return a search with trials in every state."""
    events = trials(30, failed=(3, 17), running=(9, 28, 29))
    events += [finished(9, "interrupted", cause="preempted")]
    events += [started(30), finished(30, "pruned", loss=-0.5, steps=3)]
    events += [started(31, core=1), finished(31, "failed", **ERROR)]
    cores = tuple(core(number, tid=28 + number) for number in range(2))
    return Scene(timeless(*events), cores=cores)


class Plain:
    """A session with the curves that a test gives it, which does nothing."""

    def __init__(self, curves: dict[int, Curve] | None = None) -> None:
        self.curves = curves or {}
        self.asked: list[int] = []
        self.networks: dict[int, KeptNetwork] = {}

    @property
    def search(self) -> Plain:
        return self

    def curve(self, tid: int) -> Curve:
        self.asked.append(tid)
        return self.curves.get(tid, Curve())

    def network(self, tid: int) -> KeptNetwork | None:
        return self.networks.get(tid)


class KeptLogs(View):
    """Stands for the view of logs."""

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self.opened: list[OpenLog] = []

    def draw(self, seen: Seen, before: Seen) -> None:
        pass

    def open(self, message: OpenLog) -> None:
        self.opened.append(message)


def falling(start: float, count: int = 15) -> Curve:
    """Return a learning curve."""
    steps = tuple(range(count))
    auc = tuple(start - 0.2 / (step + 1) for step in steps)
    return Curve(steps, {"auc": auc, "loss": tuple(1 - value for value in auc)})


def the_view(app: TrialdeckApp) -> TrialsView:
    assert isinstance(app.view, TrialsView)
    return app.view


def the_grid(app: TrialdeckApp) -> Grid:
    return the_view(app).query_one("#table", Grid)


def the_page(app: TrialdeckApp) -> TrialScreen:
    assert isinstance(app.screen, TrialScreen)
    return app.screen


def text_of(app: TrialdeckApp) -> str:
    """Return what is on the screen."""
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in lines)


def title_of(app: TrialdeckApp) -> str:
    return text_of(app).splitlines()[1].strip()


def rows_of(app: TrialdeckApp) -> list[int]:
    """Return the rows of the table."""
    table = the_view(app).table
    assert table is not None
    return list(table.tids)


def said(app: TrialdeckApp) -> str:
    """Return what was said in the corner."""
    return "\n".join(note.message for note in app._notifications)


def mixed_app(session: Any = None) -> TrialdeckApp:
    return an_app(mixed().seen(), session)
