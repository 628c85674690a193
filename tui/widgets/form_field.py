"""One line of a form: a label, a value that can be typed, and below it what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from trialdeck.tui.format import one_line
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.widgets.styles import KEY, MUTED, STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.widget import Widget

    from trialdeck.core.errors import Problem

FIX_KEY = "ctrl+t"


class FormInput(Input):
    """A line to type in, without a frame."""

    DEFAULT_CSS = """
    FormInput, FormInput:focus { background: $surface; width: 1fr; }
    FormInput:focus { background: $panel; }
    """

    def __init__(self, placeholder: str = "") -> None:
        super().__init__(placeholder=placeholder, compact=True)
        self.cursor_blink = False


class Field(Vertical):
    """A value of the form, called `name`."""

    DEFAULT_CSS = """
    Field { height: auto; }
    Field > Horizontal { height: auto; }
    Field .field--label { width: 13; color: $text-muted; }
    Field .field--wrong { height: auto; padding-left: 2; }
    """

    class Typed(Message):
        """The value was changed by the user."""

        def __init__(self, name: str, text: str) -> None:
            super().__init__()
            self.field = name
            self.text = text

    class Begun(Message):
        """The user has come to a value: what is typed now is one change."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.field = name

    def __init__(self, name: str, label: str, value: Widget | None = None) -> None:
        super().__init__(name=name, id=f"field-{name}")
        self._label = Static(label, markup=False, classes="field--label")
        self.value = value if value is not None else FormInput()
        self._wrong = Static("", markup=False, classes="field--wrong")
        self._wrong.display = False
        self._label_text = label
        self._said = Content("")

    def compose(self) -> ComposeResult:
        """Lay out the line and what is below it."""
        with Horizontal():
            yield self._label
            yield self.value
        yield self._wrong

    def show(self, text: str, label: str | None = None) -> None:
        """Show a text to be typed; `Typed` does not follow."""
        if label is not None and label != self._label_text:
            self._label_text = label
            self._label.update(label)
        line = self.value
        if isinstance(line, Input) and text != line.value:
            with line.prevent(Input.Changed):
                line.value = text
            line.cursor_position = len(text)

    def complain(self, problems: Sequence[Problem], text: str = "") -> None:
        """Show what is wrong and the cure; `text` is about what could not even be written."""
        said = Content.styled(f"{glyph('failed')} {one_line(text)}", STYLES["failed"])
        lines = [said] if text else []
        for problem in problems:
            lines += problem_lines(problem)
        content = Content("\n").join(lines)
        if not content.is_same(self._said):
            self._said = content
            self._wrong.display = bool(lines)
            self._wrong.update(content)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(self.name or "", event.value))

    def on_descendant_focus(self) -> None:
        """Say that a change begins."""
        self.post_message(self.Begun(self.name or ""))


def problem_lines(problem: Problem, key: str = FIX_KEY) -> list[Content]:
    """Return a mistake and its cure, with the key that writes it where there is one."""
    lines = [Content.styled(f"{glyph('failed')} {one_line(problem.text)}", STYLES["failed"])]
    if problem.fixes:
        others = len(problem.fixes) - 1
        more = f" (or {others} more)" if others else ""
        lines.append(
            Content.assemble((key, KEY), (f" {one_line(problem.fixes[0].text)}{more}", MUTED))
        )
    elif problem.cure:
        lines.append(Content.styled(one_line(problem.cure), MUTED))
    return lines
