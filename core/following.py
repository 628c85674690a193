"""The pools that a command has started, or found at work: whether they run, and ending them.

A launch becomes a pool after a moment, or never: then its backend knows why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.backends.base import State
from trialdeck.core.history import commands
from trialdeck.core.history.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Collection

    from trialdeck.core.history.commands import Pause
    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.launching import Launch
    from trialdeck.core.search import Search


def pools_here(search: Search) -> list[WriterFile]:
    """Return the living pools on this machine."""
    search.snapshot()
    here = Identity.current()
    return [
        pool
        for pool in search.launcher.pools()
        if pool.identity.same_machine(here) and not pool.state.startswith(("stopping", "ended"))
    ]


class Following:
    """Follows one launch and some pools that live already; what it says is as of the last snapshot.

    `failure` is the end of what the launch printed if it could not become a pool, else "".
    """

    def __init__(
        self, search: Search, launch: Launch | None = None, writers: Collection[str] = ()
    ) -> None:
        self.search = search
        self.launch = launch
        self.writers = frozenset(writers)
        self.failure = ""
        self._stopping = 0  # 1 after the running trials, 2 now
        self._told: dict[str, int] = {}

    @property
    def paused(self) -> Pause | None:
        """Why the search starts no trials, None when it does."""
        return commands.read(self.search.paths, "").paused

    @property
    def pools(self) -> list[WriterFile]:
        """The followed pools that live."""
        return [pool for pool in self.search.launcher.pools() if self._follows(pool)]

    def stop(self, *, now: bool = False) -> None:
        """Have the followed pools end, also the one that the launch has yet to become."""
        self._stopping = max(self._stopping, 2 if now else 1)
        self.pass_on()

    def pass_on(self) -> None:
        """Tell pools that have appeared meanwhile that they are to end."""
        for pool in self.pools:
            if self._told.get(pool.id, 0) < self._stopping:
                commands.stop(self.search.paths, pool.id, now=self._stopping > 1)
                self._told[pool.id] = self._stopping

    @property
    def broke(self) -> bool:
        """Whether a followed pool has ended without its last line."""
        known = self.search.snapshot().writers
        files = self.search.liveness.writers.values()
        ended = [file.id for file in files if self._follows(file) and file not in self.pools]
        return any(writer not in known or not known[writer].closed for writer in ended)

    @property
    def output(self) -> str:
        """The end of what the launched pool printed."""
        return self.search.launcher.failure(self.launch) if self.launch is not None else ""

    def over(self) -> bool:
        """Whether all have ended, and nothing is to come."""
        return not self.pools and not self._still_to_come()

    def _follows(self, pool: WriterFile) -> bool:
        started = self.launch is not None and pool.name == self.launch.name
        return started or pool.id in self.writers

    def _still_to_come(self) -> bool:
        if self.launch is None:
            return False
        if any(file.name == self.launch.name for file in self.search.liveness.writers.values()):
            return False
        for launch, status in self.search.launcher.pending():
            if launch.name == self.launch.name:
                if status.state == State.FAILED:
                    self.failure = self.search.launcher.failure(launch) or status.reason
                return not status.state.final
        return False
