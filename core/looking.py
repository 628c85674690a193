"""What somebody who looks at a search again and again is shown."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.launches import Launch
    from trialdeck.core.roster import Core
    from trialdeck.core.status import Status

AGE_SECONDS = 5.0  # for so long numbers are good enough that change because time passes


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A search at one moment: its history, where it stands, every core, the living pools.

    `launches` are those of several jobs that are not over.

    Compare by identity: it is a new object when the snapshot, the state or its reason, a count, a
    pool, a launch or what a core does has changed. What changes only because time passes
    (`beat_age` of a core, `trials_per_hour` and `eta_seconds`, the `beat` of a pool) makes a new
    one after five seconds at the earliest, and so a search without cores stays the same object for
    ever.
    """

    snapshot: Snapshot
    status: Status
    cores: tuple[Core, ...]
    pools: tuple[WriterFile, ...]
    launches: tuple[Launch, ...] = ()

    def differs(self, other: Look) -> bool:
        """Whether more has changed than time."""
        return self.snapshot is not other.snapshot or self._lasting() != other._lasting()

    def aged(self, other: Look) -> bool:
        """Whether there is any difference between two that do not differ."""
        return self._all() != other._all()

    def _all(self) -> tuple[object, ...]:
        return self.status, self.cores, self.pools

    def _lasting(self) -> tuple[object, ...]:
        return (
            replace(self.status, trials_per_hour=None, eta_seconds=None),
            [replace(core, beat_age=None) for core in self.cores],
            [replace(pool, beat=0) for pool in self.pools],
            self.launches,
        )


class Looks:
    """Keeps the last look for as long as it says the same as the newest."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: tuple[Look, float] | None = None

    def newest(self, look: Look) -> Look:
        """Return `look`, or the one before if nothing has changed."""
        now = self._clock()
        if self._last is not None:
            last, since = self._last
            old = now - since >= AGE_SECONDS
            if not look.differs(last) and not (old and look.aged(last)):
                return last
        self._last = look, now
        return look
