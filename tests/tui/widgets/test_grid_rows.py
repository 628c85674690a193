from __future__ import annotations

from trialdeck.tui.table import Cell
from trialdeck.tui.widgets.grid_rows import GridRows


class Asked(GridRows):
    """Keeps the keys of the rows that were asked for."""

    def __init__(self, *keys: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.give(*keys)

    def give(self, *keys: str, follow: bool = False) -> None:
        self.take(keys, self.cells, follow=follow)

    def cells(self, key: str) -> list[Cell]:
        self.asked.append(key)
        return [Cell(key)]


def test_the_cursor_stays_at_its_key():
    rows = Asked("a", "b", "c")
    rows.go(1)
    rows.give("c", "x", "b", "a")
    assert (rows.line, rows.key) == (2, "b")


def test_where_its_key_is_gone_the_cursor_stays_at_its_line_or_the_last():
    rows = Asked("a", "b", "c")
    rows.go(2)
    rows.give("a", "b")
    assert (rows.line, rows.key) == (1, "b")
    rows.give()
    assert (rows.line, rows.key) == (0, None)
    rows.give("z")
    assert rows.key == "z"


def test_a_cursor_that_follows_goes_to_the_last_row_only_from_there():
    rows = Asked("a", "b")
    rows.go(1)
    rows.give("a", "b", "c", follow=True)
    assert rows.key == "c"
    rows.go(0)
    rows.give("a", "b", "c", "d", follow=True)
    assert rows.key == "a"


def test_only_visible_rows_that_are_new_or_dirty_are_asked_for():
    rows = Asked(*"abcdefgh")
    rows.look(2, 3, None)
    assert rows.asked == ["c", "d", "e"]
    assert [row[0].text for row in rows.visible] == ["c", "d", "e"]
    rows.asked.clear()
    rows.look(2, 3, ["d", "h"])
    assert rows.asked == ["d"]
    rows.asked.clear()
    rows.look(3, 3, ())
    assert rows.asked == ["f"]
    rows.asked.clear()
    rows.look(3, 3, None)
    assert rows.asked == ["d", "e", "f"]


def test_equal_keys_have_a_line_each():
    rows = Asked("a", "a", "b")
    rows.look(0, 9, None)
    assert [row[0].text for row in rows.visible] == ["a", "a", "b"]


def test_rows_that_the_caller_has_added_since_are_not_counted():
    keys = ["a", "b"]
    rows = GridRows()
    rows.take(keys, lambda key: [Cell(key)], follow=False)
    keys.append("c")
    rows.look(0, 9, None)
    assert len(rows.visible) == 2
    assert rows.find("c") is None
