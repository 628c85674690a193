"""The view "Cores": every core of every backend, and what can be done with it."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from trialdeck.tui import ending, steering
from trialdeck.tui.format import one_line
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.messages import OpenLog, OpenTrial
from trialdeck.tui.pools import NO_CORES, launches_of, log_name, pools_of
from trialdeck.tui.sites import away, is_away
from trialdeck.tui.views.cores_cells import COLUMNS, Drawing, Rates, cells_of, hourly, rates_of
from trialdeck.tui.views.cores_rows import (
    Row,
    RowKey,
    index_of,
    is_bad,
    note_of,
    rows_of,
    summary,
)
from trialdeck.tui.views.view import View
from trialdeck.tui.widgets.grid import Grid
from trialdeck.tui.widgets.grid_keys import GRID_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.core.launches import Launch
    from trialdeck.core.launching import Core
    from trialdeck.tui.seen import Seen
    from trialdeck.tui.table import Cell


class CoresGrid(Grid, inherit_bindings=False):
    """Leaves the key h to the other machines; the arrow goes to the columns at the left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        replace(binding, key="left") if binding.id == "grid.left" else binding
        for binding in GRID_KEYS
    ]


class CoresView(View):
    """Pools with their cores, launches, and why the selected one does not train."""

    DEFAULT_CSS = """
    CoresView Grid { height: 1fr; }
    CoresView .line { height: auto; max-height: 2; padding: 0 1; color: $text-muted; }
    CoresView #about {
        height: auto; max-height: 40%; margin: 1 0; padding: 0 1; scrollbar-size-vertical: 1;
    }
    CoresView #about:focus { background: $panel; }
    CoresView #note { color: $text-warning; }
    CoresView #note.-bad { color: $text-error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "trial", "Trial", id="cores.trial", tooltip="Open the trial that runs there."),
        Binding(
            "o", "log", "Log", id="cores.log", tooltip="Read what the core or pool has printed."
        ),
        Binding("h", "app.hosts", "Hosts", id="cores.hosts", tooltip="Show the other machines."),
        Binding(
            "X,c",
            "cancel",
            "Cancel",
            show=False,
            id="cores.cancel",
            tooltip="Cancel what has not begun of the selected launch.",
        ),
    ]

    _rows: Mapping[RowKey, Row] = MappingProxyType({})
    _rates: Rates = MappingProxyType({})
    _looked = 0.0  # when the newest look came, by the monotonic clock

    def compose(self) -> ComposeResult:
        """Lay out the table, what is said about the selected row, the summary."""
        yield CoresGrid(COLUMNS, id="cores-grid")
        with VerticalScroll(id="about"):
            yield Static(id="note", markup=False)
        yield Static(id="summary", classes="line", markup=False)

    # -- drawing ----------------------------------------------------------------------------

    def draw(self, seen: Seen, before: Seen) -> None:
        """Draw what is new; the table paints only lines that say other things."""
        if seen.look is not before.look or not self._looked:
            self._looked = time.monotonic()
        if seen.snapshot is not before.snapshot or not self._rates:
            self._rates = rates_of(seen.snapshot)
        rows = rows_of(seen.cores, pools_of(seen), launches_of(seen))
        self._rows = index_of(rows)
        self.query_one(Grid).set_empty(_empty(seen))
        self.tick()
        status = seen.status
        rate = status.trials_per_hour if status is not None else None
        speed = hourly(rate) if rate is not None else ""
        _write(self.query_one("#summary", Static), summary(seen.cores, speed))
        self._tell()

    def tick(self) -> None:
        """Let the ages grow."""
        drawing = Drawing(
            wanted=partial(steering.wanted_cores, self.deck_app),
            rates=self._rates,
            now=time.time(),
            ago=time.monotonic() - self._looked,
            away={row.name for row in self.seen.sites if is_away(row)},
        )
        self.query_one(Grid).show(list(self._rows), partial(self._cells, drawing))

    def _cells(self, drawing: Drawing, key: RowKey) -> Sequence[Cell]:
        return cells_of(self._rows[key], drawing)

    @on(Grid.Moved)
    def _tell(self) -> None:
        """Say what is known of the selected row."""
        status = self.seen.status
        waits = status is not None and status.state in ("waiting", "paused", "finished")
        reason = status.silent if status is not None else ""
        if status is not None and not reason and waits:
            reason = status.reason
        here = self._here
        site = here.pool.site if here is not None and here.pool is not None else ""
        cut = next((one for one in self.seen.sites if one.name == site and is_away(one)), None)
        note = away(cut) if cut is not None else note_of(here, reason)
        self.query_one("#note").set_class(is_bad(here), "-bad")
        _write(self.query_one("#note", Static), note)
        self.query_one("#about").display = bool(note and self._rows)

    # -- what is selected -------------------------------------------------------------------

    @property
    def _here(self) -> Row | None:
        return self._rows.get(self.query_one(Grid).cursor)

    @property
    def pool(self) -> str:
        """The id of the selected pool, "" where the row is none."""
        return self._here.key.writer if self._here is not None else ""

    @property
    def row_here(self) -> Core | None:
        """What is selected, where that is no core of a pool."""
        row = self._here
        return row.core if row is not None and not row.key.writer else None

    @property
    def launch_here(self) -> Launch | None:
        """The selected launch of several jobs, where all of it is selected."""
        row = self._here
        return row.whole if row is not None and row.is_whole else None

    # -- what the user does -----------------------------------------------------------------

    @on(Grid.Chosen)
    def action_log(self) -> None:
        """Open the log of the selected core, pool or launch."""
        row = self._here
        if row is None:
            self.deck_app.say(NO_CORES)
        elif row.core is not None and row.key.core is not None:
            self.post_message(OpenLog(writer=row.key.writer, core=row.key.core))
        elif row.is_whole:
            self.deck_app.say("Each job of this launch has a log: choose one.")
        elif name := self._log_of(row):
            self.post_message(OpenLog(pool=name))
        else:
            self.deck_app.say("This pool was not launched: it prints where it was started.")

    def _log_of(self, row: Row) -> str:
        """Return the name of a pool's or launch's own log, or what its backend calls it."""
        if row.pool is not None:
            return log_name(launches_of(self.seen), row.pool)
        return row.core.job if row.core is not None else ""

    def action_trial(self) -> None:
        """Open the trial that the selected core runs."""
        row = self._here
        if row is None or row.core is None or row.core.tid is None:
            self.deck_app.say("No trial runs there: choose a core that trains.")
        else:
            self.post_message(OpenTrial(row.core.tid))

    def action_cancel(self) -> None:
        """Cancel what has not begun of the selected launch."""
        if self.row_here is not None:
            ending.cancel(self.deck_app, self.row_here)
        elif self.launch_here is not None:
            ending.cancel_rest(self.deck_app, self.launch_here)
        else:
            self.deck_app.say(ending.ONLY_WAITING)

    def action_copy(self) -> None:
        """Copy the job of the selected row."""
        row = self._here
        if row is None:
            self.deck_app.say(NO_CORES)
            return
        job = row.pool.job or row.pool.name if row.pool is not None else ""
        job = row.core.job if row.core is not None else job
        job = row.whole.job if row.whole is not None and row.is_whole else job
        self.app.copy_to_clipboard(job)
        self.deck_app.say(f"Copied the job: {one_line(job)}")


def _empty(seen: Seen) -> str:
    """Return what to do where there are no cores."""
    if seen.reading:
        return "The history is being read" + glyph("cut")
    if seen.trouble:
        return seen.trouble
    lines = ["No cores are running.", "n launches some."]
    status = seen.status
    if status is not None and status.state == "finished":
        lines = [
            f"No cores are running: {status.reason}.",
            f"{status.more.capitalize()} gives more to do.",
        ]
    return "\n".join(lines)


def _write(line: Static, text: str) -> None:
    """Write a text where it is another one."""
    if line.content != text:
        line.update(text)
