"""Searches at several moments, for tests of the overview, and what the screen says."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tests.tui.app.scenes import NOW, WRITER, Scene, core, trials
from trialdeck.core.happenings import Happening
from trialdeck.core.history.commands import Pause
from trialdeck.core.history.events import Started
from trialdeck.core.history.reports import Curve

if TYPE_CHECKING:
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.seen import Seen

HAPPENINGS = (
    Happening(0.0, "pool", None, "a pool on amber has begun"),
    Happening(0.0, "failed", 4, "trial 4 has failed (error): out of luck"),
    Happening(0.0, "best", 9, "trial 9 is the best so far"),
)
CURVES = {
    10: Curve(
        tuple(range(12)), {"auc": tuple(0.9 + 0.05 * step / (step + 2) for step in range(12))}
    ),
    11: Curve(tuple(range(5)), {"auc": tuple(0.96 + 0.03 * step / 4 for step in range(5))}),
}
RUNNING = Scene(
    trials(13, failed=(4,), running=(10, 11, 12)),
    cores=tuple(core(number, tid=10 + number) for number in range(3)),
    curves=CURVES,
    happenings=HAPPENINGS,
)
FINISHED = Scene(trials(50, failed=(4, 7)), happenings=HAPPENINGS)
PAUSED = Scene(
    trials(9, failed=(7, 8)), paused=Pause(reason="2 trials in a row failed", kind="failures")
)


def a_start(tid: int) -> Started:
    """Return a start with a point that has room for many tids."""
    point = {"layers": 1 + tid % 5, "learning_rate": 0.01}
    return Started(writer=WRITER, tid=tid, point=point, at=NOW + 10 * tid)


def timeless(scene: Scene) -> Seen:
    """Return a scene as seen, with a speed that does not depend on today's date."""
    seen = scene.seen()
    assert seen.look is not None
    speed = {"trials_per_hour": 120.0, "eta_seconds": 1230.0} if scene.cores else {}
    return dataclasses.replace(
        seen, look=dataclasses.replace(seen.look, status=replace(seen.look.status, **speed))
    )


def text_of(app: TrialdeckApp) -> str:
    """Return what is on the screen."""
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in lines)


def said(app: TrialdeckApp) -> list[str]:
    """Return the notes in the corner of the screen."""
    return [notification.message for notification in app._notifications]
