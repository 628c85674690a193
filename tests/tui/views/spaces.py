"""The space's view on real files, with jobs done at once."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from textual import events

from tests.tui.app.scenes import PARAMS, Scene, StillFeed
from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.journal import Journal
from trialdeck.core.searches import start
from trialdeck.tui.app import TrialdeckApp
from trialdeck.tui.deck import Deck
from trialdeck.tui.seen import Seen
from trialdeck.tui.session import Session
from trialdeck.tui.views.space import SpaceView

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from textual.pilot import Pilot

WRITER = "0123456789abcdef"


class SpaceApp(TrialdeckApp):
    """Begins with the space's view: every test would wait for the other one."""

    async def go_to(self, name: str):
        return await super().go_to("space" if name == "overview" else name)


class Space:
    """The application with the space's view on the screen."""

    def __init__(self, pilot: Pilot[None], file: Path, session: Session) -> None:
        self.pilot = pilot
        self.file = file
        self.session = session
        self.app = pilot.app

    @property
    def view(self) -> SpaceView:
        return self.app.screen_stack[0].query_one(SpaceView)

    @property
    def document(self):
        return self.view.document

    @property
    def names(self) -> list[str]:
        return [row.name for row in self.document.rows]

    async def press(self, *keys: str) -> None:
        """Press keys; "=0.5" is a text that comes at once, as if it were pasted."""
        for key in keys:
            if key.startswith("=") and len(key) > 1:
                self.app.post_message(events.Paste(key[1:]))
                await self.pilot.pause()
            else:
                # Pilot.press asks every widget after every key whether it is done.
                await self.app._press_keys([key])
        await self.pilot.pause()

    @property
    def screen(self) -> str:
        """What the terminal shows."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(part.text for part in strip).rstrip() for strip in strips)

    @property
    def words(self) -> str:
        """What the terminal shows, with single blanks: texts that are wrapped can be looked for."""
        return " ".join(self.screen.split())

    @property
    def said(self) -> list[str]:
        return [note.message for note in self.app._notifications]

    def publish(self) -> None:
        start(self.file)

    def trials(self, count: int) -> None:
        run_trials(self.file, count)


def run_trials(file: Path, count: int) -> None:
    """Publish the file, and write a history of so many finished trials."""
    search = start(file)
    journal = Journal.create(search.paths, WRITER, "pool")
    for tid in range(count):
        point = {
            "layers": 1 + tid % 5,
            "learning_rate": 1e-4 * 1.1**tid,
            "activation": ("relu", "gelu")[tid % 2],
            "optimizer": "adam",
            "beta2": 0.9 + tid % 100 / 1000,
        }
        journal.append(
            Started(writer=WRITER, tid=tid, point=point, revision=1),
            Finished(writer=WRITER, tid=tid, outcome="ok", loss=-float(tid), metrics={"auc": 0.5}),
            strict=True,
        )
    journal.close()


def write(folder: Path, text: str = PARAMS) -> Path:
    file = folder / "params.toml"
    file.write_text(text)
    return file


@asynccontextmanager
async def a_space(
    folder: Path, text: str | None = PARAMS, size: tuple[int, int] = (80, 24), trials: int = -1
) -> AsyncIterator[Space]:
    """Open the view on a file with this text, None for no file; with `trials` it was started."""
    file = folder / "params.toml"
    if text is not None:
        write(folder, text)
    if trials >= 0:
        run_trials(file, trials)
    session = Session(Deck(file))
    seen = Scene(file=file).seen() if trials >= 0 else Seen(file, has_draft=text is not None)
    app = SpaceApp(StillFeed(seen, session))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Space(pilot, file, session)


__all__ = ["PARAMS", "Space", "a_space", "run_trials", "write"]
