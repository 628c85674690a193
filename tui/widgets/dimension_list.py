"""The dimensions of a search space: one line each, nested ones under their option."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from trialdeck.core.params.rows import parent_key
from trialdeck.tui.format import cut, one_line, pad, width_of
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.binding import BindingType

    from trialdeck.core.params.rows import Row

STEP = 2  # columns by which each level is indented


class Widths(NamedTuple):
    """How many columns the name, the type and the summary have."""

    name: int
    kind: int
    summary: int


class DimensionList(OptionList):
    """Lists dimensions. The cursor is tied to the dimension, not to the line.

    Its keys say what is wanted by `Asked`; who has the document does it.
    """

    DEFAULT_CSS = """
    DimensionList {
        height: 1fr; border: none; padding: 0; background: $background;
        scrollbar-size-vertical: 1;
    }
    DimensionList:focus { border: none; background-tint: $foreground 0%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding(
            "enter,l,right",
            "ask('edit')",
            "Edit",
            key_display="enter",
            id="space.edit",
            tooltip="Go to the form of the dimension; esc comes back.",
        ),
        Binding(
            "left_square_bracket",
            "ask('low')",
            "Low",
            key_display="[",
            show=False,
            id="space.low",
            tooltip="Change the lower bound (or the middle, mu).",
        ),
        Binding(
            "right_square_bracket",
            "ask('high')",
            "High",
            key_display="]",
            show=False,
            id="space.high",
            tooltip="Change the upper bound (or sigma).",
        ),
        Binding(
            "f",
            "ask('fix')",
            "Fix",
            show=False,
            id="space.fix_here",
            tooltip="Write the cure of the mistake in this dimension.",
        ),
        Binding(
            "a,insert",
            "ask('add')",
            "Add",
            key_display="a",
            id="space.add",
            tooltip="Add a dimension below this one.",
        ),
        Binding(
            "d",
            "ask('duplicate')",
            "Duplicate",
            show=False,
            id="space.duplicate",
            tooltip="Add a dimension that is like this one.",
        ),
        Binding(
            "D,delete",
            "ask('delete')",
            "Delete",
            key_display="D",
            id="space.delete",
            tooltip="Delete the dimension; u brings it back.",
        ),
        Binding(
            "R,f6",
            "ask('rename')",
            "Rename",
            show=False,
            id="space.rename",
            tooltip="Change the name of the dimension.",
        ),
        Binding(
            "J,shift+down",
            "ask('down')",
            "Move down",
            show=False,
            id="space.down",
            tooltip="Move the dimension down.",
        ),
        Binding(
            "K,shift+up",
            "ask('up')",
            "Move up",
            show=False,
            id="space.up",
            tooltip="Move the dimension up.",
        ),
    ]

    class Asked(Message):
        """Something is to be done with the dimension under the cursor."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._rows: Sequence[Row] = ()
        self._drawn: list[Content] = []

    @property
    def key(self) -> str:
        """The key of the dimension under the cursor, "" if there is none."""
        option = self.highlighted_option
        return (option.id or "") if option is not None else ""

    def show(self, rows: Sequence[Row], key: str) -> None:
        """Draw the dimensions, with the cursor on that of a key."""
        self._rows = rows
        self._draw()
        self.go_to(key)

    def go_to(self, key: str) -> None:
        """Put the cursor on a dimension, on the first if it is not there."""
        if not self._rows:
            return
        known = {row.key for row in self._rows}
        self.highlighted = self.get_option_index(key if key in known else self._rows[0].key)

    def action_ask(self, what: str) -> None:
        """Pass on what is wanted."""
        self.post_message(self.Asked(what))

    def on_resize(self, _event: events.Resize) -> None:
        """Use the room."""
        key = self.key
        self._draw()
        self.go_to(key)

    def _draw(self) -> None:
        lines = _lines(self._rows, max(20, self.size.width - 1))
        ids = [key for key, _ in lines]
        if ids == [option.id for option in self.options]:
            for number, (_, line) in enumerate(lines):
                if not line.is_same(self._drawn[number]):
                    self.replace_option_prompt_at_index(number, line)
        else:
            scroll = self.scroll_y
            self.set_options([Option(line, id=key, disabled=key is None) for key, line in lines])
            self.scroll_to(y=scroll, animate=False, immediate=True)
        self._drawn = [line for _, line in lines]


def _lines(rows: Sequence[Row], width: int) -> list[tuple[str | None, Content]]:
    """Return the key and the text of each line; the name of an option has no key."""
    widths = _widths(rows, width)
    lines: list[tuple[str | None, Content]] = []
    above = ""
    for row in rows:
        option = parent_key(row.key) if row.depth else ""
        if option not in ("", above) and not above.startswith(f"{option}."):
            lines.append((None, _option(row, width)))
        above = option
        lines.append((row.key, _row(row, widths)))
    return lines


def _widths(rows: Sequence[Row], width: int) -> Widths:
    names = [width_of(one_line(row.name)) + _indent(row) for row in rows]
    kinds = [width_of(one_line(row.type)) for row in rows]
    kind = min(max(kinds, default=0), 11)
    name = min(max(names, default=0), max(10, (width - kind) // 2))
    return Widths(name, kind, max(0, width - 2 - name - 2 - kind - 2))


def _indent(row: Row) -> int:
    return 2 * STEP * row.depth


def _option(row: Row, width: int) -> Content:
    blanks = " " * (2 + _indent(row) - STEP)
    return Content.styled(cut(blanks + one_line(row.option) + ":", width), MUTED)


def _row(row: Row, widths: Widths) -> Content:
    wrong = bool(row.problems)
    mark = (f"{glyph('failed')} " if wrong else "  ", STYLES["failed"])
    name = pad(cut(" " * _indent(row) + one_line(row.name), widths.name), widths.name)
    kind = pad(cut(one_line(row.type), widths.kind), widths.kind)
    # That an axis is logarithmic stands in the type already.
    summary = one_line(row.summary).removesuffix(" (log)").replace("…", glyph("cut"))
    return Content.assemble(
        mark,
        (name, STYLES["failed"] if wrong else ""),
        "  ",
        (kind, MUTED),
        "  ",
        cut(summary, widths.summary),
    )
