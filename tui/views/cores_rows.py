"""The rows of the view "Cores": each pool with its cores below it, and what is launched."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import groupby, islice
from typing import TYPE_CHECKING, NamedTuple

from trialdeck.core.log_text import tame_text
from trialdeck.tui.format import duration, number, one_line, plural
from trialdeck.tui.glyphs import COLORS, glyph, is_unicode
from trialdeck.tui.steering import WAITING, is_launch, pool_name
from trialdeck.tui.table import Cell
from trialdeck.tui.widgets.grid_columns import GridColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.launching import Core

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
    "quiet": ("warning", COLORS["warning"]),
    "unknown": ("warning", COLORS["warning"]),
    "vanished": ("failed", COLORS["failed"]),
}
_FINE = ("", "starting", "running")  # states of a pool about which there is no more to say
_OTHER = ("left", "bright_black")

Rates = Mapping[tuple[str, int], float]


class RowKey(NamedTuple):
    """What a row is about: a pool (`core` is None), one of its cores, or a launch (by `job`)."""

    writer: str
    core: int | None = None
    job: str = ""


class Row(NamedTuple):
    """A row: its key, the pool it belongs to, and the core or launch that it is."""

    key: RowKey
    pool: WriterFile | None
    core: Core | None
    cores: Sequence[Core] = ()  # of the pool, in the pool's own row


def rows_of(cores: Sequence[Core], pools: Sequence[WriterFile]) -> list[Row]:
    """Return the rows: pools in the order of their cores, then the launches."""
    known = {pool.id: pool for pool in pools}
    rows: list[Row] = []
    living = [core for core in cores if not is_launch(core)]
    for writer, group in groupby(sorted(living, key=_order), key=lambda core: core.writer):
        its = tuple(group)
        rows.append(Row(RowKey(writer), known.get(writer), None, its))
        rows += [Row(RowKey(writer, c.index), known.get(writer), c) for c in its]
    present = {core.writer for core in living}
    rows += [Row(RowKey(pool.id), pool, None) for pool in pools if pool.id not in present]
    launches = [core for core in cores if is_launch(core)]
    return rows + [Row(RowKey("", None, f"{c.backend} {c.job}"), None, c) for c in launches]


def _order(core: Core) -> tuple[str, str, str, int]:
    return core.backend, core.host, core.writer, core.index


def rates_of(snapshot: Snapshot, now: float | None = None) -> Rates:
    """Return how many trials an hour each core finishes, by the newest; cores of one are left out.

    Measured like the rate of the whole search, from the end of a core's first trial to now.
    """
    now = time.time() if now is None else now
    ends: dict[tuple[str, int], list[float]] = {}
    for trial in islice(snapshot.trials.newest_first(), LOOKED_AT):
        if trial.state.settled and trial.finished_at and trial.origin != "import":
            ends.setdefault((trial.writer, trial.core), []).append(trial.finished_at)
    spans = {key: max(now, *times) - min(times) for key, times in ends.items() if len(times) > 1}
    return {key: (len(ends[key]) - 1) / span * 3600 for key, span in spans.items() if span > 0}


class Drawing(NamedTuple):
    """What the cells of rows depend on besides the rows; `ago` is the age of the look."""

    wanted: Callable[[WriterFile], int]
    rates: Rates
    now: float
    ago: float


def cells_of(row: Row, drawing: Drawing) -> tuple[Cell, ...]:
    """Return the cells of a row."""
    if row.core is None:
        return _pool_cells(row, drawing)
    core = row.core
    launch = is_launch(core)
    name = f"{one_line(core.backend)} (launch)" if launch else f"  {core.index}"
    rate = drawing.rates.get((core.writer, core.index))
    return (
        Cell(name),
        _state_cell(core.state),
        _cell(None if core.tid is None else str(core.tid)),
        _cell(None if core.since is None else age(drawing.now - core.since)),
        _cell(_rate(rate) if rate is not None else None, quiet=launch),
        _cell(None, quiet=True),
        Cell(one_line(core.job) if launch else ""),
    )


def _pool_cells(row: Row, drawing: Drawing) -> tuple[Cell, ...]:
    """Return the cells of a pool's own row, where all is that its cores have in common."""
    pool, first = row.pool, row.cores[0] if row.cores else None
    if pool is not None:
        name, job = pool_name(pool), pool.job or pool.name
    else:
        name = f"{one_line(first.backend)} on {one_line(first.host)}" if first else ""
        job = first.job if first else ""
    rates = [drawing.rates.get((core.writer, core.index), 0.0) for core in row.cores]
    beat = first.beat_age if first is not None else None
    return (
        Cell(name, bold=True),
        Cell(_pool_state(pool, row, drawing.wanted)),
        Cell(""),
        Cell(""),
        Cell(_rate(sum(rates)) if any(rates) else ""),
        Cell(beat_age(beat + drawing.ago) if beat is not None else ""),
        Cell(one_line(job)),
    )


def _pool_state(pool: WriterFile | None, row: Row, wanted: Callable[[WriterFile], int]) -> str:
    """Return how many cores there are and will be, and what the pool says of itself."""
    if pool is None:
        return plural(len(row.cores), "core")
    now, soon = pool.cores_wanted, wanted(pool)
    arrow = "→" if is_unicode() else "->"
    text = plural(now, "core") if now == soon else f"{now} {arrow} {plural(soon, 'core')}"
    return text if pool.state in _FINE else f"{text}, {_short(pool.state)}"


def _state_cell(state: str) -> Cell:
    sign, color = _SIGNS.get(state, _OTHER)
    return Cell(f"{glyph(sign)} {_short(state)}", color)


def _short(state: str) -> str:
    """Return the beginning of what a pool says of itself; the note has all of it."""
    return one_line(state).partition(" after")[0].partition(":")[0]


def _cell(text: str | None, *, quiet: bool = False) -> Cell:
    return Cell("" if quiet else glyph("none"), "bright_black") if text is None else Cell(text)


def _rate(rate: float) -> str:
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


def summary(cores: Sequence[Core], rate: float | None = None) -> str:
    """Return "6 cores in 2 pools · 1 launch queued · 42 trials per hour"."""
    living = [core for core in cores if not is_launch(core)]
    parts = []
    if living:
        pools = len({core.writer for core in living})
        parts.append(f"{plural(len(living), 'core')} in {plural(pools, 'pool')}")
    launches = [core.state for core in cores if is_launch(core)]
    parts += [
        f"{plural(launches.count(state), 'launch', 'launches')} {one_line(state)}"
        for state in dict.fromkeys(launches)
    ]
    if rate is not None:
        parts.append(f"{_rate(rate)} trials per hour")
    return glyph("between").join(parts)


def note_of(row: Row | None, reason: str) -> str:
    """Return what there is to say about a row: why it waits or failed; else about the search."""
    if row is None:
        return reason
    core = row.core if row.core is not None else (row.cores[0] if row.cores else None)
    note = core.note if core is not None else row.pool.why if row.pool is not None else ""
    if note.strip():
        return tame_text(note.strip("\n"))
    if row.pool is not None and row.pool.state not in _FINE:
        return f"The pool is {tame_text(row.pool.state)}."
    if core is not None and is_launch(core) and core.state in WAITING:
        return f"{core.backend} has said no more than that the launch is {core.state}."
    return reason


def index_of(rows: Iterable[Row]) -> dict[RowKey, Row]:
    """Return the rows by their keys."""
    return {row.key: row for row in rows}
