"""The text of a log: only the lines on the screen are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from trialdeck.core.log_following import trial_begun
from trialdeck.tui.views.logs_keys import LOG_KEYS
from trialdeck.tui.views.logs_lines import LogLines, Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events

    from trialdeck.core.log_following import News


class LogText(ScrollView, can_focus=True):
    """Shows lines, has a cursor, follows the end, searches. It reads nothing itself."""

    DEFAULT_CSS = """
    LogText { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }
    LogText > .log--cursor { background: $block-cursor-blurred-background; }
    LogText:focus > .log--cursor { background: $panel; color: $foreground; }
    LogText:ansi > .log--cursor { text-style: underline; }
    LogText:nocolor > .log--cursor { text-style: underline; }
    LogText > .log--match { background: $warning; color: $background; text-style: bold; }
    LogText:nocolor > .log--match { text-style: bold reverse; }
    LogText > .log--trial { color: $text-primary; text-style: bold; }
    LogText > .log--empty { color: $text-muted; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--cursor",
        "log--match",
        "log--trial",
        "log--empty",
    }
    BINDINGS = LOG_KEYS  # type: ignore[assignment]

    class Changed(Message):
        """It follows, wraps, searches or stands in another way than before."""

        def can_replace(self, message: Message) -> bool:
            """Only that it has changed matters."""
            return isinstance(message, LogText.Changed)

    @dataclass
    class AtTop(Message):
        """The user wants to see what is before the first line; `searching` for a match."""

        searching: bool = False

    class Behind(Message):
        """The user wants to see the end, which had to make room for older lines."""

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.follow = True
        self.lines = LogLines()
        self._cursor = 0  # a row
        self._left = 0  # characters, when lines are moved sideways
        self._empty = ""

    # -- what the view says -----------------------------------------------------------------

    @property
    def line(self) -> int:
        """The line under the cursor."""
        return self.lines.line_at(self._cursor)

    @property
    def query_text(self) -> str:
        """What is searched."""
        return self.lines.query

    def clear(self, empty: str = "") -> None:
        """Show nothing but what to say where there is nothing."""
        self.lines.clear()
        self._cursor, self._left, self._empty = 0, 0, empty
        self._fit()
        self.refresh()

    def take(self, news: News) -> None:
        """Add what is new in the log."""
        at_end = self._end
        self.lines.arrange(self._columns, wrap=self.lines.wrap)
        if news.anew and len(self.lines):
            self.lines.clear()
        gone = self.lines.add(news.lines, news.partial)
        self._fit()
        if self.follow:
            self._go(self.lines.rows - 1)
        elif gone or self._cursor >= self.lines.rows:
            self._cursor = max(0, min(self._cursor, self.lines.rows - 1) - gone)
            self._scroll(max(0, self._top - gone))
        if news.lines or news.anew or gone or self._end != at_end:
            self.refresh()
        else:  # a progress bar moves
            self.refresh(Region(0, self.lines.rows - 1 - self._top, self._columns, 1))

    def take_older(self, lines: Sequence[str]) -> None:
        """Put older lines before the first; what is on the screen stays there."""
        moved = self.lines.put_before(lines)
        self._fit()
        self._cursor = max(0, min(self._cursor + moved, self.lines.rows - 1))
        self._scroll(self._top + moved)
        self.refresh()

    def search(self, query: str) -> None:
        """Mark a text wherever it stands."""
        self.lines.search(query)
        self._tell()

    def go_to_line(self, line: int) -> None:
        """Put the cursor on a line."""
        self.follow = False
        self._go(self.lines.row_of(line))
        self._tell()

    # -- keys -------------------------------------------------------------------------------

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's
    ) -> bool | None:
        """Leave the keys of matches to others while nothing is searched."""
        return bool(self.lines.query) if action in ("match", "end_search") else True

    def action_follow(self) -> None:
        """Stay at the end, or where the cursor is."""
        if self.follow:
            self.follow = False
            self._tell()
        else:
            self.action_last()

    def action_wrap(self) -> None:
        """Wrap long lines, or do not."""
        line = self.line
        self.lines.arrange(self._columns, wrap=not self.lines.wrap)
        self._left = 0
        self._fit()
        self._go(self.lines.rows - 1 if self.follow else self.lines.row_of(line))
        self._tell()

    def action_move(self, rows: int) -> None:
        """Move the cursor by rows."""
        self._move(self._cursor + rows)

    def action_page(self, pages: float) -> None:
        """Move the cursor by a part of the screen."""
        self._move(self._cursor + round(pages * max(1, self.size.height - 1)))

    def action_first(self) -> None:
        """Move the cursor to the first line."""
        self._move(0 if self._cursor else -1)

    def action_last(self) -> None:
        """Move the cursor to the last line, and follow."""
        self.follow = True
        self._go(self.lines.rows - 1)
        self._tell()
        if self.lines.lacks_end:
            self.post_message(self.Behind())

    def action_sideways(self, characters: int) -> None:
        """Show what is further to the left or the right of lines that are not wrapped."""
        if not self.lines.wrap:
            most = max(0, self.lines.longest - self._columns // 2)
            self._left = max(0, min(most, self._left + characters))
            self.refresh()

    def action_match(self, step: int) -> None:
        """Go to the next line with what is searched, or to the one before."""
        found = self.lines.next_match(self.line, step)
        if found is not None:
            self.go_to_line(found)
        elif step < 0:
            self.post_message(self.AtTop(searching=True))
        else:
            self.notify("There is no match below.", markup=False)

    def action_end_search(self) -> None:
        """Mark nothing any more."""
        self.search("")

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where it is clicked."""
        place = event.get_content_offset(self)
        if place is not None and self._top + place.y < self.lines.rows:
            self.follow = False
            self._go(self._top + place.y)
            self._tell()

    def on_resize(self) -> None:
        """Wrap the lines anew."""
        line = self.line
        self.lines.arrange(self._columns, wrap=self.lines.wrap)
        self._fit()
        self._go(self.lines.rows - 1 if self.follow else self.lines.row_of(line))
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Stop following where the mouse scrolls up."""
        super().watch_scroll_y(old_value, new_value)
        if new_value < old_value and self.follow and new_value < self._end:
            self.follow = False
            self._cursor = min(self._cursor, self._top + self.size.height - 1)
            self._tell()
        if round(new_value) == 0 < round(old_value) and not self.follow:
            self.post_message(self.AtTop())

    # -- where things are -------------------------------------------------------------------

    @property
    def _top(self) -> int:
        return self.scroll_offset.y

    @property
    def _columns(self) -> int:
        """How wide the text is, without the scrollbar."""
        return self.scrollable_content_region.width

    @property
    def _end(self) -> int:
        """The first row on the screen when the last is there."""
        return max(0, self.lines.rows - self.size.height)

    def _move(self, row: int) -> None:
        if row < 0:
            self.post_message(self.AtTop())
        self.follow = False
        self._go(row)
        self._tell()

    def _go(self, row: int) -> None:
        before, top = self._cursor, self._top
        self._cursor = max(0, min(row, self.lines.rows - 1))
        height = max(1, self.size.height)
        if not top <= self._cursor < top + height:
            self._scroll(self._cursor if self._cursor < top else self._cursor - height + 1)
        for changed in {before, self._cursor}:
            self.refresh(Region(0, changed - self._top, self._columns, 1))

    def _scroll(self, top: int) -> None:
        if top != self._top:
            self.scroll_to(y=top, animate=False, force=True, immediate=True)

    def _fit(self) -> None:
        """Take note of the number of rows, without a new layout of the whole screen."""
        size = Size(self._columns, self.lines.rows)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            if self.is_attached:
                self._scroll_update(size)

    def _tell(self) -> None:
        self.refresh()
        self.refresh_bindings()
        self.post_message(self.Changed())

    # -- painting ---------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Return a line of the screen."""
        row, width = self._top + y, self._columns
        if width != self.lines.width:  # the scrollbar has come or gone, without a word
            self.call_later(self.on_resize)
        if not len(self.lines):
            text = self._empty.splitlines()[y : y + 1]
            style = self.get_component_rich_style("log--empty")
            return Strip([Segment(line, style) for line in text]).adjust_cell_length(
                width, self.rich_style
            )
        if row >= self.lines.rows:
            return Strip.blank(width, self.rich_style)
        piece = self.lines.piece(row)
        if self._left:
            piece = Piece(piece.line, self._left, piece.text[self._left :])
        piece = piece._replace(text=piece.text[: 4 * width])  # enough where letters take no column
        style = self._line_style(piece, row)
        return Strip(self._segments(piece, style)).crop_extend(0, width, style)

    def _line_style(self, piece: Piece, row: int) -> Style:
        if row == self._cursor and not (self.follow and row == self.lines.rows - 1):
            return self.get_component_rich_style("log--cursor")
        if trial_begun(self.lines[piece.line]) is not None:
            return self.get_component_rich_style("log--trial")
        return self.rich_style

    def _segments(self, piece: Piece, style: Style) -> list[Segment]:
        segments, at = [], 0
        for start, end in self.lines.spans(piece):
            segments.append(Segment(piece.text[at:start], style))
            match = self.get_component_rich_style("log--match")
            segments.append(Segment(piece.text[start:end], match))
            at = end
        return [*segments, Segment(piece.text[at:], style)]
