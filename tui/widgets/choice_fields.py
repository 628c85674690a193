"""Settings of a launch in the form: a line for each, where to choose or to type."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from trialdeck.tui.format import cut, one_line, width_of
from trialdeck.tui.widgets.styles import MUTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.binding import BindingType

    from trialdeck.backends.base import Choice

UNSET = "not set"


class Picker(Widget, can_focus=True):
    """One of a few values, with what is said about it; `Opened` asks for all of them."""

    DEFAULT_CSS = """
    Picker { height: 1; width: 1fr; }
    Picker:focus { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "step(1)", "Next", show=False, id="launch.next", tooltip="The next."),
        Binding(
            "left,h", "step(-1)", "Last", show=False, id="launch.last", tooltip="The one before."
        ),
        Binding("enter,space", "open", "All", show=False, id="launch.all", tooltip="Show all."),
    ]

    class Opened(Message):
        """All values of `picker` are to be shown."""

        def __init__(self, picker: Picker) -> None:
            super().__init__()
            self.picker = picker

    class Picked(Message):
        """Another value has been chosen."""

    def __init__(self, choice: Choice, value: str) -> None:
        super().__init__()
        self.choice = choice
        self.value = value
        self.values = list(choice.options)
        if choice.value not in self.values:
            self.values.insert(0, choice.value)

    def pick(self, value: str) -> None:
        """Choose a value."""
        if value != self.value:
            self.value = value
            self.refresh()
            self.post_message(self.Picked())

    def about(self, value: str) -> str:
        """Return what is said about a value."""
        if value in self.choice.options:
            return self.choice.options[value]
        return self.choice.about if not value else "of the parameter file; it is not offered here"

    def render(self) -> Content:
        """Return the value between what the arrow keys do, and what is said about it."""
        value = one_line(self.value) or UNSET
        wide = max(width_of(one_line(v) or UNSET) for v in self.values)
        room = self.size.width - wide - 6
        about = cut(one_line(self.about(self.value)), room) if room > 3 else ""
        blanks = " " * (wide - width_of(value))
        value_style = "bold" if self.has_focus else ""
        return Content.assemble(
            ("< ", MUTED), (value, value_style), (f"{blanks} >  {about}", MUTED)
        )

    def action_step(self, by: int) -> None:
        """Choose the value after or before."""
        here = self.values.index(self.value) if self.value in self.values else 0
        self.pick(self.values[(here + by) % len(self.values)])

    def action_open(self) -> None:
        """Ask for all values to be shown."""
        self.post_message(self.Opened(self))

    def on_click(self) -> None:
        """Show all values."""
        self.action_open()


class ChoiceFields(Vertical):
    """All settings there are to choose; `Changed` follows what the user does."""

    DEFAULT_CSS = """
    ChoiceFields { height: auto; }
    ChoiceFields Horizontal { height: 1; }
    ChoiceFields .label { width: 11; }
    ChoiceFields Input { width: 18; margin-right: 2; background: $panel; padding: 0 1; }
    ChoiceFields .about {
        width: 1fr; height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    ChoiceFields .said { height: auto; color: $text-muted; }
    """

    class Changed(Message):
        """Another value stands in a field."""

    def __init__(self) -> None:
        super().__init__(id="choices")
        self._shown: object = None

    def say(self, text: str) -> None:
        """Show a text where there is nothing to choose yet."""
        if text != self._shown:
            self._shown = text
            self.remove_children()
            if text:
                self.mount(Static(text, markup=False, classes="said"))

    def offer(self, choices: Sequence[Choice], values: Mapping[str, str]) -> None:
        """Show these settings, with the values that were chosen before."""
        if choices is self._shown:
            return
        self._shown = choices
        self.remove_children()
        self.mount_all(_row(choice, values.get(choice.key, choice.value)) for choice in choices)

    @property
    def values(self) -> dict[str, str]:
        """What is chosen otherwise than the parameter file says."""
        found = {p.choice.key: (p.choice.value, p.value) for p in self.query(Picker)}
        typed = self.query(ChoiceInput)
        found |= {line.choice.key: (line.choice.value, line.value.strip()) for line in typed}
        return {key: now for key, (given, now) in found.items() if now != given}

    @on(Input.Changed)
    @on(Picker.Picked)
    def _changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed())


class ChoiceInput(Input):
    """A setting for which anything can be written."""

    def __init__(self, choice: Choice, value: str) -> None:
        super().__init__(value=value, compact=True, placeholder=UNSET)
        self.choice = choice


def _row(choice: Choice, value: str) -> Horizontal:
    label = Static(one_line(choice.key), markup=False, classes="label")
    if choice.options:
        return Horizontal(label, Picker(choice, value))
    about = Static(one_line(choice.about), markup=False, classes="about")
    return Horizontal(label, ChoiceInput(choice, value), about)
