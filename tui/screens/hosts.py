"""The other machines of the parameter file: what is known of them, adding, checking, forgetting."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from trialdeck.tui import machines
from trialdeck.tui.feed import Job
from trialdeck.tui.format import plural
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.screens.ask_text import AskText
from trialdeck.tui.screens.choose import Answer, Answers
from trialdeck.tui.screens.confirm import Confirm
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.backends.base import Finding
    from trialdeck.core.hosts import Host
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.session import Session

NONE = (
    "There are none yet. a adds one: its name, and user@address unless the name is an alias of\n"
    "~/.ssh/config. Nothing has to be installed there but Python 3.11 or newer."
)
LOOK_SECONDS = 1.0


def _key(key: str, action: str, text: str, tooltip: str) -> Binding:
    return Binding(key, action, text, id=f"hosts.{action}", tooltip=tooltip)


class HostsScreen(ModalScreen[None]):
    """Lists machines. What is asked of them is asked in threads of its own."""

    DEFAULT_CSS = """
    HostsScreen { align: center middle; }
    HostsScreen > Vertical {
        width: 94%; max-width: 110; height: auto; max-height: 100%;
        background: $surface; padding: 1 2;
    }
    HostsScreen .title { text-style: bold; height: 1; }
    HostsScreen Answers { margin-top: 1; max-height: 8; }
    HostsScreen VerticalScroll {
        height: auto; max-height: 14; margin-top: 1; scrollbar-size-vertical: 1;
    }
    HostsScreen #keys { color: $text-muted; height: 1; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", id="hosts.close", tooltip="Close."),
        _key("a", "add", "Add", "Add a machine: connect, and say what it lacks."),
        _key("c", "check", "Check", "Say what the machine has of all that the search needs."),
        _key("f", "forget", "Forget", "Take the machine out of the parameter file."),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._hosts: list[Host] = []
        self._shown: list[Answer] | None = None
        self._busy = ""

    @property
    def _deck_app(self) -> TrialdeckApp:
        return cast("TrialdeckApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out the list, what was found, the keys."""
        with Vertical():
            yield Static("Other machines, by SSH", classes="title")
            yield Answers()
            with VerticalScroll(can_focus=False):
                yield Static("", id="said", markup=False)
            yield Static("a add · enter, c check · f forget · esc close", id="keys", markup=False)

    def on_mount(self) -> None:
        """Read which machines there are, and go on looking how they stand."""
        self.query_one(Answers).focus()
        self._look()
        self.set_interval(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        self._deck_app.feed.do(Job(machines.known, self._take, self._cannot))

    def _take(self, hosts: list[Host]) -> None:
        if not self.is_attached:
            return
        self._hosts = hosts
        rows = [Answer(host.name, host.name, machines.about(host)) for host in hosts]
        if rows == self._shown:
            return
        first = self._shown is None
        self._shown = rows
        answers = self.query_one(Answers)
        here = answers.highlighted
        answers.show(rows)
        if here is not None and rows:
            answers.highlighted = min(here, len(rows) - 1)
        if first and not rows:
            self._say(Content(NONE))

    def _cannot(self, text: str) -> None:
        self._busy = ""
        if self.is_attached:
            self._say(Content.styled(f"{glyph('failed')} {text}", STYLES["failed"]))
        else:
            self._deck_app.say(text, "error")

    def _say(self, text: Content) -> None:
        self.query_one("#said", Static).update(text)

    @property
    def _here(self) -> Host | None:
        at = self.query_one(Answers).highlighted
        return self._hosts[at] if at is not None and at < len(self._hosts) else None

    # -- acting -----------------------------------------------------------------------------

    def _do(self, busy: str, work: Callable[[Session], Any], then: Callable[[Any], None]) -> None:
        """Do something that asks a machine, one at a time."""
        if self._busy:
            return
        self._busy = busy
        self._say(Content.styled(f"{busy}{glyph('cut')}", MUTED))

        def done(result: Any) -> None:
            self._busy = ""
            if self.is_attached:
                then(result)
                self._look()

        self._deck_app.feed.do(Job(work, done, self._cannot, apart=True))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Check the machine that was chosen."""
        event.stop()
        self.action_check()

    def action_check(self) -> None:
        """Say what a machine has of all that the search needs."""
        if (host := self._here) is not None:
            work = partial(machines.check, name=host.name)
            self._do(f"asking {host.name}", work, partial(self._found, host.name))

    def action_add(self) -> None:
        """Ask for a machine, connect, and write it down."""

        def named(text: str | None) -> None:
            if text is not None:
                name, table = machines.parsed(text)
                work = partial(machines.add, name=name, table=table)
                self._do(f"asking {name}", work, partial(self._added, name))

        about = "name, user@address (or an alias of ~/.ssh/config), cores: gpu1 me@10.0.0.7 cores=4"
        self.app.push_screen(AskText("Add a machine", "", about, machines.problem), named)

    def action_forget(self) -> None:
        """Take a machine out of the parameter file."""
        host = self._here
        if host is None:
            return

        def chosen(yes: bool | None) -> None:  # noqa: FBT001 - given by a screen
            if yes:
                work = partial(machines.forget, name=host.name)
                self._do(f"forgetting {host.name}", work, partial(self._forgotten, host.name))

        detail = "What runs there runs on, unseen: stop it first. Its trials are run elsewhere."
        question = f"Forget {host.name}?"
        self.app.push_screen(Confirm(question, detail, "Forget", danger=True), chosen)

    # -- what came of it --------------------------------------------------------------------

    def _found(self, name: str, found: Sequence[Finding]) -> None:
        self._say(Content("\n").join([Content.styled(name, "bold"), *_lines(found)]))

    def _added(self, name: str, found: Sequence[Finding]) -> None:
        done = Content.styled(f"{glyph('ok')} {name} is in the parameter file.", STYLES["ok"])
        launch = Content.styled("n in the application launches cores there.", MUTED)
        self._say(Content("\n").join([done, launch, *_lines(found)]))

    def _forgotten(self, name: str, count: int) -> None:
        trials = f"; {plural(count, 'trial')} of it are run elsewhere" if count else ""
        self._say(Content(f"{glyph('ok')} {name} is forgotten{trials}."))


def _lines(found: Sequence[Finding]) -> list[Content]:
    lines = []
    for row in found:
        sign = {True: "ok", False: "failed", None: "between"}[row.good]
        mark = " " if row.good is None else glyph(sign)
        style = STYLES[sign] if row.good is not None else MUTED
        lines.append(Content.assemble((f"{mark} {row.what}: ", style), row.said))
        if row.cure:
            lines.append(Content.styled(f"    {row.cure}", MUTED))
    return lines
