"""The form of one dimension: every value that its distribution has, checked while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input

from trialdeck.tui.views.space_editor import NUMBERS, field_of, fields_of
from trialdeck.tui.views.space_values import text_of
from trialdeck.tui.widgets.form_field import Field, FormInput
from trialdeck.tui.widgets.option_rows import OptionRows, option_name
from trialdeck.tui.widgets.type_field import TypeField

if TYPE_CHECKING:
    from typing import Any

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.core.params.rows import Row
    from trialdeck.tui.views.space_editor import SpaceEditor

_LABELS = {"mu": "mu", "sigma": "sigma", "q": "q (step)"}
_LOG_LABELS = {**_LABELS, "mu": "mu of log", "sigma": "sigma of log"}
_DEFAULT_HELP = "of old trials"


class DimensionForm(VerticalScroll, can_focus=False):
    """Shows the chosen dimension of an editor. What is typed is told by `Field.Typed`."""

    DEFAULT_CSS = """
    DimensionForm { height: auto; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "leave",
            "Back",
            id="space.leave",
            tooltip="Back to the list of dimensions.",
        ),
        Binding("down", "step(1)", show=False),
        Binding("up", "step(-1)", show=False),
    ]

    class Left(Message):
        """The user is done with the form."""

    def __init__(self) -> None:
        super().__init__()
        default = FormInput(_DEFAULT_HELP)
        self._fields = {
            "name": Field("name", "name"),
            "type": Field("type", "type", TypeField()),
            **{name: Field(name, _LABELS.get(name, name)) for name in NUMBERS},
            "options": Field("options", "options", OptionRows()),
            "option": Field("option", "option"),
            "probability": Field("probability", "probability"),
            "default": Field("default", "default", default),
        }
        self._wrong: tuple[str, str] = ("", "")  # a field, and what could not be written in it

    def compose(self) -> ComposeResult:
        """Lay out every field; those of other distributions are hidden."""
        yield from self._fields.values()

    @property
    def here(self) -> str:
        """The name of the field that has the focus, "" if none has."""
        focused = self.screen.focused
        for name, field in self._fields.items():
            if focused is not None and focused is field.value:
                return name
        return ""

    def go_to(self, *names: str) -> None:
        """Give the focus to the first of these fields that is there."""
        for name in names:
            if self._fields[name].display:
                self._fields[name].value.focus()
                return

    def complain(self, field: str, text: str) -> None:
        """Show why what was typed cannot be written."""
        self._wrong = (field, text)

    def show(self, editor: SpaceEditor, *, anew: bool) -> None:
        """Draw the chosen dimension.

        The text in the line with the focus stays as it was typed, unless what is shown is `anew`.
        """
        if anew:
            self._wrong = ("", "")
        row = editor.row
        self.display = row is not None
        if row is None:
            return
        known = [*fields_of(row), *(["option"] if editor.options else [])]
        known += ["probability"] if "probabilities" in known and editor.options else []
        texts = _texts(row, editor)
        typed_in = "" if anew else self.here
        labels = _LOG_LABELS if row.type.endswith("lognormal") else _LABELS
        for name, field in self._fields.items():
            field.display = name in known
            if name in known and name != typed_in:
                field.show(texts.get(name, ""), labels.get(name))
        self._show_type(row)
        options = self._fields["options"].value
        if isinstance(options, OptionRows) and editor.options:
            options.show(editor.options, editor.option, max(10, self.size.width - 14))
        self._show_problems(row)

    def _show_type(self, row: Row) -> None:
        value = self._fields["type"].value
        if isinstance(value, TypeField):
            value.show(row.type)

    def _show_problems(self, row: Row) -> None:
        for name, field in self._fields.items():
            wanted = {"option": (), "probability": ("probabilities",)}.get(name, (name,))
            problems = [p for p in row.problems if field_of(p, row) in wanted]
            text = self._wrong[1] if self._wrong[0] == name else ""
            field.complain(problems, text)

    def action_step(self, by: int) -> None:
        """Go to the next or the last line of the form; its ends are ends."""
        names = [name for name, field in self._fields.items() if field.display]
        there = names.index(self.here) + by if self.here in names else -1
        if 0 <= there < len(names):
            self.go_to(names[there])

    def action_leave(self) -> None:
        """Go back to the list."""
        self.post_message(self.Left())

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Left())

    @on(Field.Begun)
    def _begun(self) -> None:
        self._wrong = ("", "")


def _texts(row: Row, editor: SpaceEditor) -> dict[str, str]:
    """Return the texts of the fields that can be typed in."""
    texts = {name: text_of(row.table.get(name)) for name in (*NUMBERS, "default")}
    texts["name"] = row.name
    if editor.options:
        texts["option"] = text_of(option_name(editor.options[editor.option]))
    texts["probability"] = text_of(_probability(row, editor.option))
    return texts


def _probability(row: Row, option: int) -> Any:
    probabilities = row.table.get("probabilities")
    if not isinstance(probabilities, list) or option >= len(probabilities):
        return None
    return probabilities[option]
