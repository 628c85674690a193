"""One line at the bottom that asks for a number, as editors do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Input, Label

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class AskNumber(ModalScreen[int | None]):
    """Returns the number, None when the user changes their mind."""

    DEFAULT_CSS = """
    AskNumber { align: left bottom; background: transparent; }
    AskNumber > Horizontal { height: 1; background: $surface; }
    AskNumber Label { padding: 0 1; }
    AskNumber Input { width: 1fr; border: none; height: 1; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    def compose(self) -> ComposeResult:
        """Lay out the question and its field."""
        with Horizontal():
            yield Label(f"{self._what}:", markup=False)
            yield Input(type="integer", max_length=9, compact=True)

    def on_mount(self) -> None:
        """Begin to type at once."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        self.dismiss(int(text) if text.isdecimal() else None)

    def action_cancel(self) -> None:
        """Ask no more."""
        self.dismiss(None)
