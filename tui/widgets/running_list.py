"""The trials that run, the longest-running first, each with its learning curve."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

from trialdeck.tui.format import duration, metric, number
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.progress import best_value
from trialdeck.tui.sparkline import sparkline
from trialdeck.tui.table import Cell
from trialdeck.tui.widgets.grid import GridColumn
from trialdeck.tui.widgets.resting_grid import RestingGrid

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.history.reports import Curve
    from trialdeck.core.history.snapshot import Trial
    from trialdeck.core.roster import Core
    from trialdeck.core.status import Status
    from trialdeck.tui.seen import Seen

CURVE_WIDTH = 24


class Runs(NamedTuple):
    """A trial that runs, the core it runs on, and since when."""

    trial: Trial
    core: Core | None
    since: float


class RunningList(RestingGrid):
    """Enter opens a trial. `clock` gives the seconds since 1970."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        super().__init__(id="running", empty="no trial is running")
        self._clock = clock
        self._runs: dict[int, Runs] = {}
        self._seen: Seen | None = None

    @property
    def count(self) -> int:
        """How many trials run."""
        return len(self._runs)

    def show_seen(self, seen: Seen) -> None:
        """Draw the trials that run, if anything about them is new."""
        before, self._seen = self._seen, seen
        if before and seen.look is before.look and seen.curves is before.curves:
            return
        self._runs = {run.trial.tid: run for run in running(seen)}
        if seen.status is not None:
            self.set_columns(columns(seen.status.metric))
        self.grow_older()

    def grow_older(self) -> None:
        """Draw the ages anew where their texts have changed."""
        self.show(tuple(self._runs), self._cells)

    def _cells(self, tid: int) -> list[Cell]:
        run, seen = self._runs[tid], self._seen
        if seen is None or seen.status is None:
            return [Cell("")] * len(columns(""))
        curve = seen.curves.get(tid)
        told = told_of(curve, seen.status.metric)
        age = duration(self._clock() - run.since) if run.since else glyph("none")
        return [
            Cell(f"{glyph('running')} {tid}", "cyan"),
            Cell(_core(run, seen)),
            Cell(age),
            Cell(str(curve.steps[-1]) if curve is not None and curve.steps else glyph("none")),
            Cell(metric(told[-1] if told else None)),
            _drawn(told, seen.status),
        ]


def _core(run: Runs, seen: Seen) -> str:
    """Return which core runs it; the trial itself knows that before its pool says so."""
    if run.core is not None:
        return f"{run.core.host or run.core.backend} {run.core.index}"
    writer = seen.snapshot.writers.get(run.trial.writer)
    host = writer.opened.host if writer is not None and writer.opened is not None else ""
    return f"{host} {run.trial.core}".strip()


def columns(name: str) -> list[GridColumn]:
    """Return the columns; the metric's has its name."""
    return [
        GridColumn("trial", "running"),
        GridColumn("core", "core"),
        GridColumn("age", "for", right=True),
        GridColumn("step", "step", right=True),
        GridColumn("value", name, right=True),
        GridColumn("curve", "learning curve"),
    ]


def running(seen: Seen) -> list[Runs]:
    """Return the trials that run, the longest-running first."""
    trials = seen.snapshot.trials
    cores = {core.tid: core for core in seen.cores if core.tid is not None}
    runs = [
        Runs(trial, core := cores.get(tid), (core and core.since) or trial.started_at or 0.0)
        for tid in seen.snapshot.unfinished
        if (trial := trials[tid]).state == "running"
    ]
    return sorted(runs, key=lambda run: (run.since, run.trial.tid))


def told_of(curve: Curve | None, name: str) -> list[float]:
    """Return the values of a metric that a trial has reported so far."""
    values = curve.values.get(name, ()) if curve is not None else ()
    return [value for value in values if math.isfinite(value)]


def _drawn(told: list[float], status: Status) -> Cell:
    """Return a learning curve, and how far its newest value is from that of the best trial."""
    if not told:
        return Cell("")
    line, best = sparkline(told, CURVE_WIDTH), best_value(status)
    if best is None:
        return Cell(line)
    ahead = told[-1] - best if status.direction == "maximize" else best - told[-1]
    if ahead > 0:
        return Cell(f"{line} {glyph('best')} ahead", "green")
    return Cell(f"{line} {number(-ahead, 2)} behind")
