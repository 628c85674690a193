"""Questions of places, on the command line."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from trialdeck.backends.base import LaunchError, Question
from trialdeck.core import hosts
from trialdeck.tui import asking

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.search import Search


class Place:
    """Lets in who says the right word."""

    def __init__(self, right: str, text: str = "It is locked.\nThe word?", **kind: bool) -> None:
        self.right, self.text, self.kind = right, text, kind
        self.heard: list[str] = []

    def enter(self) -> str:
        if self.right not in self.heard:
            raise Question(self.text, self.answer, **self.kind)
        return "in"

    def answer(self, said: str) -> None:
        self.heard.append(said)
        if said == "no":
            raise LaunchError("then not")
        if said != self.right:
            raise Question("That was not it.\nThe word?", self.answer, **self.kind)


@pytest.fixture
def at_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_has_terminal", lambda: True)


def typing(text: str, action: Callable[[], Any]) -> tuple[Any, str]:
    """Return what came of an action while this was typed, and what was shown."""
    with CliRunner().isolation(input=text) as streams:
        return action(), streams[2].getvalue().decode()


@pytest.mark.usefixtures("at_terminal")
def test_it_is_asked_until_the_answer_is_right() -> None:
    place = Place("sesame", secret=True)
    got, shown = typing("barley\nsesame\n", lambda: asking.with_answers(place.enter))
    assert got == "in"
    assert place.heard == ["barley", "sesame"]
    assert shown.startswith("It is locked.\nThe word: ")
    assert "That was not it.\nThe word: " in shown
    assert "sesame" not in shown
    assert "barley" not in shown


@pytest.mark.usefixtures("at_terminal")
def test_what_is_not_agreed_to_is_not_done() -> None:
    place = Place("yes", "Is it the one?", yes_no=True)
    with pytest.raises(LaunchError, match="then not"):
        typing("\n", lambda: asking.with_answers(place.enter))
    assert place.heard == ["no"]
    assert typing("y\n", lambda: asking.with_answers(place.enter))[0] == "in"


@pytest.mark.parametrize(("secret", "way"), [(True, "ssh-add"), (False, "once")])
def test_without_a_terminal_it_is_said_what_to_do(*, secret: bool, way: str) -> None:
    place = Place("sesame", secret=secret)
    with pytest.raises(LaunchError, match=way) as told:
        typing("sesame\n", lambda: asking.with_answers(place.enter))
    assert not isinstance(told.value, Question)
    assert str(told.value).startswith(place.text)
    assert place.heard == []


def a_search(monkeypatch: pytest.MonkeyPatch, places: dict[str, Place | None]) -> Search:
    def reach(_search: object, name: str) -> None:
        place = places[name]
        if place is None:
            raise LaunchError(f"{name} cannot be reached")
        place.enter()

    monkeypatch.setattr(hosts, "reach", reach)
    rows = [SimpleNamespace(name=name) for name in places]
    search: Any = SimpleNamespace(sites=lambda: rows)
    return search


@pytest.mark.usefixtures("at_terminal")
def test_machines_are_let_in_where_that_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Place("a", "a?"), Place("yes", "b?", yes_no=True)
    search = a_search(monkeypatch, {"a": first, "gone": None, "b": second})
    typing("a\nn\n", lambda: asking.let_in(search))
    assert first.heard == ["a"]
    assert second.heard == ["no"]


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place("a")
    assert typing("", lambda: asking.let_in(a_search(monkeypatch, {"a": place})))[1] == ""
