"""Which columns a table has, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from trialdeck.tui.format import one_line
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.table import Cell
from trialdeck.tui.widgets.grid import Grid, GridColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

COLUMNS = (GridColumn("shown", "", width=1), GridColumn("name", "column"))


def _key(keys: str, action: str, text: str, tooltip: str) -> Binding:
    name = "columns." + action.partition("(")[0] + ("_up" if "-1" in action else "")
    return Binding(keys, action, text, id=name, tooltip=tooltip)


class ChooseColumns(ModalScreen[tuple[str, ...] | None]):
    """Closes with the columns to show, in order; None when nothing is to change."""

    DEFAULT_CSS = """
    ChooseColumns { align: center middle; }
    ChooseColumns > Vertical {
        width: 44; height: auto; max-height: 90%; padding: 1 2; background: $surface;
    }
    ChooseColumns #question { text-style: bold; height: 1; margin-bottom: 1; }
    ChooseColumns Grid { max-height: 60vh; background: $surface; }
    ChooseColumns #keys { color: $text-muted; height: 2; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("space,x", "show_or_hide", "Show or hide", "Show the column, or hide it."),
        _key("J,shift+down", "shift(1)", "Down", "Move the column to the right."),
        _key("K,shift+up", "shift(-1)", "Up", "Move the column to the left."),
        _key("d", "default", "Default", "Show the columns of the beginning."),
        _key("escape", "leave", "Close", "Leave the columns as they were."),
    ]

    def __init__(self, names: Sequence[str], shown: Sequence[str], default: Sequence[str]) -> None:
        super().__init__()
        self._known = list(names)
        self._default = list(default)
        self._names: list[str] = []  # in the order of the list
        self._shown: set[str] = set()
        self._take(shown)

    def _take(self, shown: Sequence[str]) -> None:
        self._shown = set(shown)
        self._names = [*shown, *(name for name in self._known if name not in self._shown)]

    def compose(self) -> ComposeResult:
        """Lay out the list and its keys."""
        with Vertical():
            yield Static("Columns", id="question", markup=False)
            yield Grid(COLUMNS, id="columns")
            keys = "space shows or hides   J K move\nd default   enter done   esc as before"
            yield Static(keys, id="keys", markup=False)

    def on_mount(self) -> None:
        """Fill the list."""
        grid = self.query_one(Grid)
        grid.styles.height = len(self._names) + 1
        self._redraw()
        grid.focus()

    def _redraw(self) -> None:
        self.query_one(Grid).show(self._names, self._cells)

    def _cells(self, name: str) -> list[Cell]:
        if name in self._shown:
            return [Cell(glyph("ok"), "green"), Cell(one_line(name))]
        return [Cell(""), Cell(one_line(name), "bright_black")]

    def action_show_or_hide(self) -> None:
        """Show the column, or hide it; one stays."""
        name = self.query_one(Grid).cursor
        if self._shown != {name}:
            self._shown ^= {name}
            self._redraw()

    def action_shift(self, lines: int) -> None:
        """Move the column."""
        name = self.query_one(Grid).cursor
        old = self._names.index(name)
        new = max(0, min(len(self._names) - 1, old + lines))
        names = [other for other in self._names if other != name]
        names.insert(new, name)
        self._names = names
        self._redraw()

    def action_default(self) -> None:
        """Show the columns of the beginning."""
        self._take(self._default)
        self._redraw()

    def action_leave(self) -> None:
        """Change nothing."""
        self.dismiss(None)

    @on(Grid.Chosen)
    def _done(self, message: Grid.Chosen) -> None:
        message.stop()
        self.dismiss(tuple(name for name in self._names if name in self._shown))
