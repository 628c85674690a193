"""The distribution of a dimension in its form; enter chooses another."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from trialdeck.tui.format import cut, one_line
from trialdeck.tui.glyphs import glyph

if TYPE_CHECKING:
    from textual.binding import BindingType


class TypeField(Widget, can_focus=True):
    """Shows the distribution's name."""

    DEFAULT_CSS = """
    TypeField { height: 1; width: 1fr; background: $surface; }
    TypeField:focus { background: $primary; color: $text; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,space",
            "choose",
            "Choose",
            id="space.choose_type",
            tooltip="Choose another distribution; what has a meaning there is taken over.",
        ),
    ]

    class Asked(Message):
        """Another distribution is to be chosen."""

    _type = ""

    def show(self, name: str) -> None:
        """Show a distribution."""
        if name != self._type:
            self._type = name
            self.refresh()

    def render(self) -> Content:
        """Return its name."""
        return Content(cut(one_line(self._type), self.size.width) or glyph("none"))

    def action_choose(self) -> None:
        """Ask for the chooser."""
        self.post_message(self.Asked())

    def on_click(self) -> None:
        """Choose, as enter does."""
        self.action_choose()
