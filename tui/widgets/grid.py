"""A table for very many rows that change all the time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.message import Message

from trialdeck.tui.widgets.grid_columns import GridColumn, most_skipped
from trialdeck.tui.widgets.grid_keys import GRID_KEYS
from trialdeck.tui.widgets.grid_paint import CSS
from trialdeck.tui.widgets.grid_view import GridView

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from textual import events
    from textual.binding import BindingType

    from trialdeck.tui.table import Cell

__all__ = ["Grid", "GridColumn"]


class Grid(GridView, can_focus=True, inherit_bindings=False):
    """Rows under a header that stays; only what is visible is asked for and drawn.

    A row is known by its key. The cursor belongs to a key, not to a line: it stays at its row when
    rows are sorted, filtered or added. With `follow` a cursor at the last row stays at the last.
    The first `fixed_columns` columns stay where they are when the others are moved sideways.
    `empty` is said where there are no rows; it may have several lines.
    """

    DEFAULT_CSS = CSS
    BINDINGS: ClassVar[list[BindingType]] = [*GRID_KEYS]

    @dataclass
    class Moved(Message):
        """The cursor is at another row; `key` is None where there are no rows any more."""

        grid: Grid
        key: Any

        @property
        def control(self) -> Grid:
            """The grid, for `@on(Grid.Moved, "#id")`."""
            return self.grid

        def can_replace(self, message: Message) -> bool:
            """Only the last of several moves is of interest."""
            return isinstance(message, Grid.Moved) and message.grid is self.grid

    @dataclass
    class Chosen(Message):
        """Enter was pressed at the row of `key`, or it was clicked twice."""

        grid: Grid
        key: Any

        @property
        def control(self) -> Grid:
            """The grid, for `@on(Grid.Chosen, "#id")`."""
            return self.grid

    @dataclass
    class HeaderClicked(Message):
        """The title of a column was clicked; `column` is the column's key."""

        grid: Grid
        column: str

        @property
        def control(self) -> Grid:
            """The grid, for `@on(Grid.HeaderClicked, "#id")`."""
            return self.grid

    def show(
        self,
        order: Sequence[Any],
        cells: Callable[[Any], Sequence[Cell]],
        dirty: Collection[Any] | None = None,
    ) -> None:
        """Show the rows with these keys, in this order; `cells` gives the cells of one.

        `cells` is called for visible rows only. `dirty` has the keys of rows that say something
        else than before; None means that any may. Only lines that change are painted.
        """
        before = self._rows.key
        super().show(order, cells, dirty)
        self._tell_moved(before)

    def move_to(self, key: Any) -> bool:
        """Put the cursor at a row; False if there is none with that key."""
        line = self._rows.find(key)
        if line is not None:
            self._go(line)
        return line is not None

    # Keys and the mouse.

    def action_move(self, lines: int) -> None:
        """Move the cursor by some lines."""
        self._go(self._rows.line + lines)

    def action_page(self, pages: float) -> None:
        """Move the cursor by a part of what is visible."""
        self._go(self._rows.line + round(pages * max(1, self._body - 1)))

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self._go(0)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self._go(self._rows.count - 1)

    def action_columns(self, number: int) -> None:
        """Move the columns that are not fixed sideways."""
        most = most_skipped(self._widths, self._fixed, self._wide)
        skipped = max(0, min(self._skipped + number, most))
        if skipped != self._skipped:
            self._skipped = skipped
            self._renew(())

    def action_choose(self) -> None:
        """Say that the row under the cursor was chosen."""
        if self._rows.count:
            self.post_message(self.Chosen(self, self._rows.key))

    def on_click(self, event: events.Click) -> None:
        """Select a row; choose it at the second click; or say which title it was."""
        place = event.get_content_offset(self)
        if place is None:
            return
        if place.y == 0:
            for span in self._spans:
                if span.x <= place.x <= span.end:
                    self.post_message(self.HeaderClicked(self, self._columns[span.column].key))
        elif (line := self._top + place.y - 1) < self._rows.count:
            self._go(line)
            if event.chain == 2:
                self.action_choose()

    def _go(self, line: int) -> None:
        before = self._rows.key
        self._rows.go(line)
        self._reveal()
        self._renew(())
        self._tell_moved(before)

    def _tell_moved(self, before: Any) -> None:
        if self._rows.key != before:
            self.post_message(self.Moved(self, self._rows.key))
