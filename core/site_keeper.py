"""Keeps one site in step: exchanges copies, hands out trials, takes back what is left.

Trials are declared lost by processes of their own site only. A site without any process gives back
what it has not finished, and its trials are replaced by new ones.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import State
from trialdeck.backends.process import ProcessId
from trialdeck.core import site_needs
from trialdeck.core.asking import handle_of
from trialdeck.core.budget import open_at
from trialdeck.core.errors import HistoryError
from trialdeck.core.grants import Granter, take_back
from trialdeck.core.history import commands
from trialdeck.core.replica import Replica
from trialdeck.core.site_launch import ahead_of, site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trialdeck.backends import base
    from trialdeck.backends.base import Backend
    from trialdeck.core.budget import Budget
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.history.writers import Liveness, WriterFile
    from trialdeck.core.launches import Launch, Launches

ASK_SECONDS = 5.0  # between two questions whether pools and jobs there live
RESTARTED = "was restarted"  # in what a backend says of a job that its machine's restart has ended


@dataclass(frozen=True, slots=True)
class Home:
    """What keepers of one search's sites share. The callables may be called by any thread."""

    paths: HistoryPaths
    liveness: Liveness
    launches: Launches
    granter: Granter
    snapshot: Callable[[], Snapshot]  # as things are now
    recent: Callable[[], Snapshot]  # or as they were a moment ago
    budget: Callable[[Snapshot], Budget]
    again: Callable[[Launch], Launch | None]


