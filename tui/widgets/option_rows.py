"""The options of a choice, in the form: a list of their names, and what they carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from trialdeck.core.params.rows import nested
from trialdeck.core.reading import shown
from trialdeck.tui.format import cut, one_line, width_of
from trialdeck.tui.widgets.styles import MUTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType


class OptionRows(OptionList):
    """Lists options; the keys that change them are told by `Asked`."""

    DEFAULT_CSS = """
    OptionRows {
        height: auto; max-height: 6; border: none; padding: 0; background: $surface;
        scrollbar-size-vertical: 1;
    }
    OptionRows:focus { border: none; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding(
            "enter,l,right",
            "ask('edit')",
            "Edit",
            key_display="enter",
            id="space.edit_option",
            tooltip="Change the option under the cursor.",
        ),
        Binding(
            "a,insert",
            "ask('add')",
            "Add",
            key_display="a",
            id="space.add_option",
            tooltip="Add an option at the end.",
        ),
        Binding(
            "i",
            "ask('inside')",
            "Dimension in it",
            id="space.add_inside",
            tooltip="Add a dimension that only this option carries.",
        ),
        Binding(
            "D,d,delete",
            "ask('delete')",
            "Delete",
            key_display="D",
            id="space.delete_option",
            tooltip="Delete the option with all that it carries; u brings it back.",
        ),
        Binding(
            "J,shift+down",
            "ask('down')",
            "Option down",
            show=False,
            id="space.option_down",
            tooltip="Move the option down.",
        ),
        Binding(
            "K,shift+up",
            "ask('up')",
            "Option up",
            show=False,
            id="space.option_up",
            tooltip="Move the option up.",
        ),
    ]

    class Asked(Message):
        """Something is to be done with the option under the cursor."""

        def __init__(self, what: str, option: int) -> None:
            super().__init__()
            self.what = what
            self.option = option

    class Chosen(Message):
        """The cursor has moved; it is on `highlighted`."""

    def __init__(self) -> None:
        super().__init__(markup=False, id="options")

    def show(self, options: Sequence[Any], here: int, wide: int) -> None:
        """Draw the options, `wide` columns at most, with the cursor on one of them."""
        lines = [_line(option, wide) for option in options]
        drawn = [option.prompt for option in self.options]
        if len(lines) != len(drawn) or not all(
            isinstance(old, Content) and old.is_same(new)
            for old, new in zip(drawn, lines, strict=True)
        ):
            self.set_options([Option(line) for line in lines])
        self.highlighted = min(here, len(lines) - 1) if lines else None

    def action_ask(self, what: str) -> None:
        """Pass on what is wanted."""
        self.post_message(self.Asked(what, self.highlighted or 0))

    def action_cursor_down(self) -> None:
        """Go down, from the last option to the next line of the form."""
        self._step(last=len(self.options) - 1, go=super().action_cursor_down, leave="next")

    def action_cursor_up(self) -> None:
        """Go up, from the first option to the line of the form above."""
        self._step(last=0, go=super().action_cursor_up, leave="previous")

    def _step(self, *, last: int, go: Any, leave: str) -> None:
        if self.highlighted is None or self.highlighted == last:
            getattr(self.screen, f"focus_{leave}")()
        else:
            go()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell which option the line below is about."""
        event.stop()
        self.post_message(self.Chosen())

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Edit: enter and a click mean the same."""
        event.stop()
        self.action_ask("edit")


def option_name(option: Any) -> Any:
    """Return what is chosen: an option that carries dimensions goes by its name."""
    return option.get("name", "") if isinstance(option, dict) else option


def _line(option: Any, wide: int) -> Content:
    name = option_name(option)
    text = cut(one_line(name if isinstance(name, str) else shown(name)), wide)
    carried = list(nested(option)) if isinstance(option, dict) else []
    room = wide - width_of(text) - 2
    about = cut("with " + ", ".join(map(one_line, carried)), room) if carried and room > 4 else ""
    return Content.assemble(text, "  " if about else "", (about, MUTED))
