"""The best trial's value and point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from trialdeck.tui.format import cut, metric, one_line
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.progress import best_value
from trialdeck.tui.stages import name_of
from trialdeck.tui.widgets.lines import Lines, hint
from trialdeck.tui.widgets.styles import STYLES

if TYPE_CHECKING:
    from trialdeck.core.space import Space
    from trialdeck.core.status import Status


class BestPoint(Lines):
    """As many of the values as there is room for: `room` is a number of lines."""

    room = 8
    _status: Status | None = None
    _space: Space | None = None

    def show(self, status: Status, space: Space) -> None:
        """Draw the best trial of a search."""
        self._status, self._space = status, space
        self.redraw()

    def lines(self, width: int) -> list[Content]:
        """Return the title and the values."""
        if self._status is None or self._space is None or self._status.best is None:
            return []
        from trialdeck.tui.best import point_lines

        best = self._status.best
        name = f"best {one_line(self._status.metric)} {metric(best_value(self._status))}"
        title = Content.styled(
            f"{glyph('best')} {name}, {name_of(best.tid)}", f"{STYLES['best']} bold"
        )
        lines = [Content(cut(line, width)) for line in point_lines(best.params, self._space, width)]
        if len(lines) > self.room - 1:
            more = len(lines) - self.room + 2
            lines = [*lines[: self.room - 2], hint("b", f"shows {more} more")]
        return [title + Content("   ") + hint("y", "copies it"), *lines]
