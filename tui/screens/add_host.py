"""The form for another machine: its name, its address, its cores."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from trialdeck.core.log_text import tame_text
from trialdeck.tui import machines
from trialdeck.tui.feed import Job
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.widgets.count import Count
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.backends.base import Finding
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.session import Session

ADD, ANYWAY = "Add (enter)", "Add without a look"


class Added(NamedTuple):
    """A machine that is in the parameter file now, and what it has; nothing if nobody looked."""

    name: str
    found: Sequence[Finding]


class AddHost(ModalScreen[Added | None]):
    """Connects to a machine and writes it down. Nothing typed is lost when that fails."""

    DEFAULT_CSS = """
    AddHost { align: center middle; }
    AddHost > Vertical {
        width: 94%; max-width: 90; height: auto; max-height: 100%;
        background: $surface; padding: 1 2;
    }
    AddHost .title { text-style: bold; margin-bottom: 1; }
    AddHost .field { height: 1; }
    AddHost .label { width: 9; }
    AddHost Input { width: 26; margin-right: 2; padding: 0 1; background: $panel; }
    AddHost Count { width: 9; }
    AddHost .about {
        width: 1fr; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    AddHost #said { height: auto; max-height: 8; margin-top: 1; }
    AddHost .buttons { height: 1; margin-top: 1; align-horizontal: right; }
    AddHost Button { margin-left: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", id="add_host.close", tooltip="Add nothing."),
    ]

    def __init__(self, taken: Collection[str] = ()) -> None:
        super().__init__()
        self._taken = taken
        self._busy = False

    def compose(self) -> ComposeResult:
        """Lay out the fields, what is said about them, the buttons."""
        with Vertical():
            yield Static("Add a machine that is reached by SSH", classes="title")
            yield _line("address", "an alias, or user@address:port", _entry())
            yield _line("name", "if not like the address", _entry())
            yield _line("cores", "that a launch there starts", Count("1", compact=True))
            yield _line("more", "such as jump=bastion key=FILE", _entry())
            yield Static(_HELP, id="said", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel (esc)", id="cancel", compact=True)
                yield Button(ANYWAY, id="unseen", compact=True)
                yield Button(ADD, "primary", id="add", compact=True)

    def on_mount(self) -> None:
        """Begin with the address."""
        self.query_one("#unseen").display = False
        self.query_one("#address").focus()

    # -- what stands in the form ------------------------------------------------------------

    def _text(self, field: str) -> str:
        return self.query_one(f"#{field}", Input).value

    @property
    def _called(self) -> str:
        return machines.name_of(self._text("name"), self._text("address"))

    def _wrong(self) -> str:
        """Return what is wrong with what stands there."""
        if self._called in self._taken:
            return f"There is a machine called {self._called} already: give it another name."
        return machines.problem(self._called)

    def _table(self) -> dict[str, Any]:
        """Return the machine's table. Raises ValueError."""
        address = self._text("address")
        own = "" if address.strip() == self._called else address
        cores = self.query_one("#cores", Count).number
        if not cores:
            raise ValueError("A launch needs at least one core.")
        return machines.table_of(own, cores, self._text("more"))

    @on(Input.Changed)
    def _typed(self) -> None:
        if not self._busy:
            self._say(Content(_HELP))

    # -- adding -----------------------------------------------------------------------------

    @on(Input.Submitted)
    @on(Button.Pressed, "#add")
    def _add(self) -> None:
        self._write(unseen=False)

    @on(Button.Pressed, "#unseen")
    def _add_unseen(self) -> None:
        self._write(unseen=True)

    def _write(self, *, unseen: bool) -> None:
        if self._busy:
            return
        name, wrong = self._called, self._wrong()
        try:
            table = self._table()
        except ValueError as error:
            wrong = wrong or str(error)
        if wrong:
            self._failed(wrong)
            return
        self._busy = True
        self._say(Content.styled(f"connecting to {name}{glyph('cut')}", MUTED))

        def work(session: Session) -> Added:
            return Added(name, machines.add(session, name, table, unseen=unseen))

        feed = cast("TrialdeckApp", self.app).feed
        feed.do(Job(work, self._done, self._not_reached, apart=True))

    def _done(self, added: Added) -> None:
        if self.is_attached:
            self.dismiss(added)
        else:
            cast("TrialdeckApp", self.app).say(f"{added.name} is in the parameter file now.")

    def _not_reached(self, text: str) -> None:
        if self.is_attached:
            self._failed(text)
            self.query_one("#unseen").display = True
        else:
            cast("TrialdeckApp", self.app).say(text, "error")

    def _failed(self, text: str) -> None:
        self._busy = False
        self._say(Content.styled(f"{glyph('failed')} {tame_text(text)}", STYLES["failed"]))

    def _say(self, text: Content) -> None:
        self.query_one("#said", Static).update(text)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)


_HELP = (
    "An alias is one of ~/.ssh/config. Nothing has to be installed there but Python 3.11 or newer; "
    "what is missing is shown. The host is written into the parameter file."
)


def _entry() -> Input:
    entry = Input(compact=True)
    entry.cursor_blink = False
    return entry


def _line(name: str, about: str, field: Input) -> Horizontal:
    field.id = name
    label, said = Static(name, classes="label"), Static(about, classes="about")
    return Horizontal(label, field, said, classes="field")
