"""The line below the table in which trials are chosen by an expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from trialdeck.tui.widgets.lines import wrapped

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.core.errors import FilterError

PROMPT = "/ "
EXAMPLES = "loss < 0.1 and layers == 3    failed or attempt > 0    optimizer in (adam, sgd)"


class FilterLine(Vertical):
    """Hidden until it is opened. Says at every keystroke what is in it."""

    DEFAULT_CSS = """
    FilterLine { height: auto; display: none; background: $panel; }
    FilterLine.-open { display: block; }
    FilterLine Horizontal { height: 1; }
    FilterLine .prompt { width: 2; color: $text-accent; text-style: bold; }
    FilterLine Input { width: 1fr; background: $panel; }
    FilterLine #wrong { height: auto; color: $text-error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Show all", id="filter.leave", tooltip="Choose no longer."),
    ]

    @dataclass
    class Changed(Message):
        """There is another expression in the line."""

        text: str

    @dataclass
    class Left(Message):
        """The line was closed: with enter (`kept`), or with escape."""

        kept: bool

    def compose(self) -> ComposeResult:
        """Lay out the line, and the place for what is wrong in it."""
        with Horizontal():
            yield Static(PROMPT, classes="prompt", markup=False)
            entry = Input(placeholder=EXAMPLES, compact=True, select_on_focus=False)
            entry.cursor_blink = False
            yield entry
        yield Static("", id="wrong", markup=False)

    @property
    def text(self) -> str:
        """The expression."""
        return self.query_one(Input).value

    @property
    def is_open(self) -> bool:
        """Whether it is on the screen."""
        return self.has_class("-open")

    def open(self, text: str) -> None:
        """Show the line with an expression in it."""
        self.add_class("-open")
        entry = self.query_one(Input)
        entry.value = text
        entry.cursor_position = len(text)
        entry.focus()

    def close(self) -> None:
        """Hide the line."""
        self.remove_class("-open")
        self.complain(None)

    def complain(self, error: FilterError | None) -> None:
        """Say what is wrong and where; None: nothing."""
        wrong = self.query_one("#wrong", Static)
        wrong.display = error is not None
        if error is not None:
            wrong.update(_said(error, self.size.width))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Left(kept=True))

    def action_leave(self) -> None:
        """Close the line, and choose no longer."""
        self.post_message(self.Left(kept=False))


def _said(error: FilterError, width: int) -> Content:
    """Return the reason beside a caret below the place, or below it where it does not fit."""
    at = len(PROMPT) + error.at
    if at + len(error.reason) + 2 <= width:
        return Content(f"{' ' * at}^ {error.reason}")
    lines = wrapped(error.reason, width - 2)
    caret = [Content(" " * at + "^")] if at < width else []
    return Content("\n").join([*caret, *(Content("  ") + line for line in lines)])
