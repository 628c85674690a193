"""The other machines of the parameter file: how they stand, adding, checking, forgetting them."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual import on
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from trialdeck.core.log_text import tame_text
from trialdeck.tui import machines
from trialdeck.tui.config import config_file
from trialdeck.tui.feed import Job
from trialdeck.tui.format import plural
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.screens.add_host import AddHost
from trialdeck.tui.screens.confirm import Confirm
from trialdeck.tui.screens.hosts_rows import COLUMNS, cells, copied, found_lines, lines
from trialdeck.tui.widgets.grid import Grid
from trialdeck.tui.widgets.lines import flow, hint
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.backends.base import Finding
    from trialdeck.core.hosts import Host
    from trialdeck.core.links import SiteRow
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.screens.add_host import Added
    from trialdeck.tui.seen import Seen
    from trialdeck.tui.session import Session

LOOK_SECONDS = 1.0
MOST_ROWS = 10
NONE = "There are no other machines yet: a adds one."
NO_FILE = "There is no parameter file yet, which machines are written into: 3 begins one."
_KEYS = (
    ("a", "add"),
    ("enter", "check"),
    ("n", "launch"),
    ("t", "try"),
    ("f", "forget"),
    ("y", "copy"),
    ("esc", "close"),
)


def _key(key: str, action: str, text: str, tooltip: str) -> Binding:
    return Binding(key, action, text, id=f"hosts.{action}", tooltip=tooltip)


class Checked(NamedTuple):
    """What was found at a machine, at a time in seconds since 1970."""

    found: Sequence[Finding]
    at: float


class HostsScreen(ModalScreen[str | None]):
    """Lists machines; closes with the name of one that is to be launched on.

    What is asked of them is asked in threads of its own.
    """

    DEFAULT_CSS = """
    HostsScreen { align: center middle; }
    HostsScreen > Vertical {
        width: 94%; max-width: 110; height: auto; max-height: 100%;
        background: $surface; padding: 1 2;
    }
    HostsScreen .title { text-style: bold; height: 1; }
    HostsScreen Grid { height: 2; margin-top: 1; background: $surface; }
    HostsScreen VerticalScroll { height: auto; margin-top: 1; scrollbar-size-vertical: 1; }
    HostsScreen #keys { height: auto; margin-top: 1; }
    HostsScreen.-low > Vertical { padding: 0 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "Close", id="hosts.close", tooltip="Close."),
        _key("a", "add", "Add", "Add a machine: connect, and say what it lacks."),
        _key("c", "check", "Check", "Say what the machine has of all that the search needs."),
        _key("n", "launch", "Launch", "Launch cores on the machine."),
        _key("t", "try_now", "Try now", "Connect to the machine now."),
        _key("f", "forget", "Forget", "Take the machine out of the parameter file."),
        _key("y", "copy", "Copy", "Copy what the check of the machine has found."),
        Binding("ctrl+down", "scroll(1)", show=False),
        Binding("ctrl+up", "scroll(-1)", show=False),
        _key("question_mark,f1", "help", "Help", "Show all keys."),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._hosts: dict[str, Host] = {}
        self._sites: dict[str, SiteRow] = {}
        self._checked: dict[str, Checked] = {}
        self._said: Content | None = None  # of what was done last, or is being done
        self._said_of = ""  # the machine that this is about
        self._new = ""  # a machine that has been added, and is not in the list yet
        self._busy = False
        self._empty = ""

    @property
    def _deck_app(self) -> TrialdeckApp:
        return cast("TrialdeckApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out the list, what is known of the machine under the cursor, the keys."""
        with Vertical():
            yield Static("Other machines, by SSH", classes="title")
            yield Grid(COLUMNS, id="hosts-grid")
            with VerticalScroll(can_focus=False):
                yield Static("", id="about", markup=False)
            yield Static("", id="keys", markup=False)

    def on_mount(self) -> None:
        """Read which machines there are, and go on looking how they stand."""
        self._take_sites(self._deck_app.seen)
        self.query_one(Grid).focus()
        self._look()
        self.set_interval(LOOK_SECONDS, self._look)

    def on_resize(self) -> None:
        """Share out the lines."""
        width = min(110, self.size.width * 94 // 100) - 4
        keys = flow([hint(*key) for key in _KEYS], width)
        self.query_one("#keys", Static).update(Content("\n").join(keys))
        self.set_class(self.size.height < 30, "-low")
        self._share_out()

    def _share_out(self) -> None:
        """Let the list be as high as it is long, and what is said have the rest."""
        most = max(3, min(MOST_ROWS, self.size.height // 3))
        rows = max(1, min(most, len(self._hosts)))
        self.query_one(Grid).styles.height = rows + 1
        low = self.has_class("-low")
        self.query_one(VerticalScroll).styles.max_height = max(
            3, self.size.height - rows - (7 if low else 9)
        )

    # -- what is known ----------------------------------------------------------------------

    def show_seen(self, seen: Seen, _before: Seen) -> None:
        """Take what is new of the machines that the search uses."""
        if list(self._sites.values()) != list(seen.sites):
            self._take_sites(seen)
            self._draw()

    def _take_sites(self, seen: Seen) -> None:
        self._sites = {row.name: row for row in seen.sites}
        self._empty = NONE if seen.has_draft else NO_FILE

    def _look(self) -> None:
        self._deck_app.ask(machines.known, self._take, self._not_known)

    def _take(self, hosts: list[Host]) -> None:
        found = {host.name: host for host in hosts}
        if not self.is_attached:
            return
        if found != self._hosts or not found:
            self._hosts = found
            self._draw()
        if self._new and self.query_one(Grid).move_to(self._new):
            self._new = ""
        self._tell()  # a machine that was just added may have been seen in the file before

    def _not_known(self, text: str) -> None:
        if self.is_attached and not self._busy:
            self._say(text, "failed")

    def _draw(self) -> None:
        grid = self.query_one(Grid)
        grid.set_empty(self._empty)
        self._share_out()
        grid.show(list(self._hosts), self._cells)
        self._tell()

    def _cells(self, name: str) -> Sequence[Any]:
        return cells(self._hosts[name], self._sites.get(name))

    @on(Grid.Moved)
    def _moved(self) -> None:
        here = self._here
        if not self._busy and (here is None or here.name != self._said_of):
            self._said = None
        self._tell()

    def _tell(self) -> None:
        """Say what is known of the machine under the cursor."""
        said = [self._said] if self._said is not None else []
        host = self._here
        if host is not None:
            row, checked = self._sites.get(host.name), self._checked.get(host.name)
            said += lines(host, row)
            said += found_lines(host.name, *checked) if checked is not None else []
        about = self.query_one("#about", Static)
        about.update(Content("\n").join(said))
        self.query_one(VerticalScroll).display = bool(said)

    def _say(self, text: str, sign: str = "") -> None:
        here, text = self._here, tame_text(text)
        self._said_of = here.name if here is not None else ""
        said = f"{glyph(sign)} {text}" if sign else text
        self._said = Content.styled(said, STYLES.get(sign, MUTED))
        self._tell()

    @property
    def _here(self) -> Host | None:
        return self._hosts.get(self.query_one(Grid).cursor)

    # -- acting -----------------------------------------------------------------------------

    def _do(self, busy: str, work: Callable[[Session], Any], then: Callable[[Any], None]) -> None:
        """Do something that asks a machine, one at a time."""
        if self._busy:
            self._deck_app.say("One thing after another: this machine is being asked.")
            return
        self._busy = True
        self._say(busy + glyph("cut"))

        def done(result: Any) -> None:
            self._busy, self._said = False, None
            if self.is_attached:
                then(result)
                self._look()

        self._deck_app.feed.do(Job(work, done, self._failed, apart=True))

    def _failed(self, text: str) -> None:
        self._busy = False
        if self.is_attached:
            self._say(text, "failed")
            self._look()
        else:
            self._deck_app.say(text, "error")

    @on(Grid.Chosen)
    def action_check(self) -> None:
        """Say what a machine has of all that the search needs."""
        if (host := self._here) is not None:
            work = partial(machines.check, name=host.name)
            self._do(f"asking {host.name}", work, partial(self._found, host.name))

    def action_try_now(self) -> None:
        """Connect to a machine now."""
        if (host := self._here) is not None:
            work = partial(machines.knock, name=host.name)
            then = partial(self._say, f"{host.name} answers.", "ok")
            self._do(f"connecting to {host.name}", work, lambda _none: then())

    def action_add(self) -> None:
        """Ask for a machine, connect, and write it down."""
        self.app.push_screen(AddHost(self._hosts), self._added)

    def action_launch(self) -> None:
        """Launch cores on a machine."""
        if (host := self._here) is not None:
            self.dismiss(host.name)

    def action_forget(self) -> None:
        """Take a machine out of the parameter file."""
        host = self._here
        if host is None:
            return

        def chosen(yes: bool | None) -> None:  # noqa: FBT001 - given by a screen
            if yes:
                work = partial(machines.forget, name=host.name)
                self._do(f"forgetting {host.name}", work, partial(self._forgotten, host.name))

        detail = "What it has not finished runs elsewhere, as new trials."
        row = self._sites.get(host.name)
        if row is not None and row.cores:
            cores = plural(row.cores, "core runs trials", "cores run trials")
            detail = f"{cores} there, unseen from then on: s in the view Cores stops them. {detail}"
        question = f"Forget {host.name}?"
        self.app.push_screen(Confirm(question, detail, "Forget", danger=True), chosen)

    def action_copy(self) -> None:
        """Copy what the check has found."""
        host = self._here
        checked = self._checked.get(host.name) if host is not None else None
        if host is None or checked is None:
            self._deck_app.say("Nothing has been checked yet: enter does.")
            return
        self.app.copy_to_clipboard(copied(host.name, checked.found))
        self._deck_app.say(f"Copied what {host.name} has.")

    def action_scroll(self, by: int) -> None:
        """Scroll what is said of a machine."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def action_help(self) -> None:
        """Show the keys of this screen."""
        from trialdeck.tui.screens.help import HelpScreen, help_lines

        config = self._deck_app.config
        groups = help_lines([self], config.keymap)
        self.app.push_screen(HelpScreen(groups, str(config_file())))

    # -- what came of it --------------------------------------------------------------------

    def _found(self, name: str, found: Sequence[Finding]) -> None:
        self._checked[name] = Checked(found, time.time())
        self._tell()

    def _added(self, added: Added | None) -> None:
        if added is None:
            return
        if added.found:
            self._checked[added.name] = Checked(added.found, time.time())
        self._said = Content.assemble(
            (f"{glyph('ok')} {added.name} is in the parameter file now: ", STYLES["ok"]),
            hint("n", "launches cores there"),
        )
        self._new = self._said_of = added.name
        self._look()

    def _forgotten(self, name: str, count: int) -> None:
        self._checked.pop(name, None)
        trials = f"; {plural(count, 'trial')} of it are run elsewhere" if count else ""
        self._deck_app.say(f"{name} is forgotten{trials}.")
