"""A long text that has to be read: an error with all that it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from trialdeck.tui.format import one_line

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class MessageScreen(ModalScreen[None]):
    """Shows a text until it is closed; `y` copies it."""

    DEFAULT_CSS = """
    MessageScreen { align: center middle; }
    MessageScreen > VerticalScroll {
        width: 90%; max-width: 110; height: auto; max-height: 80%;
        background: $surface; padding: 1 2;
    }
    MessageScreen .keys { color: $text-muted; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", "Close", show=False),
        Binding("y", "copy", "Copy", show=False),
    ]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """Lay out the text, line by line without control characters."""
        indented = (_tame(line) for line in self._text.split("\n"))
        with VerticalScroll():
            yield Static(Text("\n".join(indented)), markup=False)
            yield Static("esc close   y copy", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Make the keys scroll."""
        self.query_one(VerticalScroll).focus()

    def action_copy(self) -> None:
        """Copy the text."""
        self.app.copy_to_clipboard(self._text)
        self.notify("Copied.")


def _tame(line: str) -> str:
    return " " * (len(line) - len(line.lstrip(" "))) + one_line(line)
