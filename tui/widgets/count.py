"""A field for a number from 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.widgets import Input

if TYPE_CHECKING:
    from textual.binding import BindingType


class Count(Input):
    """A field for a number from 1; the up and down keys change it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "change(1)", "More", show=False, id="launch.more", tooltip="One more."),
        Binding("down", "change(-1)", "Fewer", show=False, id="launch.fewer", tooltip="One less."),
    ]

    @property
    def number(self) -> int | None:
        """The number, None when there is none."""
        return int(self.value) if self.value.isdecimal() and int(self.value) > 0 else None

    def action_change(self, by: int) -> None:
        """Make the number larger or smaller."""
        self.value = str(max(1, (self.number or 0) + by))
        self.cursor_position = len(self.value)
