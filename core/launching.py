"""Starting pools through backends, and the view of all cores there are.

A launch is written down (``launches/<name>.json``) before the backend is asked, so that a reply
that is lost starts nothing twice. What a pool does is told by its files; the backend is asked only
about launches that have no living pool.
"""

from __future__ import annotations

import math
import os
import secrets
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck import backends
from trialdeck.backends.base import CORES, Handle, JobSpec, State, Status
from trialdeck.core.errors import LaunchError
from trialdeck.core.history.writers import Life
from trialdeck.core.launches import Launch, Launches
from trialdeck.core.roster import (
    Core,
    Roster,
    pending_core,
    pool_cores,
    why_failed,
    why_waiting,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from trialdeck.backends.base import Backend
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.writers import Liveness, WriterFile

__all__ = ["Core", "Launch", "Launcher", "Roster"]

TAIL = 2000  # characters of a pool's own output that are shown when it could not start
_NO_NEWS = Status(State.UNKNOWN)
_Answer = tuple[float, Status]  # when a backend gave it, in seconds of a clock of our own


class Launcher:
    """Launches pools of one search, and says which there are. For several threads at once."""

    def __init__(
        self,
        paths: HistoryPaths,
        liveness: Liveness,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Take the tables [backends.*] of the parameter file as `settings`."""
        self.settings = settings or {}
        self.paths = paths
        self.liveness = liveness
        self.folder = paths.root / "launches"
        self._files = Launches(self.folder)
        self._answers: dict[str, _Answer] = {}  # of backends, by the names of launches

    # -- starting ---------------------------------------------------------------------------

    def launch(self, backend: str, cores: int, trials: int | None = None) -> Launch:
        """Start a pool, of `trials` trials at most. Raises LaunchError when it was refused."""
        spec = self._spec(backend, cores, trials)
        place = self._backend(backend)
        self.paths.create()
        launch = Launch(name=spec.name, backend=backend, cores=cores, at=time.time())
        self._files.write(launch)
        try:
            handle = place.submit(spec)
        except LaunchError:
            self._files.forget(launch)
            raise
        launch = msgspec.structs.replace(launch, job=handle.job)
        self._files.write(launch)
        return launch

    def preview(self, backend: str, cores: int, trials: int | None = None) -> str:
        """Return exactly what `launch` would run."""
        return self._backend(backend).preview(self._spec(backend, cores, trials))

    def warnings(self, backend: str, cores: int) -> list[str]:
        """Return what the user should know before such a launch."""
        return self._backend(backend).warnings(self._spec(backend, cores))

    def _spec(self, backend: str, cores: int, trials: int | None = None) -> JobSpec:
        if cores < 1:
            raise LaunchError(f"{cores} cores: a launch needs at least one")
        name = f"{time.strftime('%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        module = ("-P", "-m", "trialdeck.core")
        words = ["--cores", CORES, "--backend", backend, "--name", name]
        words += ["--trials", str(trials)] if trials is not None else []
        return JobSpec(
            name=name,
            argv=(sys.executable, *module, str(self.paths.root), *words),
            folder=self.paths.project,
            log=self._log(name),
            cores=cores,
        )

    def _backend(self, name: str) -> Backend:
        settings = dict(self.settings.get(name, {}))
        settings.pop("cores", None)  # how many to start, which the caller has settled
        return backends.create(name, settings, self.folder)

    # -- looking ----------------------------------------------------------------------------

    def pools(self) -> list[WriterFile]:
        """Return the pools that live, as far as can be told."""
        files = self.liveness.writers.values()
        return [f for f in files if f.kind == "pool" and not self.liveness.gone(f.id)]

    def roster(self, patience: float = 0.0) -> Roster:
        """Return every core there is; of backends, answers `patience` seconds old will do."""
        pools, pending = tuple(self.pools()), tuple(self.pending(patience))
        told = [
            (launch, status, self.failure(launch) if status.state == State.FAILED else "")
            for launch, status in pending
        ]
        cores = [core for pool in pools for core in self._cores_of(pool)]
        return Roster(
            pools=pools,
            cores=(*cores, *(pending_core(*one) for one in told)),
            pending=pending,
            waiting=why_waiting(pools, pending),
            failed=next((why_failed(*one) for one in told if one[1].state.final), ""),
        )

    def cores(self) -> list[Core]:
        """Return every core of every living pool, and what was launched and is no pool yet."""
        return list(self.roster().cores)

    def _cores_of(self, pool: WriterFile) -> Iterator[Core]:
        quiet = self.liveness.life(pool.id) == Life.QUIET
        return pool_cores(pool, self._beat_age(pool.id), quiet=quiet)

    def _beat_age(self, writer: str) -> float | None:
        with suppress(OSError):
            changed = (self.paths.writers / f"{writer}.json").stat().st_mtime
            return max(0.0, time.time() - changed)
        return None

    def pending(self, patience: float = 0.0) -> list[tuple[Launch, Status]]:
        """Return the launches that are no pool yet, newest first.

        One that failed before it became a pool counts only while it is the newest of all. An
        answer of a backend that is `patience` seconds old will do, and one that is final for ever.
        """
        launches = self.launches()
        started = {file.name for file in self.liveness.writers.values()}
        unknown = [launch for launch in launches if launch.name not in started]
        said = self._ask(unknown, patience)
        found = [(launch, said[launch.name]) for launch in unknown]
        return [
            (launch, status)
            for launch, status in found
            if not status.state.final
            # A pool that found nothing to do ends without a word; that is no failure.
            or (launch is launches[0] and status.state == State.FAILED)
        ]

    def _ask(self, launches: Sequence[Launch], patience: float) -> dict[str, Status]:
        """Return what backends say of launches; each is asked once about all its own."""
        now = time.monotonic()
        said = {}
        to_ask: dict[str, list[Launch]] = {}
        for launch in launches:
            at, status = self._answers.get(launch.name, (-math.inf, _NO_NEWS))
            # While the job's own name is not noted, the backend may be about to start it.
            if now - at < patience or (status.state.final and launch.job):
                said[launch.name] = status
            else:
                to_ask.setdefault(launch.backend, []).append(launch)
        for backend, asked in to_ask.items():
            answers = self._poll(backend, asked)
            self._answers.update((name, (now, status)) for name, status in answers.items())
            said.update(answers)
        return said

    def _poll(self, backend: str, launches: Sequence[Launch]) -> dict[str, Status]:
        handles = {launch.name: Handle(backend, launch.job or launch.name) for launch in launches}
        try:
            status = self._backend(backend).poll(list(handles.values()))
        except LaunchError as error:
            return dict.fromkeys(handles, Status(State.UNKNOWN, str(error)))
        return {name: status[handle] for name, handle in handles.items()}

    def failure(self, launch: Launch) -> str:
        """Return the end of what a pool printed that could not start."""
        with suppress(OSError), self._log(launch.name).open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 4 * TAIL))
            return file.read().decode(errors="replace").strip()[-TAIL:]
        return ""

    def launches(self) -> list[Launch]:
        """Return the launches of the last day that may still matter, newest first."""
        return self._files.recent()

    # -- ending -----------------------------------------------------------------------------

    def cancel_pending(self) -> int:
        """Cancel the launches that are no pool yet; return how many."""
        waiting = [launch for launch, status in self.pending() if not status.state.final]
        for launch in waiting:
            self._cancel(launch)
        return len(waiting)

    def cancel(self, backend: str, job: str) -> bool:
        """Cancel the launch that a backend calls `job`, unless it has become a pool; say whether.

        Raises LaunchError when the backend cannot be asked.
        """
        for launch, status in self.pending():
            if (launch.backend, launch.job or launch.name) == (backend, job):
                if status.state.final:
                    return False
                self._cancel(launch)
                return True
        return False

    def _cancel(self, launch: Launch) -> None:
        handle = Handle(launch.backend, launch.job or launch.name)
        self._backend(launch.backend).cancel([handle])
        self._files.write(msgspec.structs.replace(launch, over=True))

    def _log(self, name: str) -> Path:
        return self.paths.logs / f"pool-{name}.log"
