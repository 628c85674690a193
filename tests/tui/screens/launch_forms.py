"""The launch form with places that answer what a test wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from tests.tui.app.scenes import StillFeed, an_app
from tests.tui.views.cores_scenes import ONE_POOL
from trialdeck.backends.base import Choice
from trialdeck.core.check import Finding
from trialdeck.core.errors import LaunchError
from trialdeck.tui import launching
from trialdeck.tui.launching import Outcome, Place, Plan, Remarks, Wanted
from trialdeck.tui.screens.launch import LaunchScreen

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from trialdeck.tui.app import TrialdeckApp

PLACES = [Place("local", "This machine.", 2), Place("cluster", "A scheduler.", 16, many=True)]
CHOICES = [
    Choice("partition", "main", "where the jobs wait", {
        "main": "up to infinite, 2 of 2 nodes idle",
        "short": "up to 10:00, 1 of 1 nodes idle, 8 CPUs, 16 GB each, GPUs gpu:2, the default",
    }),
    Choice("time", "", 'of one job, as "4h"'),
]  # fmt: skip
FINE = [Finding("ok", "the objective can be called")]


class Answering(StillFeed):
    """Answers the form's jobs with what a test wants; `launches` are those it was asked for."""

    def __init__(self) -> None:
        super().__init__(ONE_POOL)
        self.findings: list[Finding] | None = FINE
        self.plans: list[Wanted] = []
        self.launches: list[tuple[Wanted, tuple[str, ...]]] = []
        self.outcomes: list[Outcome] = []
        self.over = ""
        self.silent = ""

    def answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(launching, "places", lambda _: PLACES)
        monkeypatch.setattr(launching, "findings", lambda _: self.findings)
        monkeypatch.setattr(launching, "plan", self._plan)
        monkeypatch.setattr(launching, "choices", self._choices)
        monkeypatch.setattr(launching, "remarks", self._remarks)
        monkeypatch.setattr(launching, "launch", self._launch)
        self.session = object()  # type: ignore[assignment]

    def _plan(self, _: object, wanted: Wanted) -> Plan:
        self.plans.append(wanted)
        options = "".join(f" --{key}={value}" for key, value in wanted.options)
        return Plan(f"run --backend {wanted.backend} --cores {wanted.cores}{options}", self.over)

    def _choices(self, _: object, backend: str) -> list[Choice]:
        if self.silent:
            raise LaunchError(self.silent)
        return CHOICES if backend == "cluster" else []

    def _remarks(self, _: object, wanted: Wanted) -> Remarks:
        if self.silent:
            raise LaunchError(self.silent)
        warnings = ("16 cores share 2 CPUs.",) if wanted.cores > 8 else ()
        options = dict(wanted.options)
        refused = "partition short: 10 m at most" if options.get("time") == "1h" else ""
        return Remarks(warnings, refused)

    def _launch(self, _: object, wanted: Wanted, ways: tuple[str, ...]) -> Outcome:
        self.launches.append((wanted, ways))
        return self.outcomes.pop(0)


@pytest.fixture
def feed(monkeypatch: pytest.MonkeyPatch) -> Answering:
    feed = Answering()
    feed.answer(monkeypatch)
    return feed


def an_answering_app(feed: Answering) -> TrialdeckApp:
    app = an_app(ONE_POOL)
    app.feed = feed
    return app


async def opened(pilot: Pilot[None], *keys: str) -> LaunchScreen:
    await pilot.press("n")
    await pilot.pause()
    await pilot.press(*keys)
    await pilot.pause()
    form = pilot.app.screen
    assert isinstance(form, LaunchScreen)
    return form


def value(form: LaunchScreen, name: str) -> str:
    return form.query_one(f"#{name}", Input).value
