"""Logs of a search, of which nothing but the logs is real."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.tui.app.scenes import PARAMS, WRITER, StillFeed, an_app, trials
from tests.tui.views.cores_scenes import JOB, lines, pool, seen_with, some_cores
from trialdeck.core.history.journal import Journal
from trialdeck.core.searches import start
from trialdeck.tui.deck import Deck
from trialdeck.tui.session import Session
from trialdeck.tui.views import logs as logs_view
from trialdeck.tui.views.logs import LogsView
from trialdeck.tui.views.logs_text import LogText

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from textual.pilot import Pilot

    from trialdeck.core.search import Search
    from trialdeck.tui.seen import Seen

SEEN = seen_with(some_cores(), (pool(),))


@dataclass
class Logs:
    """The search and its files."""

    search: Search
    session: Session

    def write(self, text: str, core: int = 0, writer: str = WRITER) -> Path:
        """Add to what a core has printed."""
        path = self.search.paths.log(writer, core)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(text)
        return path

    def write_pool(self, text: str, name: str = JOB) -> Path:
        """Write what a pool has printed."""
        path = self.search.paths.logs / f"pool-{name}.log"
        path.write_text(text)
        return path


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    """Make a search with trials and without logs."""
    file = tmp_path / "params.toml"
    file.write_text(PARAMS)
    search = start(file)
    events = [event for event in trials(12, running=(8, 9)) if type(event).__name__ != "Opened"]
    with_writer = Journal.create(search.paths, WRITER, "pool")
    with_writer.append(*events)
    with_writer.close()
    return Logs(search, Session(Deck(file)))


def output(first: int = 0, last: int = 3, epochs: int = 4) -> str:
    """Return what a core prints that runs some trials."""
    parts = []
    for tid in range(first, last):
        parts.append(f"--- trial {tid} attempt 0 ---\n")
        parts += [f"epoch {epoch} of trial {tid}: loss 0.5\n" for epoch in range(epochs)]
    return "".join(parts)


@asynccontextmanager
async def the_view(
    logs: Logs,
    monkeypatch: pytest.MonkeyPatch,
    seen: Seen = SEEN,
    size: tuple[int, int] = (80, 24),
) -> AsyncIterator[tuple[Pilot[None], LogsView, LogText]]:
    """Show the view, which looks for news only when `view._poll()` is called."""
    monkeypatch.setattr(logs_view, "POLL_SECONDS", 3600)
    app = an_app(seen, logs.session)
    assert isinstance(app.feed, StillFeed)
    async with app.run_test(size=size) as pilot:
        await pilot.press("5")
        await pilot.pause()
        await pilot.pause()
        view = app.query_one(LogsView)
        yield pilot, view, view.query_one(LogText)


async def look(pilot: Pilot[None], view: LogsView) -> None:
    """Let the view ask for what is new, and take it."""
    view._poll()
    await pilot.pause()


def shown(pilot: Pilot[None]) -> list[str]:
    """Return the lines of the log on the screen."""
    width = pilot.app.query_one(
        "#log-text"
    ).scrollable_content_region.width  # without the scrollbar
    return [line[:width].rstrip() for line in lines(pilot.app)[2:-1] if line[:width].strip()]
