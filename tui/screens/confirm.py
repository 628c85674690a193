"""One question above everything else, with two answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Static

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class Confirm(ModalScreen[bool]):
    """Asks `question`; `detail` says what follows from the answer, `yes` names the act.

    Where something would be lost (`danger`), enter is the harmless answer until another is chosen.
    """

    DEFAULT_CSS = """
    Confirm { align: center middle; }
    Confirm > Vertical {
        width: 90%; max-width: 76; height: auto; max-height: 90%;
        padding: 1 2; background: $surface;
    }
    Confirm VerticalScroll { height: auto; max-height: 60vh; scrollbar-size-vertical: 1; }
    Confirm #question { text-style: bold; }
    Confirm #detail { color: $text-muted; margin-top: 1; }
    Confirm Horizontal { width: 100%; height: 1; margin-top: 1; align-horizontal: right; }
    Confirm Button { margin-left: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm.yes", tooltip="Do it."),
        Binding("n", "answer(False)", "No", id="confirm.no", tooltip="Leave all as it is."),
        Binding(
            "escape",
            "answer(False)",
            "No",
            show=False,
            id="confirm.escape",
            tooltip="Leave all as it is.",
        ),
        Binding(
            "left,right,h,l",
            "other",
            "Other answer",
            show=False,
            id="confirm.other",
            tooltip="Go to the other answer; enter gives it.",
        ),
    ]

    def __init__(
        self, question: str, detail: str = "", yes: str = "Yes", *, danger: bool = False
    ) -> None:
        super().__init__()
        self._question = question
        self._detail = detail
        self._yes = yes
        self._danger = danger

    def compose(self) -> ComposeResult:
        """Lay out the question and its answers."""
        with Vertical():
            yield Static(self._question, id="question", markup=False)
            if self._detail:
                with VerticalScroll(can_focus=False):
                    yield Static(self._detail, id="detail", markup=False)
            with Horizontal():
                yield Button("No (n)", id="no", compact=True)
                yes = Button(f"{self._yes} (y)", id="yes", compact=True)
                yes.variant = "error" if self._danger else "primary"
                yield yes

    def on_mount(self) -> None:
        """Go to the answer that does no harm."""
        self.query_one("#no" if self._danger else "#yes").focus()

    def action_answer(self, answer: bool) -> None:  # noqa: FBT001 - given by a binding
        """Close with an answer."""
        self.dismiss(answer)

    def action_other(self) -> None:
        """Go to the other answer."""
        self.focus_next()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")
