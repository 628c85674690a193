"""Every core there is: those of living pools, and what was launched and is no pool yet."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from trialdeck.core.history.writers import CoreInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialdeck.backends.base import Status
    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.launches import Launch


class Core(msgspec.Struct, frozen=True, kw_only=True):
    """One core as people see it; or `count` of them, that have yet to become cores of a pool."""

    backend: str
    host: str
    job: str
    writer: str
    index: int
    state: str  # training, idle, starting, queued, stuck, reserve, failed, …
    tid: int | None = None
    attempt: int = 0
    since: float | None = None  # seconds since 1970
    beat_age: float | None = None  # seconds since the pool's last sign of life
    note: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Roster:
    """The cores at one moment, and why launched ones do not run trials.

    `launches` are those of several jobs that are not over, `pending` those of any kind that are not
    all pools yet, newest first. `waiting` says why launched cores do not run trials, `failed` why
    the newest launch could not start or was given up, `stuck` what cannot start before somebody
    changes something, and `silent` which backend cannot be asked at present, and why; "" without a
    reason.
    """

    pools: tuple[WriterFile, ...] = ()
    cores: tuple[Core, ...] = ()
    launches: tuple[Launch, ...] = ()
    pending: tuple[tuple[Launch, Status], ...] = ()
    waiting: str = ""
    failed: str = ""
    stuck: str = ""
    silent: str = ""

    @property
    def cores_wanted(self) -> int:
        """How many cores the living pools are to have."""
        return sum(pool.cores_wanted for pool in self.pools)


def job_order(job: str) -> tuple[int, str]:
    """Return what sorts jobs as people count: "12_9" stands before "12_10"."""
    return len(job), job


def pool_cores(pool: WriterFile, beat_age: float | None, *, quiet: bool) -> Iterator[Core]:
    """Yield the cores of a living pool, those too that it has yet to start."""
    for core in sorted(_with_missing(pool), key=lambda core: core.index):
        yield Core(
            backend=pool.backend or ("script" if pool.kind == "script" else "by hand"),
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
