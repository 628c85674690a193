"""From an empty list of machines to the first trial on one, with the keyboard, on a real server."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.searching import project
from tests.tui.views.cores_scenes import eventually, screen, words
from trialdeck.tui.app import TrialdeckApp
from trialdeck.tui.deck import Deck
from trialdeck.tui.feed import LiveFeed
from trialdeck.tui.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.ssh import Network


async def test_from_no_machine_to_the_first_trial_on_one(
    ssh_hosts: Network, tmp_path: Path
) -> None:
    ssh_hosts.known_hosts.write_text("")
    session = Session(Deck(project(tmp_path, "until_stopped", 100)))
    app = TrialdeckApp(LiveFeed(session))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await eventually(pilot, lambda: "No cores are running" in words(app))
        await pilot.press("h")
        await eventually(pilot, lambda: "a adds one" in words(app))
        began = time.monotonic()
        await pilot.press("a", *"h1", "tab", "tab", "2", "tab", *f"python={ssh_hosts.python}")
        await pilot.press("enter")
        await eventually(pilot, lambda: "SHA256:" in screen(app), 20)
        await pilot.press("y")
        await eventually(pilot, lambda: "h1 is in the parameter file now" in words(app), 20)
        assert ssh_hosts.known_hosts.read_text() == ssh_hosts["h1"].key_line()
        await eventually(pilot, lambda: "✓ Python 3." in words(app))
        await pilot.press("n")
        await eventually(pilot, lambda: "h1" in words(app) and "Launch (enter)" in words(app), 20)
        await eventually(pilot, lambda: "asking" not in words(app), 20)
        await pilot.press("enter")
        try:
            await eventually(pilot, lambda: "▸ training" in words(app), 30)
            assert "ssh on h1" in words(app)
            assert time.monotonic() - began < 30  # it is 10 where nothing else runs
        finally:
            await eventually(pilot, lambda: session.search.stop(now=True) is not None)
            await eventually(pilot, lambda: "No cores are running" in words(app), 40)
