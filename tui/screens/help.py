"""All keys of what is on the screen, made from the bindings themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.table import Table
from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.dom import DOMNode

# What the terminal or the library binds, and nobody wants to read about.
_OTHERS = {"ctrl+c", "super+c"}


class Line(NamedTuple):
    """One binding: its keys as people write them, what it does, and its name for the config."""

    keys: str
    text: str
    name: str


def help_lines(nodes: Iterable[DOMNode], keymap: dict[str, str]) -> dict[str, list[Line]]:
    """Return the bindings of these nodes by the part of the application that they belong to."""
    groups: dict[str, dict[str, Line]] = {}
    for node in nodes:
        for binding in node.BINDINGS:
            if not isinstance(binding, Binding) or not (binding.id and binding.tooltip):
                continue
            group, _, _ = binding.id.partition(".")
            keys = keymap.get(binding.id, binding.key)
            line = Line(_display(keys), binding.tooltip, binding.id)
            groups.setdefault(group, {}).setdefault(binding.id, line)
    return {name: list(lines.values()) for name, lines in groups.items()}


def _display(keys: str) -> str:
    names = [_NAMES.get(key.strip(), key.strip()) for key in keys.split(",")]
    return " ".join(name for name in dict.fromkeys(names) if name not in _OTHERS)


_NAMES = {
    "question_mark": "?",
    "plus": "+",
    "minus": "-",
    "slash": "/",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "equals_sign": "=",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "full_stop": ".",
    "asterisk": "*",
    "exclamation_mark": "!",
    "space": "space",
    "escape": "esc",
}


class HelpScreen(ModalScreen[None]):
    """The keys; any of the usual ones closes it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 90%; max-width: 100; height: 90%; background: $surface; padding: 1 2;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,f1", "dismiss", "Close", show=False),
        Binding("j,down", "scroll('down')", show=False),
        Binding("k,up", "scroll('up')", show=False),
    ]

    def __init__(self, groups: dict[str, list[Line]], config: str) -> None:
        super().__init__()
        self._groups = groups
        self._config = config

    def compose(self) -> ComposeResult:
        """Lay out one table for each part."""
        with VerticalScroll():
            yield Static(self._text(), markup=False)

    def on_mount(self) -> None:
        """Make the keys scroll."""
        self.query_one(VerticalScroll).focus()

    def action_scroll(self, direction: str) -> None:
        """Scroll by a line."""
        area = self.query_one(VerticalScroll)
        (area.scroll_down if direction == "down" else area.scroll_up)(animate=False)

    def _text(self) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style="bold")
        table.add_column(ratio=1)
        table.add_column(no_wrap=True, style="dim")
        for number, (name, lines) in enumerate(self._groups.items()):
            if number:
                table.add_row()
            table.add_row(Text(_title(name), style="underline"), "", "")
            for line in lines:
                table.add_row(Text(line.keys), Text(line.text), Text(line.name))
        table.add_row()
        where = f"Other keys: write them below [keys] in {self._config}, by the names at the right."
        table.add_row("", Text(where, style="dim"), "")
        return table


def _title(name: str) -> str:
    return "everywhere" if name == "app" else name


def in_order(groups: dict[str, list[Line]]) -> Sequence[str]:
    """Return the names of the groups: of the view first, what is everywhere last."""
    return sorted(groups, key=lambda name: name == "app")
