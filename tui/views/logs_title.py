"""The first line of the view "Logs": which log, and how it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from trialdeck.tui.format import cut, one_line, width_of
from trialdeck.tui.widgets.styles import MUTED

if TYPE_CHECKING:
    from trialdeck.tui.views.logs_text import LogText


class LogTitle(Static):
    """One line; painted only when it says something else than before."""

    DEFAULT_CSS = "LogTitle { height: 1; padding: 0 1; background: $surface; }"

    def show(self, name: str, how: str, width: int) -> None:
        """Say the log's name at the left, and how it is shown at the right."""
        room = width - 2
        name = cut(one_line(name), max(10, room - width_of(how) - 2))
        blanks = " " * max(2, room - width_of(name) - width_of(how))
        title = Content.assemble((name, "bold"), blanks, (how, MUTED))
        if not isinstance(self.content, Content) or not title.is_same(self.content):
            self.update(title)


def how_shown(text: LogText, *, growing: bool) -> str:
    """Return what is searched, and whether lines are wrapped and the end is followed."""
    parts = []
    if query := text.lines.query:
        found = text.lines.found
        place = sum(line <= text.line for line in found)
        parts.append(f'"{one_line(query)}" {place} of {len(found)}')
    parts.append("wrapped" if text.lines.wrap else "not wrapped")
    if growing:
        parts.append("following" if text.follow else "not following")
    return ", ".join(parts)
