"""What has happened lately, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.tui.format import clock
from trialdeck.tui.glyphs import COLORS, glyph
from trialdeck.tui.table import Cell
from trialdeck.tui.widgets.grid import GridColumn
from trialdeck.tui.widgets.resting_grid import RestingGrid

if TYPE_CHECKING:
    from trialdeck.core.happenings import Happening

COLUMNS = (GridColumn("at", "events"), GridColumn("sign", ""), GridColumn("text", ""))
SIGNS = {"trouble": "warning", "pool": "none"}  # of those that are no state of a trial


class EventList(RestingGrid):
    """Enter opens the trial that an event is about. The rows' keys are the happenings."""

    _shown: tuple[Happening, ...] | None = None

    def __init__(self) -> None:
        super().__init__(COLUMNS, id="events", empty="nothing yet")

    def show_happenings(self, happenings: tuple[Happening, ...]) -> None:
        """Draw these, which come with the oldest first."""
        if happenings is not self._shown:
            self._shown = happenings
            self.show(happenings[::-1], _cells, ())


def _cells(happening: Happening) -> list[Cell]:
    sign = SIGNS.get(happening.kind, happening.kind)
    color = COLORS.get(sign, "bright_black")
    text_color = color if happening.kind in ("best", "failed", "trouble") else ""
    return [
        Cell(clock(happening.at), "bright_black"),
        Cell(glyph(sign), color),
        Cell(happening.text, text_color),
    ]
