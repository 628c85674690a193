"""A grid beside others: it shows a cursor only while it has the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.tui.widgets.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Sequence

    from trialdeck.tui.table import Cell


class RestingGrid(Grid):
    """While it is not in use it stays at its first row, whatever comes above."""

    DEFAULT_CSS = """
    RestingGrid > .grid--cursor { background: $background 0%; color: $foreground; }
    """

    def show(
        self,
        order: Sequence[Hashable],
        cells: Callable[..., Sequence[Cell]],
        dirty: Collection[Hashable] | None = None,
    ) -> None:
        """Show rows (see `Grid.show`)."""
        super().show(order, cells, dirty)
        if not self.has_focus and order and self.cursor != order[0]:
            self.move_to(order[0])
