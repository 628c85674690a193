"""A question that is answered with a line of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType


class AskText(ModalScreen[str | None]):
    """Asks for a text; `check` says what is wrong with one at every keystroke ("": nothing)."""

    DEFAULT_CSS = """
    AskText { align: center middle; }
    AskText > Vertical {
        width: 80%; max-width: 80; height: auto; background: $surface; padding: 1 2;
    }
    AskText .ask--title { text-style: bold; }
    AskText Input { margin: 1 0; background: $panel; }
    AskText .ask--wrong { color: $text-error; height: auto; }
    AskText .ask--about { color: $text-muted; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", show=False)
    ]

    def __init__(
        self, title: str, text: str = "", about: str = "", check: Callable[[str], str] | None = None
    ) -> None:
        super().__init__()
        self._title_text = title
        self._text = text
        self._about = about
        self._check = check or (lambda _text: "")

    def compose(self) -> ComposeResult:
        """Lay out the question, the line, what is wrong with it."""
        with Vertical():
            yield Static(self._title_text, markup=False, classes="ask--title")
            entry = Input(self._text, compact=True)
            entry.cursor_blink = False
            yield entry
            yield Static("", markup=False, classes="ask--wrong")
            yield Static(self._about, markup=False, classes="ask--about")

    def on_mount(self) -> None:
        """Begin with the text."""
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what is wrong."""
        self.query_one(".ask--wrong", Static).update(self._check(event.value.strip()))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer, unless something is wrong."""
        text = event.value.strip()
        if text and not self._check(text):
            self.dismiss(text)