class SiteKeeper:
    """Looks after the site whose files are `files`, at a backend with these `settings`.

    For one thread. `step` raises LaunchError when the way is cut, and HistoryError.
    """

    def __init__(
        self, home: Home, place: Backend, files: base.Site, settings: Mapping[str, Any]
    ) -> None:
        self.home = home
        self.place = place
        self.name = files.name
        self.files = files
        self.ahead = ahead_of(files.name, settings)
        self.replica = Replica(home.paths, files, site_of(files.name, settings))
        self._asked = -ASK_SECONDS
        self._coming: list[Launch] = []

    def step(self) -> None:
        """Bring both copies, and what the site has to do, up to date."""
        # Who has ended is asked first: all that they wrote is then fetched.
        ended = self._ask()
        self.replica.exchange()
        for writer in ended:
            self.home.liveness.is_dead(writer)
        self._withdraw_commands()
        snapshot = self.home.snapshot()
        if self._balance(snapshot):
            self.replica.send()

    @property
    def busy(self) -> bool:
        """Whether something lives there, or is about to."""
        return bool(self._coming or self._pools())

    def _pools(self) -> list[WriterFile]:
        return [pool for pool in self._all_pools() if pool.site == self.name]

    def _all_pools(self) -> list[WriterFile]:
        liveness = self.home.liveness
        files = liveness.writers.values()
        return [f for f in files if f.kind == "pool" and not liveness.gone(f.id)]

    # -- who lives --------------------------------------------------------------------------

    def _ask(self) -> list[str]:
        """Return the writers of the site whose processes have ended."""
        now = time.monotonic()
        if now - self._asked < ASK_SECONDS:
            return []
        self._asked = now
        self._ask_launches()
        liveness = self.home.liveness
        known = [f for f in self.replica.writers.values() if not liveness.gone(f.id)]
        alive = self.files.alive([_process(file) for file in known]) if known else []
        return [f.id for f, lives in zip(known, alive, strict=True) if lives is False]

    def _ask_launches(self) -> None:
        """Find out which launches to this site have yet to become pools."""
        began = {file.name for file in self.home.liveness.writers.values()}
        launches = [one for one in self.home.launches.recent() if one.site == self.name]
        waiting = [one for one in launches if one.name not in began]
        said = self.place.poll([handle_of(one) for one in waiting]) if waiting else {}
        states = {one.name: said[handle_of(one)] for one in waiting}
        self._coming = [one for one in waiting if not states[one.name].state.final]
        for one in launches:
            if one.name not in states or states[one.name].state is State.VANISHED:
                again = self._restart(one)
                self._coming += [again] if again is not None else []

    def _restart(self, launch: Launch) -> Launch | None:
        """Start a launch again that the restart of its machine has ended, and return it then."""
        files = [f for f in self.home.liveness.writers.values() if f.name == launch.name]
        if launch.stopped or any(not self._was_cut_off(file) for file in files):
            return None
        status = self.place.poll([handle_of(launch)])[handle_of(launch)]
        if status.state is State.VANISHED and RESTARTED in status.reason:
            return self.home.again(launch)
        return None

    def _was_cut_off(self, file: WriterFile) -> bool:
        """Whether a pool is gone that was neither done nor told to end."""
        info = self.home.snapshot().writers.get(file.id)
        if (info is not None and info.closed) or not self.home.liveness.gone(file.id):
            return False
        with suppress(HistoryError):
            return not commands.read(self.home.paths, file.id).stop
        return False

    def _withdraw_commands(self) -> None:
        for writer, file in self.replica.writers.items():
            if file.state == "ended" or self.home.liveness.gone(writer):
                commands.withdraw(self.home.paths, writer)

    # -- what it has to do ------------------------------------------------------------------

    def _balance(self, snapshot: Snapshot) -> bool:
        """Hand out trials or take them back; return whether there is anything to tell the site."""
        cores = self._cores()
        if not cores and self._holds(snapshot):
            self._ask_launches()  # perhaps one has to begin again
            cores = self._cores()
        if not cores:
            return self._take_all_back(snapshot, started=not self._pools())
        budget = self.home.budget(snapshot)
        pools = self._all_pools()
        surplus = site_needs.surplus(snapshot, budget, self.name, pools)
        if surplus:
            why = "other cores had nothing to do"
            return self._take_back(dict.fromkeys(surplus, 0), why)
        if commands.paused(self.home.paths) is not None:
            return False
        count = site_needs.wanted(snapshot, budget, self.name, cores, self.ahead)
        count = site_needs.fair(snapshot, budget, self.name, pools, count)
        return bool(count and self.home.granter.grant(snapshot, budget, self.name, count))

    def _cores(self) -> int:
        """Return how many cores there take up new trials, or soon will."""
        began = {file.name for file in self.replica.writers.values()}
        coming = sum(launch.cores for launch in self._coming if launch.name not in began)
        return coming + sum(pool.cores_wanted for pool in self._pools() if self._works(pool))

    def _holds(self, snapshot: Snapshot) -> bool:
        open_, begun = open_at(snapshot, self.name), site_needs.unfinished_at
        return bool(open_ or begun(snapshot, self.name))

    def _works(self, pool: WriterFile) -> bool:
        """Whether a pool takes up new trials, or will when its search goes on."""
        if pool.state == "ended" or pool.state.startswith("stopping"):
            return False
        return not commands.read(self.home.paths, pool.id).stop

    def _take_all_back(self, snapshot: Snapshot, *, started: bool) -> bool:
        attempts = dict.fromkeys(open_at(snapshot, self.name), 0)
        if started:
            attempts |= site_needs.unfinished_at(snapshot, self.name)
        return self._take_back(attempts, f"no core was left on {self.name}")

    def _take_back(self, attempts: Mapping[int, int], why: str) -> bool:
        if not attempts:
            return False
        folder, liveness = self.replica.folder, self.home.liveness
        taken = take_back(self.files, folder, attempts, liveness.gone)
        self.home.granter.void(taken, self.name, why)
        return bool(taken)


def _process(file: WriterFile) -> ProcessId:
    """Return a writer's process as backends name it."""
    who = file.identity
    return ProcessId(who.host, who.boot, f"pid:[{who.namespace}]", who.pid, who.started)
