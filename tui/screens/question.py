"""What a place wants to know of the user before it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.backends.base import Question


class QuestionScreen(ModalScreen[str | None]):
    """Asks it; closes with what was said, "yes" or "no" where it is that, None for nothing.

    What is secret is not shown, and is nowhere once the screen has closed.
    """

    DEFAULT_CSS = """
    QuestionScreen { align: center middle; }
    QuestionScreen > Vertical {
        width: 90%; max-width: 80; height: auto; max-height: 90%;
        padding: 1 2; background: $surface;
    }
    QuestionScreen #asked { height: auto; }
    QuestionScreen Input { margin-top: 1; background: $panel; }
    QuestionScreen Horizontal {
        width: 100%; height: 1; margin-top: 1; align-horizontal: right;
    }
    QuestionScreen Button { margin-left: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Not now", id="question.close", tooltip="Say nothing."),
        Binding("y", "say('yes')", "Yes", show=False, id="question.yes", tooltip="Say yes."),
        Binding("n", "say('no')", "No", show=False, id="question.no", tooltip="Say no."),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Lay out the question and how to answer it."""
        with Vertical():
            yield Static(self._question.text, id="asked", markup=False)
            if not self._question.yes_no:
                entry = Input(password=self._question.secret, compact=True)
                entry.cursor_blink = False
                yield entry
                return
            with Horizontal():
                yield Button("No (n)", id="no", compact=True)
                yield Button("Yes (y)", "primary", id="yes", compact=True)

    def on_mount(self) -> None:
        """Go to where nothing is done by accident."""
        self.query_one("#no" if self._question.yes_no else "Input").focus()

    def action_say(self, said: str) -> None:
        """Answer a question of yes or no."""
        if self._question.yes_no:
            self.dismiss(said)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)
