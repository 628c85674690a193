"""Machines that ask."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from tests.core import far
from tests.core.far import Far
from tests.searching import project
from trialdeck.backends.base import Contact, Finding, LaunchError, Question
from trialdeck.core.params import model
from trialdeck.tui import machines
from trialdeck.tui.app import TrialdeckApp
from trialdeck.tui.deck import Deck
from trialdeck.tui.feed import LiveFeed
from trialdeck.tui.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HEARD = time.time()
SECRET = "open sesame"
FOUND = [
    Finding("Python", good=True, said="3.11.2, /usr/bin/python3"),
    Finding("torch", good=False, said="it is not there", cure="python3 -m pip install torch"),
    Finding("GPUs", good=None, said="none that nvidia-smi shows"),
]


class Asking(Far):
    """Machines that may ask something before they let anybody in."""

    asked: ClassVar[dict[str, Question]] = {}  # by the names of machines
    told: ClassVar[list[str]] = []
    retry_at: ClassVar[float] = HEARD + 30

    def _let_in(self, name: str) -> None:
        if name in self.asked:
            raise self.asked[name]

    def site(self, name, project):
        self._let_in(name)
        return super().site(name, project)

    def contact(self, name):
        if name in self.asked:
            return Contact("refused", str(self.asked[name]).splitlines()[0])
        if name in self.cut:
            return Contact("cut", f"{name} cannot be reached", HEARD, self.retry_at)
        return Contact("connected", heard=HEARD)

    def choices(self):
        return super().choices() if self.hosts else []

    def preview(self, spec):
        if not self.hosts:
            raise LaunchError("there is no host to launch on")
        return super().preview(spec)

    def refusal(self, spec):
        self._let_in(self.host or next(iter(self.hosts)))
        return super().refusal(spec)

    def preflight(self, name, spec):
        self._let_in(name)
        if name in self.cut:
            raise LaunchError(f"{name} cannot be reached")
        return FOUND

    @classmethod
    def ask(cls, name: str, right: str, **kind: bool) -> None:
        """Have a machine ask until it is told what is `right`."""

        def answer(said: str) -> None:
            cls.told.append(said)
            if said != right:
                raise question if kind.get("secret") else LaunchError(f"{name} is not trusted")
            del cls.asked[name]

        text = f"{name} is new here\nits key is SHA256:abc\nGo on?"
        question = cls.asked[name] = Question(text, answer, **kind)


def settle(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let there be such machines for the length of a test, below the name that hosts have."""
    far.settle(monkeypatch, folder)
    monkeypatch.delitem(far.backends.BACKENDS, far.NAME)
    monkeypatch.delitem(model.BACKENDS, far.NAME)
    monkeypatch.setitem(far.backends.BACKENDS, machines.BACKEND, f"{__name__}:{Asking.__name__}")
    monkeypatch.setitem(model.BACKENDS, machines.BACKEND, far.FarTable)
    monkeypatch.setattr(Asking, "name", machines.BACKEND)
    monkeypatch.setattr(Asking, "asked", {})
    monkeypatch.setattr(Asking, "told", [])


def an_app(
    folder: Path, names: tuple[str, ...] = (), trials: int = 6, objective: str = "fine"
) -> TrialdeckApp:
    """Return the application of a search that nobody has started, with these machines."""
    file = project(folder, objective, trials)
    with file.open("a") as params:
        for number, name in enumerate(names, 2):
            params.write(
                f'\n[backends.ssh.hosts.{name}]\naddress = "me@{name}"\ncores = {number}\n'
            )
    return TrialdeckApp(LiveFeed(Session(Deck(file))))
