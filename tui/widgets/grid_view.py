"""What is seen of a grid: its rows below the header, and how they come there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from trialdeck.tui.widgets.grid_columns import (
    GridColumn,
    Sort,
    Span,
    spans_of,
    titles,
    widths_of,
)
from trialdeck.tui.widgets.grid_paint import COMPONENTS, empty_strip, row_strip, with_more
from trialdeck.tui.widgets.grid_rows import GridRows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from rich.style import Style

    from trialdeck.tui.table import Cell


class GridView(ScrollView):
    """Shows rows and the cursor; see `Grid`, which can be steered."""

    COMPONENT_CLASSES: ClassVar[set[str]] = COMPONENTS

    def __init__(
        self,
        columns: Sequence[GridColumn] = (),
        *,
        fixed_columns: int = 1,
        follow: bool = False,
        empty: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.follow = follow
        self._fixed = fixed_columns
        self._empty = empty
        self._columns = tuple(columns)
        self._sort = Sort()
        self._rows = GridRows()
        self._skipped = 0  # columns, when moved sideways
        self._widths: list[int] = []
        self._spans: list[Span] = []
        self._painted: dict[int, object] = {}  # what each line of the screen shows
        self._prepared: object = None  # the size and place that rows and columns were read for
        self._styles: dict[str, Style] = {}

    # What the caller says and asks.

    @property
    def cursor(self) -> Any:
        """The key of the row under the cursor; None where there are no rows."""
        return self._rows.key

    @property
    def columns(self) -> tuple[GridColumn, ...]:
        """The columns."""
        return self._columns

    def show(
        self,
        order: Sequence[Any],
        cells: Callable[[Any], Sequence[Cell]],
        dirty: Collection[Any] | None = None,
    ) -> None:
        """Show the rows with these keys, in this order; see `Grid.show`."""
        rows = self._rows
        offset = rows.line - self._top
        seen = 0 <= offset < self._body
        rows.take(order, cells, follow=self.follow)
        self._fit_scrollbar()
        if seen and not (self._top == 0 and rows.line < self._body):
            self._scroll(rows.line - offset)  # the cursor stays where the eye is
        self._renew(dirty)

    def set_columns(self, columns: Sequence[GridColumn]) -> None:
        """Show other columns; call `show` at once after it if the cells are others."""
        if tuple(columns) != self._columns:
            self._columns, self._skipped = tuple(columns), 0
            self._start_anew()

    def mark_sort(self, key: str, *, descending: bool = False) -> None:
        """Mark the column that the rows are sorted by; none if there is no such key."""
        if self._sort != Sort(key, descending):
            self._sort = Sort(key, descending)
            self._start_anew()

    def set_empty(self, text: str) -> None:
        """Say something else where there are no rows."""
        if text != self._empty:
            self._empty = text
            self._renew(())

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._reveal()

    # The part of the rows that is seen.

    @property
    def _top(self) -> int:
        return self.scroll_offset.y

    @property
    def _wide(self) -> int:
        """How many columns there are beside the scrollbar."""
        return self.size.width - self.scrollbar_size_vertical

    @property
    def _body(self) -> int:
        """How many lines there are below the header."""
        return max(0, self.size.height - 1)

    def _reveal(self) -> None:
        """Scroll as little as needed to see the cursor."""
        line, top = self._rows.line, self._top
        if self._body and not top <= line < top + self._body:
            self._scroll(line if line < top else line - self._body + 1)

    def _scroll(self, top: int) -> None:
        if top != self._top:
            self.scroll_to(y=top, animate=False, force=True)

    def _fit_scrollbar(self) -> None:
        """Take note of the number of rows.

        Setting `virtual_size` itself would lay out and draw the whole screen anew.
        """
        size = Size(0, self._rows.count + 1)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            if self.is_attached:
                self._scroll_update(size)

    def _renew(self, dirty: Collection[Any] | None) -> None:
        """Read the visible rows that are new or dirty; paint the lines that changed."""
        self._read(dirty)
        for y in range(self.size.height):
            if self._painted.get(y) != self._wanted(y):
                self.refresh(Region(0, y, self.size.width, 1))

    def _start_anew(self) -> None:
        """Forget what is drawn; rows are read when they are painted, or shown before that."""
        self._rows.forget()
        self._widths, self._prepared = [], None
        self._painted.clear()
        self.refresh()

    def _read(self, dirty: Collection[Any] | None) -> None:
        fresh = self._rows.look(self._top, self._body, dirty)
        widths = widths_of(self._columns, [titles(self._columns, self._sort), *fresh])
        if dirty is not None and len(self._widths) == len(widths):
            # Columns grow while rows change, and do not jump to and fro.
            widths = [max(pair) for pair in zip(widths, self._widths, strict=True)]
        self._widths = widths
        self._spans = spans_of(widths, self._fixed, self._skipped, self._wide)
        self._prepared = (self.size, self._wide, self._top)

    # Painting.

    def notify_style_update(self) -> None:
        """Forget the colours of another theme."""
        super().notify_style_update()
        self._styles.clear()

    def render_line(self, y: int) -> Strip:
        """Return a line of the screen."""
        width = self._wide
        if self._prepared != (self.size, self._wide, self._top):
            self._read(())  # scrolling and resizing come to light here first
        self._painted[y] = self._wanted(y)
        if y == 0:
            return self._header()
        if not self._rows.count:
            return empty_strip(self._empty, y - 1, width, self._body, self._style)
        if y > len(self._rows.visible):
            return Strip.blank(width, self._style(""))
        line_class = "grid--cursor" if self._top + y - 1 == self._rows.line else ""
        row = self._rows.visible[y - 1]
        return row_strip(row, self._columns, self._spans, width, self._style, line_class)

    def _header(self) -> Strip:
        row, width = titles(self._columns, self._sort), self._wide
        strip = row_strip(row, self._columns, self._spans, width, self._style, "grid--header")
        more = self._spans and self._spans[-1].column < len(self._columns) - 1
        return with_more(strip, width, self._style("grid--header")) if more else strip

    def _wanted(self, y: int) -> object:
        """Return what a line has to say; equal things look equal."""
        rows = self._rows.visible
        if y == 0 or not rows:
            return self._columns, self._sort, tuple(self._spans), self._empty
        if y > len(rows):
            return None
        here = self._top + y - 1 == self._rows.line
        return rows[y - 1], here, tuple(self._spans)

    def _style(self, name: str) -> Style:
        """Return the style of a component; of the widget itself for ""."""
        if name not in self._styles:
            found = self.get_component_rich_style(name) if name else self.rich_style
            self._styles[name] = found
        return self._styles[name]
