from __future__ import annotations

from tests.tui.widgets.hosts import Host
from trialdeck.tui.table import Cell
from trialdeck.tui.widgets.grid import GridColumn
from trialdeck.tui.widgets.resting_grid import RestingGrid


def cells(key: int) -> list[Cell]:
    return [Cell(f"row {key}")]


async def test_it_stays_at_its_first_row_until_it_is_used() -> None:
    grid = RestingGrid((GridColumn("text", "text"),))
    async with Host(grid).run_test(size=(40, 8)) as pilot:
        pilot.app.set_focus(None)
        await pilot.pause()
        grid.show((3, 2, 1), cells)
        grid.show((4, 3, 2, 1), cells)
        assert grid.cursor == 4
        grid.focus()
        await pilot.press("j")
        assert grid.cursor == 3
        grid.show((5, 4, 3, 2, 1), cells)
        assert grid.cursor == 3
