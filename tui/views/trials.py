"""The view "Trials": all of them, live, to sort and to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.widgets import Static

from trialdeck.core.errors import FilterError
from trialdeck.tui.messages import OpenLog
from trialdeck.tui.views import trials_acts
from trialdeck.tui.views.trials_filter import FilterLine
from trialdeck.tui.views.trials_keys import TRIALS_KEYS
from trialdeck.tui.views.trials_table import TrialTable
from trialdeck.tui.views.view import View
from trialdeck.tui.widgets.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Collection

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from trialdeck.core.history.snapshot import Trial
    from trialdeck.tui.screens.trial import TrialScreen
    from trialdeck.tui.seen import Seen

MANY = 5000  # with so many trials, choosing waits until no key is pressed for a moment
MOMENT = 0.25  # seconds


class TrialsView(View):
    """The table; enter opens the page of a trial."""

    DEFAULT_CSS = """
    TrialsView > #title { height: 1; padding: 0 1; color: $text-muted; }
    TrialsView > Grid { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*TRIALS_KEYS]

    def __init__(self, *, id: str = "trials") -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self.table: TrialTable | None = None  # None as long as there is no search
        self._page: TrialScreen | None = None
        self._later: Timer | None = None
        self._first: int | None = None  # what is in the first row

    def compose(self) -> ComposeResult:
        """Lay out the title, the table, the line of the filter."""
        yield Static("", id="title", markup=False)
        yield Grid(fixed_columns=1, id="table")
        yield FilterLine()

    @property
    def _grid(self) -> Grid:
        return self.query_one("#table", Grid)

    # -- drawing ------------------------------------------------------------------------------

    def draw(self, seen: Seen, before: Seen) -> None:
        """Draw what is new."""
        if seen.name != before.name:
            self.table = None
        if seen.params is None:
            pass  # nothing can be read now: what was known stays
        elif self.table is None:
            self.table = TrialTable(seen.params)
            self.table.take(seen)
            self._redraw(None)
        else:
            dirty = self.table.take(seen)
            if dirty is None or dirty:
                self._redraw(dirty)
        self._say_empty()

    def _redraw(self, dirty: Collection[int] | None) -> None:
        """Draw rows that say something else, or all of them."""
        table, grid = self.table, self._grid
        if table is None:
            return
        at_first = table.newest_first and grid.cursor == self._first
        if dirty is None:
            grid.set_columns(table.columns)
            grid.mark_sort(table.sorted_by, descending=table.descending)
        grid.show(table.tids, table.cells, dirty)
        if at_first:
            grid.action_first()
        self._first = table.tids[0] if table.tids else None
        title = self.query_one("#title", Static)
        text = table.title() if table.snapshot.trials else ""
        if str(title.content) != text:
            title.update(text)

    def _say_empty(self) -> None:
        seen, grid = self.seen, self._grid
        if self.table is None:
            grid.show((), lambda _: ())
            self.query_one("#title", Static).update("")
        if seen.reading:
            grid.set_empty("The history is being read.")
        elif seen.trouble:
            grid.set_empty(seen.trouble)
        elif seen.snapshot.trials:
            grid.set_empty("No trial is so.\nesc shows all.")
        elif seen.cores:
            grid.set_empty("No trials yet. The cores are starting.")
        else:
            grid.set_empty("No trials yet. n launches cores.")

    def tick(self) -> None:
        """Let the trials that run grow older."""
        if self.table is not None:
            self._redraw(self.table.grow_older())
        if self._page is not None and self._page.is_attached:
            self._page.tick()

    def take_focus(self) -> None:
        """Give the focus to the table."""
        self._grid.focus()

    # -- one trial ------------------------------------------------------------------------------

    @property
    def selected(self) -> Trial | None:
        """The trial under the cursor."""
        tid = self._grid.cursor
        return self.seen.snapshot.trials.get(tid) if tid is not None else None

    def open(self, tid: int) -> None:
        """Put the cursor at a trial and open its page; what hides it is no longer chosen by."""
        if self.table is None or tid not in self.seen.snapshot.trials:
            self.deck_app.say(f"There is no trial {tid}.", "warning")
            return
        if not self._grid.move_to(tid):
            self.action_show_all()
            self._grid.move_to(tid)
        from trialdeck.tui.screens.trial import TrialScreen

        self._page = TrialScreen(self, tid)
        self.app.push_screen(self._page)

    def step(self, lines: int) -> int | None:
        """Move the cursor; return the tid that it is at now."""
        self._grid.action_move(lines)
        tid: int | None = self._grid.cursor
        return tid

    @on(Grid.Chosen, "#table")
    def _chosen(self, message: Grid.Chosen) -> None:
        self.open(message.key)

    def action_retry(self) -> None:
        """Run the point of the selected trial again."""
        if self.selected is not None:
            trials_acts.retry(self.deck_app, self.selected)

    def action_enqueue(self) -> None:
        """Edit a copy of the selected trial's point and have it tried first."""
        trials_acts.enqueue(self.deck_app, self.selected)

    def action_copy(self) -> None:
        """Copy the point of the selected trial."""
        if self.selected is not None:
            trials_acts.copy(self.deck_app, self.selected)

    def action_write(self) -> None:
        """Write the point of the selected trial into a file."""
        if self.selected is not None:
            trials_acts.write(self.deck_app, self.selected)

    def action_log(self) -> None:
        """Show what the selected trial printed."""
        if self.selected is not None:
            self.post_message(OpenLog(self.selected.tid, self.selected.attempt))

    # -- order and columns ------------------------------------------------------------------------

    @on(Grid.HeaderClicked, "#table")
    def _header_clicked(self, message: Grid.HeaderClicked) -> None:
        self._sort_by(message.column)

    def _sort_by(self, name: str | None) -> None:
        if self.table is not None and name is not None:
            self.table.sort_by(name)
            self._redraw(None)
            self._grid.action_first()

    def action_sort(self) -> None:
        """Choose what to sort by."""
        if self.table is None:
            return
        from trialdeck.tui.screens.choose import Answer, Choose

        groups = {"point": "hyperparameter", "returned": "returned", "about": "", "leading": ""}
        answers = [Answer(f.name, f.name, groups[f.group]) for f in self.table.fields]
        self.app.push_screen(Choose("Sort by", answers, here=self.table.sorted_by), self._sort_by)

    def action_turn(self) -> None:
        """Turn the order around."""
        if self.table is not None:
            self.table.turn()
            self._redraw(None)
            self._grid.action_first()

    def action_columns(self) -> None:
        """Choose the columns."""
        if self.table is None:
            return
        from trialdeck.tui.screens.choose_columns import ChooseColumns

        table = self.table
        shown = [column.key for column in table.columns]
        self.app.push_screen(
            ChooseColumns(table.fields.names, shown, table.default_columns), self._show_columns
        )

    def _show_columns(self, names: tuple[str, ...] | None) -> None:
        if self.table is not None and names is not None:
            self.table.chosen = names if names != self.table.default_columns else ()
            self._redraw(None)

    # -- choosing trials --------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Open the line of the filter."""
        if self.table is not None:
            self.query_one(FilterLine).open(self.table.filter_text)

    def action_state(self) -> None:
        """Show the trials of the next state only."""
        if self.table is not None:
            self.table.next_state()
            self._redraw(None)

    def action_show_all(self) -> None:
        """Show all trials again."""
        if self.table is not None and self.table.is_filtered:
            self.table.show_all()
            self._redraw(None)

    @on(FilterLine.Changed)
    def _filter_changed(self, message: FilterLine.Changed) -> None:
        message.stop()
        if self.table is None:
            return
        error = self.table.check(message.text)
        self.query_one(FilterLine).complain(error)
        self._wait_no_longer()
        if error is None and len(self.table.snapshot.trials) < MANY:
            self._filter_by(message.text)
        elif error is None:
            self._later = self.set_timer(MOMENT, lambda: self._filter_by(message.text))

    def _wait_no_longer(self) -> None:
        if self._later is not None:
            self._later.stop()
            self._later = None

    def _filter_by(self, text: str) -> None:
        self._later = None
        if self.table is not None and text.strip() != self.table.filter_text.strip():
            self.table.filter_by(text)
            self._redraw(None)

    @on(FilterLine.Left)
    def _filter_left(self, message: FilterLine.Left) -> None:
        message.stop()
        line = self.query_one(FilterLine)
        if message.kept:
            try:
                self._filter_by(line.text)
            except FilterError as error:
                line.complain(error)
                return
        self._wait_no_longer()
        line.close()
        self.take_focus()
        if not message.kept:
            self.action_show_all()
