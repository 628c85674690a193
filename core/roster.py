"""Every core there is: those of living pools, and what was launched and is no pool yet."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from trialdeck.backends.base import State, Status
from trialdeck.core.history.writers import CoreInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.launches import Launch


class Core(msgspec.Struct, frozen=True, kw_only=True):
    """One core as people see it."""

    backend: str
    host: str
    job: str
    writer: str
    index: int
    state: str  # training, idle, starting, queued, failed, …
    tid: int | None = None
    attempt: int = 0
    since: float | None = None  # seconds since 1970
    beat_age: float | None = None  # seconds since the pool's last sign of life
    note: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """The cores at one moment, and why launched ones do not run trials.

    `pending` are the launches that are no pool yet, newest first. `waiting` says why launched
    cores do not run trials, `failed` why the newest launch could not start; "" without a reason.
    """

    pools: tuple[WriterFile, ...] = ()
    cores: tuple[Core, ...] = ()
    pending: tuple[tuple[Launch, Status], ...] = ()
    waiting: str = ""
    failed: str = ""

    @property
    def cores_wanted(self) -> int:
        """How many cores the living pools are to have."""
        return sum(pool.cores_wanted for pool in self.pools)


def pool_cores(pool: WriterFile, beat_age: float | None, *, quiet: bool) -> Iterator[Core]:
    """Yield the cores of a living pool, those too that it has yet to start."""
    for core in sorted(_with_missing(pool), key=lambda core: core.index):
        yield Core(
            backend=pool.backend or "by hand",
            host=pool.identity.host,
            job=pool.job or pool.name,
            writer=pool.id,
            index=core.index,
            state="quiet" if quiet else core.state,
            tid=core.tid,
            attempt=core.attempt,
            since=core.since or None,
            beat_age=beat_age,
            note=pool.why,
        )


def _with_missing(pool: WriterFile) -> list[CoreInfo]:
    state = pool.state if pool.state != "running" else "idle"
    taken = {core.index for core in pool.cores}
    free = (index for index in itertools.count() if index not in taken)
    missing = max(0, pool.cores_wanted - len(pool.cores))
    return [*pool.cores, *(CoreInfo(index, state) for index in itertools.islice(free, missing))]


def pending_core(launch: Launch, status: Status, output: str) -> Core:
    """Return a launch that is no pool yet; `output` is the end of what it printed."""
    return Core(
        backend=launch.backend,
        host="",
        job=launch.job or launch.name,
        writer="",
        index=0,
        state=_word(status),
        since=launch.at,
        note=output if status.state == State.FAILED else status.reason,
    )


def why_waiting(pools: tuple[WriterFile, ...], pending: tuple[tuple[Launch, Status], ...]) -> str:
    """Return why launched cores do not run trials, "" when there is no such reason."""
    for pool in pools:
        if pool.state not in ("running", "starting", "paused"):
            return f"the pool on {pool.identity.host} is {pool.state}"
    for launch, status in pending:
        if not status.state.final:
            reason = f" ({status.reason})" if status.reason else ""
            return f"{launch.cores} cores on {launch.backend} are {_word(status)}{reason}"
    return ""


def why_failed(launch: Launch, status: Status, output: str) -> str:
    """Return why a launch could not start, by the end of what it printed."""
    lines = output.splitlines() or [status.reason]
    return f"the {launch.backend} launch {launch.name} could not start: {lines[-1]}"


def _word(status: Status) -> str:
    return "starting" if status.state == State.RUNNING else status.state.value
