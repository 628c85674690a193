from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.widgets.hosts import Host, screen
from trialdeck.tui import glyphs
from trialdeck.tui.table import Cell
from trialdeck.tui.widgets.grid import Grid, GridColumn

if TYPE_CHECKING:
    from textual.strip import Strip

COLUMNS = [GridColumn("tid", "trial", right=True), GridColumn("state", "state"),
           GridColumn("loss", "loss", 10), GridColumn("error", "error")]  # fmt: skip


def cells(tid: int) -> list[Cell]:
    return [Cell(str(tid)), Cell("ok", "green"), Cell(f"0.{tid}"), Cell("")]


class Watched(Grid):
    """Keeps the numbers of the lines that were painted."""

    def __init__(self, **options: bool) -> None:
        super().__init__(COLUMNS, empty="no trials\npress r", **options)
        self.painted: list[int] = []

    def render_line(self, y: int) -> Strip:
        self.painted.append(y)
        return super().render_line(y)

    def take_painted(self) -> list[int]:
        painted, self.painted = self.painted, []
        return painted


@pytest.fixture(autouse=True)
def _unicode(monkeypatch):
    monkeypatch.setattr(glyphs, "_settled", [True])


async def test_rows_stand_under_a_header_that_stays():
    async with Host(grid := Watched()).run_test(size=(50, 6)) as pilot:
        grid.show(range(100), cells)
        await pilot.press("G")
        lines = screen(grid)
    assert lines[0] == " trial  state  loss        error"
    assert lines[1:] == [f"    {tid}  ok     0.{tid}" for tid in range(95, 100)]


KEYS = {
    "j": 1, "down": 1, "j j k": 1, "up": 0, "G": 99, "end": 99, "G g": 0, "G home": 0,
    "pagedown": 8, "pagedown pageup": 0, "ctrl+d": 4, "ctrl+d ctrl+u": 0,
}  # fmt: skip


async def test_keys_move_the_cursor():
    async with (host := Host(grid := Watched())).run_test(size=(50, 10)) as pilot:
        grid.show(range(100), cells)
        for keys, line in KEYS.items():
            grid.move_to(0)
            await pilot.press(*keys.split())
            assert grid.cursor == line, keys
            assert 0 <= line - grid.scroll_offset.y < 9, keys
            assert [m.key for m in host.heard if isinstance(m, Grid.Moved)][-1] == line, keys


async def test_the_cursor_and_the_eye_stay_at_a_row_when_rows_are_added():
    async with Host(grid := Watched()).run_test(size=(50, 10)) as pilot:
        grid.show(range(100), cells)
        assert grid.move_to(50)
        before = screen(grid)
        grid.show([-5, -4, -3, *range(100)], cells)
        await pilot.pause()
        assert grid.cursor == 50
        assert screen(grid) == before
        assert not grid.move_to("nothing")


async def test_with_follow_the_last_row_is_kept_in_sight():
    async with Host(grid := Watched(follow=True)).run_test(size=(50, 10)) as pilot:
        grid.show(range(100), cells)
        assert grid.cursor == 99
        grid.show(range(150), cells)
        await pilot.pause()
        assert grid.cursor == 149
        assert "149" in screen(grid)[-1]


async def test_nothing_is_painted_where_nothing_has_changed():
    async with Host(grid := Watched()).run_test(size=(50, 10)) as pilot:
        rows = list(range(100))
        grid.show(rows, cells)
        await pilot.pause()
        grid.take_painted()
        grid.show(rows, cells)
        grid.show(rows, cells, {3, 50})
        grid.show([*rows, 100], cells, ())
        await pilot.pause()
        assert grid.take_painted() == []


async def test_only_a_row_that_says_something_else_is_painted():
    async with Host(grid := Watched()).run_test(size=(50, 10)) as pilot:
        said = {tid: cells(tid) for tid in range(100)}
        grid.show(range(100), said.__getitem__)
        await pilot.pause()
        grid.take_painted()
        said[3][1] = said[60][1] = Cell("no", "red")
        grid.show(range(100), said.__getitem__, {3, 60})
        await pilot.pause()
        assert grid.take_painted() == [4]
        assert screen(grid)[4] == "     3  no     0.3"


