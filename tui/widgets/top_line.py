"""The first line of the screen: the views by their keys, the search, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.message import Message
from textual.widget import Widget

from trialdeck.tui.format import cut, one_line, width_of
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.sites import is_away

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events

    from trialdeck.tui.seen import Seen


def head(seen: Seen) -> str:
    """Return which search it is and how it stands; with a sign where that may be out of date."""
    status = seen.status
    if status is None:
        return seen.name
    doubtful = status.silent or status.stuck or any(is_away(row) for row in seen.sites)
    sign = f" {glyph('warning')}" if doubtful else ""
    return f"{seen.name}  {status.state}{sign}"


class TopLine(Widget):
    """Names the views; the one on the screen is marked. Others can be clicked."""

    DEFAULT_CSS = """
    TopLine { height: 1; dock: top; background: $panel; color: $foreground; }
    TopLine > .top-line--here { background: $primary; color: $text; text-style: bold; }
    TopLine > .top-line--key { color: $text-muted; }
    TopLine > .top-line--right { color: $foreground; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"top-line--here", "top-line--key", "top-line--right"}

    class Clicked(Message):
        """A view's name was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.view_name = name

    def __init__(self, views: Mapping[str, str]) -> None:
        super().__init__(id="top")
        self._views = views
        self._here = ""
        self._right = ""

    def show(self, *, here: str | None = None, right: str | None = None) -> None:
        """Mark a view, or write at the right side; redraws only what has changed."""
        new = (self._here if here is None else here, self._right if right is None else right)
        if new != (self._here, self._right):
            self._here, self._right = new
            self.refresh()

    def render(self) -> Text:
        """Return the line."""
        line = Text(no_wrap=True, end="")
        for number, (name, title) in enumerate(self._views.items(), 1):
            here = name == self._here
            style = self.get_component_rich_style("top-line--here") if here else ""
            key = "" if here else self.get_component_rich_style("top-line--key")
            line.append(" ", style)
            line.append(str(number), style or key)
            line.append(f" {title} ", style)
        left = self.size.width - width_of(line.plain) - 3
        if left > 3:
            right = cut(one_line(self._right), left)
            line.append(" " * (left - width_of(right) + 2))
            line.append(right, self.get_component_rich_style("top-line--right"))
        return line

    def on_click(self, event: events.Click) -> None:
        """Open the view whose name is there."""
        start = 0
        for name, title in self._views.items():
            start += len(title) + 4
            if event.x < start:
                self.post_message(self.Clicked(name))
                return
