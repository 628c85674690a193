"""A place that does not answer: the application goes on, says so, and forgets it by itself."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, ClassVar

import pytest

from tests.core import places
from tests.tui.views.cores_scenes import eventually, lines, words
from trialdeck import backends
from trialdeck.core.params import model
from trialdeck.core.params.starter import demo
from trialdeck.core.searches import start
from trialdeck.tui.app import TrialdeckApp
from trialdeck.tui.deck import Deck
from trialdeck.tui.feed import LiveFeed
from trialdeck.tui.screens.launch import LaunchScreen
from trialdeck.tui.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.pilot import Pilot

NAME = "slow"


class Slow(places.Cluster):
    """Answers nothing until it may."""

    name = NAME
    may: ClassVar[threading.Event] = threading.Event()
    asked: ClassVar[threading.Event] = threading.Event()

    def poll(self, handles):
        self._wait()
        return super().poll(handles)

    def choices(self):
        self._wait()
        return super().choices()

    def refusal(self, spec):
        self._wait()
        return super().refusal(spec)

    @classmethod
    def _wait(cls) -> None:
        cls.asked.set()
        cls.may.wait(60)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TrialdeckApp]:
    """Have an application of a search with a launch at a place that is silent from now on."""
    monkeypatch.setitem(backends.BACKENDS, NAME, f"{__name__}:Slow")
    monkeypatch.setitem(model.BACKENDS, NAME, places.ClusterTable)
    (tmp_path / "params.toml").write_text(demo())
    search = start(tmp_path / "params.toml")
    Slow.may.set()
    search.launch(NAME, 4)
    Slow.may.clear()
    Slow.asked.clear()
    yield TrialdeckApp(LiveFeed(Session(Deck(tmp_path / "params.toml"))))
    Slow.may.set()


async def answers(pilot: Pilot[None], key: str, text: str) -> float:
    """Return how many seconds it takes until a key shows a text."""
    began = time.perf_counter()
    await pilot.press(key)
    await eventually(pilot, lambda: text in words(pilot.app))
    return time.perf_counter() - began


async def test_keys_are_answered_while_a_place_is_not_and_it_is_said_until_it_answers(
    app: TrialdeckApp,
):
    async with app.run_test(size=(80, 24)) as pilot:
        await eventually(pilot, Slow.asked.is_set)
        await eventually(pilot, lambda: "! Slow cannot be asked" in words(app), 20)
        assert "!" in lines(app)[0]
        for key, text in (("4", "/hour"), ("2", "trial ▼"), ("1", "cannot be asked")):
            await answers(pilot, key, text)  # the first visit builds a view
        seconds = sorted(
            [
                await answers(pilot, key, text)
                for key, text in (("4", "/hour"), ("2", "trial ▼"), ("1", "cannot be asked"))
                for _ in range(3)
            ]
        )
        assert seconds[len(seconds) // 2] < 0.2
        Slow.may.set()
        await eventually(pilot, lambda: "cannot be asked" not in words(app), 20)
        await eventually(pilot, lambda: "36 in reserve" in words(app), 20)
        assert "!" not in lines(app)[0]


async def test_the_launch_form_lives_while_a_place_is_asked(app: TrialdeckApp):
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("n")
        await eventually(pilot, lambda: NAME in words(app), 20)
        await pilot.press("shift+tab", "end")
        await eventually(pilot, lambda: "asking slow…" in words(app))
        await eventually(pilot, lambda: "run --partition=main" in words(app), 20)
        await pilot.press("enter")
        assert await answers(pilot, "up", "cores 5") < 1.0
        assert await answers(pilot, "up", "cores 6") < 1.0
        Slow.may.set()
        await eventually(pilot, lambda: "partition < main > 1 day at most" in words(app), 20)
        await eventually(pilot, lambda: "asking" not in words(app), 20)
        await pilot.press("escape")
        await eventually(pilot, lambda: not isinstance(app.screen, LaunchScreen))