async def test_columns_grow_with_what_is_visible():
    async with Host(grid := Watched()).run_test(size=(50, 10)) as pilot:
        grid.show(range(5), cells)
        grid.show(range(5), lambda tid: [Cell(str(tid)), Cell("interrupted"), *cells(tid)[2:]], {2})
        await pilot.pause()
        assert screen(grid)[0] == " trial  state        loss        error"


async def test_columns_that_do_not_fit_come_from_the_right():
    async with Host(grid := Watched()).run_test(size=(18, 5)) as pilot:
        grid.show(range(3), cells)
        await pilot.pause()
        assert screen(grid)[0] == " trial  state    →"
        await pilot.press("l", "l", "l", "l")
        assert screen(grid)[0] == " trial  error"
        await pilot.press("h")
        assert screen(grid)[:2] == [" trial  loss     →", "     0  0.0"]


async def test_without_rows_a_text_stands_in_the_middle():
    async with (host := Host(grid := Watched())).run_test(size=(21, 8)) as pilot:
        await pilot.pause()
        assert screen(grid)[3:5] == ["      no trials", "       press r"]
        grid.set_empty("none match")
        assert screen(grid)[4] == "     none match"
        grid.show([7], cells)
        grid.show([], cells)
        await pilot.press("enter", "j")
        assert grid.cursor is None
    assert not [message for message in host.heard if isinstance(message, Grid.Chosen)]


async def test_enter_and_two_clicks_choose_a_row():
    async with (host := Host(grid := Watched())).run_test(size=(50, 10)) as pilot:
        grid.show(range(100, 200), cells)
        await pilot.press("j", "enter")
        await pilot.click(grid, offset=(5, 4))
        assert grid.cursor == 103
        await pilot.click(grid, offset=(5, 6), times=2)
    chosen = [message.key for message in host.heard if isinstance(message, Grid.Chosen)]
    assert chosen == [101, 105]


async def test_a_click_on_a_title_names_its_column():
    async with (host := Host(grid := Watched())).run_test(size=(50, 10)) as pilot:
        grid.show(range(3), cells)
        await pilot.click(grid, offset=(9, 0))
        grid.mark_sort("state", descending=True)
        await pilot.pause()
        assert screen(grid)[0] == " trial  state ▼  loss        error"
    clicked = [message for message in host.heard if isinstance(message, Grid.HeaderClicked)]
    assert [message.column for message in clicked] == ["state"]
    assert clicked[0].control is grid


async def test_other_columns_can_be_shown():
    async with Host(grid := Watched()).run_test(size=(50, 10)) as pilot:
        grid.show(range(3), cells)
        grid.set_columns([GridColumn("only", "only")])
        # What the old rows said may be gone by now: only the new ones are asked for.
        grid.show(["x"], lambda key: {"x": [Cell("here")]}[key])
        await pilot.pause()
        assert screen(grid)[:3] == [" only", " here", ""]


async def test_the_cursor_stays_in_sight_when_the_terminal_shrinks():
    async with Host(grid := Watched()).run_test(size=(50, 40)) as pilot:
        grid.show(range(100), cells)
        grid.move_to(38)
        await pilot.resize_terminal(50, 10)
        await pilot.pause()
        assert any("38" in line for line in screen(grid))


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark"])
async def test_colours_come_from_the_theme(theme):
    app = Host(grid := Watched())
    app.theme = theme
    async with app.run_test(size=(50, 10)) as pilot:
        grid.show(range(3), cells)
        await pilot.pause()
        plain, green = (grid.render_line(2)._segments[n].style for n in (1, 3))
        assert plain.color != green.color
        row, cursor = grid.render_line(2), grid.render_line(1)
        assert row._segments[1].style != cursor._segments[1].style


def test_every_key_can_be_remapped_and_explains_itself():
    assert all(b.id.startswith("grid.") and b.tooltip and not b.show for b in Grid.BINDINGS)
