"""What a place wants to know of the user before it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from trialdeck.core.log_text import tame_text

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.backends.base import Question


class QuestionScreen(ModalScreen[str | None]):
    """Asks it; closes with what was said, "yes" or "no" where it is that, None for nothing.

    What is secret is not shown, cannot be copied, and is in no widget once it has been said.
    """

    DEFAULT_CSS = """
    QuestionScreen { align: center middle; }
    QuestionScreen > Vertical {
        width: 90%; max-width: 84; height: auto; max-height: 100%;
        padding: 1 2; background: $surface;
    }
    QuestionScreen VerticalScroll { height: auto; max-height: 60vh; scrollbar-size-vertical: 1; }
    QuestionScreen Input { margin-top: 1; background: $panel; }
    QuestionScreen #keys { color: $text-muted; margin-top: 1; height: 1; }
    QuestionScreen Horizontal {
        width: 100%; height: 1; margin-top: 1; align-horizontal: right;
    }
    QuestionScreen Button { margin-left: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Not now", id="question.close", tooltip="Say nothing."),
        Binding("y", "say('yes')", "Yes", show=False, id="question.yes", tooltip="Say yes."),
        Binding("n", "say('no')", "No", show=False, id="question.no", tooltip="Say no."),
        Binding(
            "left,right,h,l",
            "other",
            "Other answer",
            show=False,
            id="question.other",
            tooltip="Go to the other answer; enter gives it.",
        ),
        Binding("pagedown,ctrl+down", "page(1)", show=False),
        Binding("pageup,ctrl+up", "page(-1)", show=False),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Lay out the question and how to answer it."""
        question = self._question
        with Vertical():
            with VerticalScroll(can_focus=False):
                yield Static(tame_text(question.text.strip("\n")), id="asked", markup=False)
            if question.yes_no:
                with Horizontal():
                    yield Button("No (n)", id="no", compact=True)
                    yield Button("Yes (y)", "primary", id="yes", compact=True)
                return
            yield Secret() if question.secret else Line()
            kept = "; it is written nowhere" if question.secret else ""
            yield Static(f"enter answers, esc does not{kept}", id="keys")

    def on_mount(self) -> None:
        """Go to where nothing is done by accident."""
        self.query_one("#no" if self._question.yes_no else Line).focus()

    def action_say(self, said: str) -> None:
        """Answer a question of yes or no."""
        if self._question.yes_no:
            self.dismiss(said)

    def action_other(self) -> None:
        """Go to the other answer."""
        self.focus_next()

    def action_page(self, pages: int) -> None:
        """Scroll the question."""
        area = self.query_one(VerticalScroll)
        (area.scroll_page_down if pages > 0 else area.scroll_page_up)(animate=False)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        said, event.value = event.value, ""
        with event.input.prevent(Input.Changed):
            event.input.value = ""
        self.dismiss(said)


class Line(Input):
    """A line to be typed."""

    def __init__(self, *, password: bool = False) -> None:
        super().__init__(password=password, compact=True)
        self.cursor_blink = False


class Secret(Line):
    """A line that nobody sees, and that no clipboard gets."""

    def __init__(self) -> None:
        super().__init__(password=True)

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Cut nothing."""
