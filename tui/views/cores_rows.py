"""The rows of the view "Cores": each pool with its cores below it, and what is launched."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from trialdeck.core.log_text import tame_text
from trialdeck.core.roster import job_order
from trialdeck.tui.format import one_line, plural
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.pools import (
    WAITING,
    is_launch,
    launch_name,
    launch_of,
    launch_of_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.launches import Launch
    from trialdeck.core.launching import Core

FINE = ("", "starting", "running")  # states of a pool about which there is no more to say
BAD = ("stuck", "failed", "vanished")  # states that need somebody who mends something


class RowKey(NamedTuple):
    """What a row is about: a pool (`core` is None), one of its cores, or a launch (by `job`)."""

    writer: str
    core: int | None = None
    job: str = ""


class Row(NamedTuple):
    """A row: its key, the pool it belongs to, the core or launch that it is, and its launch.

    `whole` is the launch of several jobs that the row is about, or below which it stands.
    """

    key: RowKey
    pool: WriterFile | None
    core: Core | None
    cores: Sequence[Core] = ()  # of the pool or launch, in its own row
    whole: Launch | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it is the row of a launch of several jobs."""
        return self.whole is not None and self.pool is None and self.core is None


def rows_of(
    cores: Sequence[Core], pools: Sequence[WriterFile], launches: Sequence[Launch] = ()
) -> list[Row]:
    """Return the rows: pools in the order of their cores, launches of several jobs, the others.

    Below a launch of several jobs stands what has not begun of it, then its pools by their jobs.
    """
    known = {pool.id: pool for pool in pools}
    groups: dict[str, list[Row]] = {launch.name: [] for launch in launches}
    rows: list[Row] = []
    living = [core for core in cores if not is_launch(core)]
    for writer, group in groupby(sorted(living, key=_order), key=lambda core: core.writer):
        pool = known.get(writer)
        whole = launch_of(launches, pool) if pool is not None else None
        (groups[whole.name] if whole is not None else rows).extend(
            _pool_rows(writer, pool, tuple(group), whole)
        )
    present = {core.writer for core in living}
    rows += [Row(RowKey(pool.id), pool, None) for pool in pools if pool.id not in present]
    waiting = [(core, launch_of_row(launches, core)) for core in cores if is_launch(core)]
    for launch in launches:
        its = [core for core, whole in waiting if whole is launch]
        rows += _launch_rows(launch, its, groups[launch.name])
    return rows + [
        Row(RowKey("", None, f"{core.backend} {core.job}"), None, core)
        for core, whole in waiting
        if whole is None
    ]


def _pool_rows(
    writer: str, pool: WriterFile | None, cores: Sequence[Core], whole: Launch | None
) -> list[Row]:
    """Return the row of a pool and those of its cores; the pool's own where it has one core."""
    if whole is not None and len(cores) == 1:
        return [Row(RowKey(writer, cores[0].index), pool, cores[0], cores, whole)]
    first = Row(RowKey(writer), pool, None, cores, whole)
    return [first, *(Row(RowKey(writer, c.index), pool, c, (), whole) for c in cores)]


def _launch_rows(launch: Launch, waiting: Sequence[Core], begun: Sequence[Row]) -> list[Row]:
    name = launch_name(launch)
    its = [row.core for row in begun if row.core is not None]
    first = Row(RowKey("", None, name), None, None, (*waiting, *its), launch)
    keys = [RowKey("", None, f"{name} {core.state} {core.job}") for core in waiting]
    rows = [Row(key, None, c, (), launch) for key, c in zip(keys, waiting, strict=True)]
    return [first, *rows, *begun]


def _order(core: Core) -> tuple[object, ...]:
    return core.backend, job_order(core.job), core.host, core.writer, core.index


def summary(cores: Sequence[Core], rate: str = "") -> str:
    """Return "6 cores in 2 pools · 4 queued · 144 in reserve · 42 trials per hour"."""
    living = [core for core in cores if not is_launch(core)]
    parts = []
    if living:
        pools = len({core.writer for core in living})
        parts.append(f"{plural(len(living), 'core')} in {plural(pools, 'pool')}")
    waiting: Counter[str] = Counter()
    for core in cores:
        if is_launch(core):
            waiting[core.state] += core.count
    spare = waiting.pop("reserve", 0)
    parts += [f"{count} {one_line(state)}" for state, count in waiting.items()]
    if spare:
        parts.append(f"{spare} in reserve")
    if rate:
        parts.append(f"{rate} trials per hour")
    return glyph("between").join(parts)


def note_of(row: Row | None, reason: str) -> str:
    """Return what there is to say about a row: why it waits or failed; else about the search."""
    if row is None:
        return reason
    if row.is_whole:
        notes = (tame_text(core.note.strip("\n")) for core in row.cores if is_launch(core))
        return "\n".join(dict.fromkeys(filter(None, notes))) or reason
    core = row.core if row.core is not None else (row.cores[0] if row.cores else None)
    note = core.note if core is not None else row.pool.why if row.pool is not None else ""
    if note.strip():
        return tame_text(note.strip("\n"))
    if row.pool is not None and row.pool.state not in FINE:
        return f"The pool is {tame_text(row.pool.state)}."
    if core is not None and is_launch(core) and core.state in WAITING:
        return f"{core.backend} has said no more than that the launch is {core.state}."
    return reason


def is_bad(row: Row | None) -> bool:
    """Whether the note of a row tells of something that goes on only when somebody mends it."""
    if row is None:
        return False
    cores = (row.core,) if row.core is not None else row.cores
    return any(core.state in BAD for core in cores)


def index_of(rows: Iterable[Row]) -> dict[RowKey, Row]:
    """Return the rows by their keys."""
    return {row.key: row for row in rows}
