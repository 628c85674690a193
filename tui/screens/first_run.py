"""The first screen in an empty folder: what to search."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from trialdeck.core.params.beginning import begin, begin_demo
from trialdeck.core.params.mistakes import Mistake
from trialdeck.core.params.search_keys import read_objective
from trialdeck.tui.format import one_line
from trialdeck.tui.screens.ask_text import AskText
from trialdeck.tui.screens.choose import Answer, Choose

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.session import Session

_ABOUT = """\
There is no {name} in this folder yet. It says what is searched, and how.

Choose what to begin with; then look at what is searched, change it, and start cores with n. \
All of it can be changed later, also while the search runs."""

_ANSWERS = (
    Answer("starter", "The default network", "on the jets that come with Trialdeck"),
    Answer("own", "A function of your own", "in a file, made if it is missing"),
    Answer("demo", "A demonstration", "a known function, no data, no torch"),
)


class FirstRun(Choose):
    """Makes the first file: the starter, one for a function of the user's own, or the demo."""

    def __init__(self) -> None:
        super().__init__("What shall be searched?", _ANSWERS)

    @property
    def file(self) -> Path:
        """The file to make."""
        return self.deck.seen.file

    @property
    def deck(self) -> TrialdeckApp:
        """The application."""
        return cast("TrialdeckApp", self.app)

    def about(self) -> str:
        """Say what is missing, and what comes next."""
        return _ABOUT.format(name=one_line(self.file.name))

    def answer(self, answer: str) -> None:
        """Begin; the screen goes when the space comes."""
        if answer == "own":
            self.app.push_screen(
                AskText(
                    "Which function?",
                    "train.py:train",
                    "file.py:function, or package.module:function. It gets a point and returns "
                    "the value to minimise; a missing file is made, with an example in it.",
                    check=lambda text: objective_mistake(text, self.file),
                ),
                self._begin_own,
            )
        elif answer == "demo":
            self._make(lambda session: begin_demo(session.file))
        else:
            self._make(lambda session: begin(session.file))

    def _begin_own(self, objective: str | None) -> None:
        if objective is not None:
            self._make(lambda session: begin(session.file, objective))

    def _make(self, work: Callable[[Session], Any]) -> None:
        """Have the file made, then show the space."""
        self.deck.ask(work, self._made)

    def _made(self, code: Any) -> None:
        app = self.deck
        text = f"Made {self.file.name}"
        made = isinstance(code, Path)
        text += f" and {one_line(code.name)}: write your training there." if made else "."
        app.say(text)
        app.call_later(_open_space, app)


async def _open_space(app: TrialdeckApp) -> None:
    view = await app.go_to("space")
    cast("Any", view).load()


def objective_mistake(text: str, file: Path) -> str:
    """Return what is wrong with the name of an objective whose file may be missing, or ""."""
    try:
        read_objective(text, file.absolute().parent, published=True)
    except Mistake as mistake:
        return f"{mistake.text}. {mistake.cure}"
    return ""
