"""The text of the parameter file, highlighted, with the mistakes in it below.

Imported when it is first shown: the highlighting takes a while to load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, TextArea
from textual.widgets.option_list import Option

from trialdeck.tui.format import one_line
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from trialdeck.core.errors import Problem

WAIT = 0.15  # seconds without a key before the text is parsed


class TomlText(TextArea):
    """The text; escape leaves it instead of going to the next widget."""

    DEFAULT_CSS = """
    TomlText, TomlText:focus { border: none; padding: 0; height: 1fr; background: $surface; }
    """

    class Left(Message):
        """The user is done with the text."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.stop()
            event.prevent_default()  # Textual calls that of `TextArea` by itself otherwise
            self.post_message(self.Left())


class TomlEditor(Vertical):
    """An editor for TOML. `Edited` follows a moment after the text was changed."""

    DEFAULT_CSS = """
    TomlEditor OptionList, TomlEditor OptionList:focus {
        height: auto; max-height: 30%; border: none; padding: 0; margin-top: 1;
        background: $background; scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f8,ctrl+n",
            "next_mistake",
            "Next mistake",
            id="space.next_in_text",
            tooltip="Go to the line of the next mistake in the text.",
        ),
    ]

    class Edited(Message):
        """The text is another one."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__()
        self.area = TomlText.code_editor(language="toml", theme="css", compact=True)
        self.area.cursor_blink = False
        self._mistakes = OptionList(markup=False)
        self._lines: list[int | None] = []
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Lay out the text and the mistakes."""
        yield self.area
        yield self._mistakes

    @property
    def line(self) -> int:
        """The line of the cursor, from 1."""
        return int(self.area.cursor_location[0]) + 1

    def load(self, text: str) -> None:
        """Show a text, unless it is there already; what was undone before is forgotten."""
        if text != self.area.text:
            with self.area.prevent(TextArea.Changed):
                self.area.load_text(text)

    def go_to(self, line: int) -> None:
        """Put the cursor on a line, from 1, in the middle of the screen."""
        last = self.area.document.line_count
        self.area.move_cursor((min(max(line, 1), last) - 1, 0), center=True)
        self.area.focus()

    def complain(self, problems: Sequence[tuple[Problem, int | None]]) -> None:
        """List the mistakes, each with its line where that is known."""
        self._lines = [line for _, line in problems]
        self._mistakes.display = bool(problems)
        self._mistakes.set_options([Option(_mistake(*each)) for each in problems])

    def settle(self) -> bool:
        """Wait no longer; return whether the text has changed and `Edited` has not been sent."""
        waits = self._timer is not None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        return waits

    def _flush(self) -> None:
        if self.settle():
            self.post_message(self.Edited(self.area.text))

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Wait for the end of typing."""
        event.stop()
        self.settle()
        self._timer = self.set_timer(WAIT, self._flush)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the line of a mistake."""
        event.stop()
        line = self._lines[event.option_index]
        if line is not None:
            self.go_to(line)

    def action_next_mistake(self) -> None:
        """Go to the next line with a mistake, from the last to the first."""
        lines = sorted({line for line in self._lines if line is not None})
        if lines:
            self.go_to(next((line for line in lines if line > self.line), lines[0]))


def _mistake(problem: Problem, line: int | None) -> Content:
    """Return a mistake as one entry: where, what, and the cure."""
    where = f"{glyph('failed')} " + (f"line {line}: " if line is not None else "")
    text = one_line(problem.text)
    key = "" if problem.place is not None else f"{one_line(problem.key)}: "
    cure = one_line(problem.cure.split("\n")[0])
    return Content.assemble((where + key + text, STYLES["failed"]), (f"  {cure}", MUTED))
