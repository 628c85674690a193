"""What the table of trials shows: which of them, in which order, with which columns."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from trialdeck.core.errors import FilterError
from trialdeck.core.history.snapshot import Snapshot, TrialState
from trialdeck.core.trial_fields import Fields
from trialdeck.core.trial_filter import parse_filter
from trialdeck.core.trial_order import TrialOrder, Wish
from trialdeck.tui.format import cut, one_line, plural
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.views.trials_cells import cell_of
from trialdeck.tui.widgets.grid_columns import GridColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from trialdeck.core.history.snapshot import Trial
    from trialdeck.core.params.model import Params
    from trialdeck.core.trial_fields import Field
    from trialdeck.core.trial_filter import Filter
    from trialdeck.tui.seen import Seen
    from trialdeck.tui.table import Cell

QUICK = ("running", "failed", "ok", "interrupted", "pruned")  # in the order of their key
RIGHT = ("number", "seconds")
FILTER_WIDTH = 40  # of an expression in the title


class TrialTable:
    """The table, without a widget. `take` says which rows have to be drawn again."""

    def __init__(self, params: Params, clock: Callable[[], float] = time.time) -> None:
        self.params = params
        self.snapshot = Snapshot()
        self.clock = clock
        self.fields = Fields(params, clock)
        self.state = ""  # the only state that is shown; "": all
        self.sorted_by = "trial"
        self.descending = True
        self.chosen: tuple[str, ...] = ()  # columns; (): those of `default_columns`
        self._filter: Filter | None = None
        self._order = TrialOrder(self._wish())

    # -- what there is ------------------------------------------------------------------------

    @property
    def tids(self) -> Sequence[int]:
        """The rows."""
        return self._order.tids

    @property
    def filter_text(self) -> str:
        """The expression that chooses rows, "" when none does."""
        return self._filter.text if self._filter is not None else ""

    @property
    def is_filtered(self) -> bool:
        """Whether rows may be left out."""
        return bool(self.state or self._filter)

    @property
    def newest_first(self) -> bool:
        """Whether new trials appear in the first row."""
        return self.sorted_by == "trial" and self.descending

    @property
    def default_columns(self) -> tuple[str, ...]:
        """What identifies a trial and what came out, then its point."""
        return tuple(f.name for f in self.fields if f.group in ("leading", "point"))

    @property
    def columns(self) -> tuple[GridColumn, ...]:
        """The columns of the grid."""
        return tuple(
            GridColumn(field.name, one_line(field.name), right=field.kind in RIGHT)
            for field in self._columns()
        )

    def _columns(self) -> list[Field]:
        known = [name for name in self.chosen if name in self.fields]
        return [self.fields[name] for name in known or self.default_columns]

    def cells(self, tid: int) -> list[Cell]:
        """Return the cells of a row."""
        trial, best = self.snapshot.trials[tid], self.snapshot.best
        loss = self.snapshot.trials[best] if best is not None else None
        return [cell_of(field, trial, loss) for field in self._columns()]

    def title(self) -> str:
        """Return how many trials are shown, which, and in which order."""
        total, number = len(self.snapshot.trials), len(self._order)
        count = plural(total, "trial").replace(str(total), f"{total:,}", 1)
        parts = [f"{number:,} of {count}" if self.is_filtered else count, self.state]
        parts.append(cut(one_line(self.filter_text), FILTER_WIDTH))
        order = "newest first" if self.newest_first else f"sorted by {one_line(self.sorted_by)}"
        return glyph("between").join([part for part in parts if part] + [order])

    # -- what is new --------------------------------------------------------------------------

    def take(self, seen: Seen) -> Collection[int] | None:
        """Take in what was seen; return the rows that say something else, None for all."""
        snapshot, before = seen.snapshot, self.snapshot
        if seen.params is not self.params and seen.params is not None:
            self._begin(seen.params, snapshot)
            return None
        if snapshot is before:
            return ()
        if snapshot.version < before.version:
            self._begin(self.params, snapshot)  # another history
            return None
        changed = {trial.tid: trial for trial in snapshot.trials.changed_since(before.trials)}
        self.snapshot = snapshot
        if self.fields.see(snapshot, changed.values()):
            self._start_anew()
            return None
        self._order.update(snapshot, (self._aging() | changed).values())
        bests = {before.best, snapshot.best} if before.best != snapshot.best else set()
        return changed.keys() | {tid for tid in bests if tid is not None}

    def grow_older(self) -> Collection[int]:
        """Let time pass; return the rows that may say something else."""
        if aging := self._aging():
            self._order.update(self.snapshot, aging.values())
        return self.snapshot.unfinished

    def _aging(self) -> dict[int, Trial]:
        """Return the trials that the filter may choose at one time and not at another."""
        if self._filter is None or "time" not in self._filter.names:
            return {}
        trials = self.snapshot.trials
        return {tid: trials[tid] for tid in self.snapshot.unfinished}

    def _begin(self, params: Params, snapshot: Snapshot) -> None:
        self.params, self.snapshot = params, snapshot
        self.fields = Fields(params, self.clock)
        self.fields.see(snapshot, snapshot.trials.values())
        self._start_anew()

    def _start_anew(self) -> None:
        """Look at everything again: names may have come, gone, or changed their meaning."""
        if self.sorted_by not in self.fields:
            self.sorted_by, self.descending = "trial", True
        try:
            self._filter = parse_filter(self.filter_text, self.fields) if self._filter else None
        except FilterError:
            self._filter = None
        self._show()

    # -- what the user wants --------------------------------------------------------------------

    def sort_by(self, name: str) -> None:
        """Sort by a field, from its best or newest end; once more turns it around."""
        if name == self.sorted_by:
            self.turn()
            return
        self.sorted_by, self.descending = name, self.fields[name].descending
        self._show()

    def turn(self) -> None:
        """Turn the order around."""
        self.descending = not self.descending
        self._show()

    def check(self, text: str) -> FilterError | None:
        """Return what is wrong with an expression."""
        try:
            if text.strip():
                parse_filter(text, self.fields)
        except FilterError as error:
            return error
        return None

    def filter_by(self, text: str) -> None:
        """Show only what passes an expression; "" is none. Raises FilterError."""
        self._filter = parse_filter(text, self.fields) if text.strip() else None
        self._show()

    def next_state(self) -> None:
        """Show only the trials in the next state that there is, or all again."""
        there = [state for state in QUICK if getattr(self.snapshot.counts, state)]
        states = ["", *there]
        here = states.index(self.state) if self.state in states else 0
        self.state = states[(here + 1) % len(states)]
        self._show()

    def show_all(self) -> None:
        """Leave nothing out."""
        self.state, self._filter = "", None
        self._show()

    def _show(self) -> None:
        self._order.show(self._wish(), self.snapshot)

    def _wish(self) -> Wish:
        tests = []
        if self.state:
            state = TrialState(self.state)
            tests.append(lambda trial: trial.state is state)
        if self._filter is not None:
            tests.append(self._filter.test)
        return Wish(self.fields[self.sorted_by], self.descending, tuple(tests))
