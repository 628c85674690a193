"""What the rows of the view "Cores" say in each column."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from trialdeck.tui.format import duration, number, one_line, plural
from trialdeck.tui.glyphs import COLORS, glyph, is_unicode
from trialdeck.tui.pools import host_of, is_launch, launch_name
from trialdeck.tui.table import Cell
from trialdeck.tui.views.cores_rows import FINE
from trialdeck.tui.widgets.grid_columns import GridColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.launches import Launch
    from trialdeck.core.launching import Core
    from trialdeck.tui.views.cores_rows import Row

LOOKED_AT = 1000  # trials with the highest tids, by which the rates go
BEAT_STEP = 10  # seconds; a heart beats every thirty

COLUMNS = (
    GridColumn("core", "core"),
    GridColumn("state", "state"),
    GridColumn("trial", "trial", right=True),
    GridColumn("since", "since", right=True),
    GridColumn("rate", "/hour", right=True),
    GridColumn("beat", "beat", right=True),
    GridColumn("job", "job"),
)
_SIGNS = {  # of states: a glyph, and a colour
    "training": ("running", COLORS["running"]),
    "failed": ("failed", COLORS["failed"]),
    "stuck": ("failed", COLORS["failed"]),
    "quiet": ("warning", COLORS["warning"]),
    "unknown": ("warning", COLORS["warning"]),
    "vanished": ("failed", COLORS["failed"]),
}
_OTHER = ("left", "bright_black")
_DIM = "bright_black"

Rates = Mapping[tuple[str, int], float]


def rates_of(snapshot: Snapshot, now: float | None = None) -> Rates:
    """Return how many trials an hour each core finishes, by the newest; cores of one are left out.

    Measured like the rate of the whole search, from the end of a core's first trial to now.
    """
    now = time.time() if now is None else now
    ends: dict[tuple[str, int], list[float]] = {}
    for trial in islice(snapshot.trials.newest_first(), LOOKED_AT):
        if trial.state.settled and trial.finished_at and not trial.imported:
            ends.setdefault((trial.writer, trial.core), []).append(trial.finished_at)
    spans = {key: max(now, *times) - min(times) for key, times in ends.items() if len(times) > 1}
    return {key: (len(ends[key]) - 1) / span * 3600 for key, span in spans.items() if span > 0}


class Drawing(NamedTuple):
    """What the cells of rows depend on besides the rows; `ago` is the age of the look."""

    wanted: Callable[[WriterFile | Launch], int]
    rates: Rates
    now: float
    ago: float
    away: Collection[str] = ()  # machines that cannot be reached

    def is_away(self, row: Row) -> bool:
        """Whether what a row says is only what was known last."""
        return row.pool is not None and row.pool.site in self.away


def cells_of(row: Row, drawing: Drawing) -> tuple[Cell, ...]:
    """Return the cells of a row."""
    if row.is_whole:
        return _whole_cells(row, drawing)
    if row.core is None:
        return _pool_cells(row, drawing)
    core = row.core
    launch = is_launch(core)
    rate = drawing.rates.get((core.writer, core.index))
    alone = bool(row.cores)  # the only core of its pool, which has no row of its own
    return (
        Cell(_name(row, core), _DIM if core.state == "reserve" else ""),
        _state_cell(core.state, away=drawing.is_away(row)),
        _cell(None if core.tid is None else str(core.tid), quiet=launch),
        _cell(None if core.since is None else age(drawing.now - core.since)),
        _cell(hourly(rate) if rate is not None else None, quiet=launch),
        Cell(_beat(core, drawing)) if alone else _cell(None, quiet=True),
        Cell(one_line(core.job) if launch or alone else ""),
    )


def _name(row: Row, core: Core) -> str:
    """Return what stands in the first column of a core, or of a launch."""
    if row.whole is None:
        return f"{one_line(core.backend)} (launch)" if is_launch(core) else f"  {core.index}"
    if is_launch(core):
        return f"  {plural(core.count, 'core')}"
    return f"  {one_line(core.host)}" if row.cores else f"    {core.index}"


def _whole_cells(row: Row, drawing: Drawing) -> tuple[Cell, ...]:
    """Return the cells of a launch of several jobs."""
    assert row.whole is not None  # noqa: S101 - what `is_whole` says
    state = _change(row.whole.cores, drawing.wanted(row.whole))
    rest = (Cell(""), Cell(""), Cell(_rates(row, drawing)), Cell(""))
    return (
        Cell(launch_name(row.whole), bold=True),
        Cell(state),
        *rest,
        Cell(one_line(row.whole.job or row.whole.name)),
    )


def _pool_cells(row: Row, drawing: Drawing) -> tuple[Cell, ...]:
    """Return the cells of a pool's own row, where all is that its cores have in common."""
    pool, first = row.pool, row.cores[0] if row.cores else None
    if pool is not None:
        name = f"{one_line(pool.backend) or 'by hand'} on {host_of(pool)}"
        job = pool.job or pool.name
    else:
        name = f"{one_line(first.backend)} on {one_line(first.host)}" if first else ""
        job = first.job if first else ""
    return (
        Cell(f"  {name}" if row.whole is not None else name, bold=row.whole is None),
        _pool_state(row, drawing),
        Cell(""),
        Cell(""),
        Cell(_rates(row, drawing)),
        Cell(_beat(first, drawing)),
        Cell(one_line(job)),
    )


def _rates(row: Row, drawing: Drawing) -> str:
    rates = [drawing.rates.get((core.writer, core.index), 0.0) for core in row.cores]
    return hourly(sum(rates)) if any(rates) else ""


def _beat(core: Core | None, drawing: Drawing) -> str:
    if core is None or core.beat_age is None:
        return ""
    return beat_age(core.beat_age + drawing.ago)


def _pool_state(row: Row, drawing: Drawing) -> Cell:
    """Return how many cores there are and will be, and what the pool says of itself."""
    pool = row.pool
    if pool is None:
        return Cell(plural(len(row.cores), "core"))
    text = _change(pool.cores_wanted, drawing.wanted(pool))
    if drawing.is_away(row):
        return Cell(f"{glyph('warning')} {text}, cut off", COLORS["warning"])
    return Cell(text if pool.state in FINE else f"{text}, {_short(pool.state)}")


def _change(now: int, soon: int) -> str:
    arrow = "→" if is_unicode() else "->"
    return plural(now, "core") if now == soon else f"{now} {arrow} {plural(soon, 'core')}"


def _state_cell(state: str, *, away: bool = False) -> Cell:
    sign, color = _SIGNS.get(state, _OTHER)
    if away:  # it was so when the machine was heard last
        sign, color = "interrupted", COLORS["interrupted"]
    return Cell(f"{glyph(sign)} {_short(state)}", color)


def _short(state: str) -> str:
    """Return the beginning of what a pool says of itself; the note has all of it."""
    return one_line(state).partition(" after")[0].partition(":")[0]


def _cell(text: str | None, *, quiet: bool = False) -> Cell:
    return Cell("" if quiet else glyph("none"), "bright_black") if text is None else Cell(text)


def hourly(rate: float) -> str:
    """Return how many trials an hour finish."""
    return number(rate, 2) if rate < 10 else f"{rate:,.0f}"


def age(seconds: float) -> str:
    """Return how long something takes, in steps that are worth to be drawn again."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    return duration(whole // 60 * 60)


def beat_age(seconds: float) -> str:
    """Return how long ago a heart has beaten."""
    return "<10 s" if seconds < BEAT_STEP else age(int(seconds) // BEAT_STEP * BEAT_STEP)
