"""A small application for one widget, and what is to be read on its screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.app import App

from trialdeck.tui.widgets.grid import Grid
from trialdeck.tui.widgets.plot import Plot

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.message import Message
    from textual.widget import Widget


class Host(App[None]):
    """Shows one widget and keeps the messages that it posts."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.widget

    @on(Grid.Moved)
    @on(Grid.Chosen)
    @on(Grid.HeaderClicked)
    @on(Plot.Pointed)
    @on(Plot.Chosen)
    def keep(self, message: Message) -> None:
        """Keep a message."""
        self.heard.append(message)


def screen(widget: Widget) -> list[str]:
    """Return the lines of a widget without the blanks at their ends."""
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]
