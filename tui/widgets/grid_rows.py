"""The rows of a grid, its cursor, and what the visible ones say. Draws nothing."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from trialdeck.tui.table import Cell

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

Row = tuple[Cell, ...]


class GridRows:
    """Keys in an order, and a cursor that stays at its key as long as that is among them."""

    def __init__(self) -> None:
        self.count = 0  # of rows when they came; the caller may go on changing the list
        self.line = 0  # of the cursor
        self.key: Any = None  # of the cursor; None where there are no rows
        self._order: Sequence[Any] = ()
        self._cells: Callable[[Any], Sequence[Cell]] = lambda _: ()
        self.visible: list[Row] = []  # what the visible rows say, from above
        self._known: dict[Any, Row] = {}  # and by key

    def take(
        self, order: Sequence[Any], cells: Callable[[Any], Sequence[Cell]], *, follow: bool
    ) -> None:
        """Take other rows. With `follow` a cursor at the last one goes to the last one."""
        to_last = follow and self.line >= self.count - 1
        self._order, self._cells, self.count = order, cells, len(order)
        found = None if to_last or self.key is None else self.find(self.key)
        line = self.count - 1 if to_last else self.line
        self.go(line if found is None else found)

    def go(self, line: int) -> None:
        """Put the cursor at a line, or the nearest there is."""
        self.line = max(0, min(line, self.count - 1))
        self.key = self._order[self.line] if self.count else None

    def find(self, key: Any) -> int | None:
        """Return the line of a key, None if there is none."""
        if self.line < self.count and self._order[self.line] == key:
            return self.line
        try:
            line = self._order.index(key)
        except ValueError:
            return None
        return line if line < self.count else None

    def look(self, top: int, height: int, dirty: Collection[Any] | None) -> list[Row]:
        """Read `height` rows from line `top`; return those that were not known before.

        A row is asked for again if it is `dirty`; all are where that is None.
        """
        keys = self._order[top : min(top + height, self.count)]
        stale = dirty if dirty is None or isinstance(dirty, AbstractSet) else set(dirty)
        known = {} if stale is None else self._known
        self._known = {}
        fresh = []
        for key in keys:
            if key in known and not (stale and key in stale):
                self._known[key] = known[key]
            else:
                self._known[key] = row = tuple(self._cells(key))
                fresh.append(row)
        self.visible = [self._known[key] for key in keys]
        return fresh

    def forget(self) -> None:
        """Ask for all the visible rows anew when they are read next."""
        self._known = {}
