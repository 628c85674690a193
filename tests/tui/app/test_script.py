"""A search that a script runs, in the application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tui.views.cores_scenes import eventually, said, screen
from trialdeck.core.history.journal import Journal
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.params.revisions import publish_script
from trialdeck.core.params.script import Label, Script
from trialdeck.tui.app import TrialdeckApp
from trialdeck.tui.deck import Deck
from trialdeck.tui.feed import LiveFeed
from trialdeck.tui.session import Session

if TYPE_CHECKING:
    from pathlib import Path

LABELS = [
    Label("kind", "randint", [2.0], options=["round", "square"]),
    Label("svc.C", "loguniform", [-9.210340371976182, 0.0], parent=["kind", "round"]),
]


async def test_its_space_is_shown_and_nothing_is_launched(tmp_path: Path) -> None:
    paths = HistoryPaths(tmp_path / "history" / "mine")
    paths.create()
    publish_script(paths, Script("fit.py:loss", 100, LABELS))
    Journal.create(paths, "0123456789ab", "script").close()
    session = Session(Deck(tmp_path / "params.toml", "mine"))
    app = TrialdeckApp(LiveFeed(session))
    async with app.run_test(size=(80, 24)) as pilot:
        await eventually(pilot, lambda: app.seen.look is not None)
        await pilot.press("3")
        await eventually(pilot, lambda: "is run by a script" in screen(app))
        shown = screen(app)
        assert "kind    round | square" in shown
        assert "svc.C   1e-4 … 1.0 (log)   with kind = round" in shown
        assert "mistake" not in shown
        await pilot.press("n")
        await eventually(pilot, lambda: any("start it once more" in text for text in said(app)))
        assert len(app.screen_stack) == 1
