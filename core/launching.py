"""Starting pools through backends, and the view of all cores there are.

A launch is written down (``launches/<name>.json``) before the backend is asked, so that a reply
that is lost starts nothing twice. What a pool does is told by its files; the backend is asked only
about launches that have no living pool.
"""

from __future__ import annotations

import itertools
import secrets
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck import backends
from trialdeck.backends.base import Handle, JobSpec, State, Status
from trialdeck.core.errors import HistoryError, LaunchError
from trialdeck.core.history import disk
from trialdeck.core.history.writers import CoreInfo, Life

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from trialdeck.backends.base import Backend
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.writers import Liveness, WriterFile

TAIL = 2000  # characters of a pool's own output that are shown when it could not start
FORGET_SECONDS = 86_400.0  # launches that ended longer ago are of no interest any more


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """A pool that a backend was asked to start. `at` is in seconds since 1970."""

    name: str
    backend: str
    cores: int
    at: float
    job: str = ""
    over: bool = False  # it has ended or was cancelled; the backend need not be asked again


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


class Launcher:
    """Launches pools of one search, and says which there are."""

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

    # -- starting ---------------------------------------------------------------------------

    def launch(self, backend: str, cores: int, trials: int | None = None) -> Launch:
        """Start a pool, of `trials` trials at most. Raises LaunchError when it was refused."""
        spec = self._spec(backend, cores, trials)
        place = self._backend(backend)
        self.paths.create()
        launch = Launch(name=spec.name, backend=backend, cores=cores, at=time.time())
        self._write(launch)
        try:
            handle = place.submit(spec)
        except LaunchError:
            self._path(launch).unlink(missing_ok=True)
            raise
        launch = msgspec.structs.replace(launch, job=handle.job)
        self._write(launch)
        return launch

    def preview(self, backend: str, cores: int) -> str:
        """Return exactly what `launch` would run."""
        return self._backend(backend).preview(self._spec(backend, cores))

    def warnings(self, backend: str, cores: int) -> list[str]:
        """Return what the user should know before such a launch."""
        return self._backend(backend).warnings(self._spec(backend, cores))

    def _spec(self, backend: str, cores: int, trials: int | None = None) -> JobSpec:
        if cores < 1:
            raise LaunchError(f"{cores} cores: a launch needs at least one")
        name = f"{time.strftime('%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        module = ("-P", "-m", "trialdeck.core")
        words = ["--cores", str(cores), "--backend", backend, "--name", name]
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

    def cores(self) -> list[Core]:
        """Return every core of every living pool, and what was launched and is no pool yet."""
        cores = [core for pool in self.pools() for core in self._cores_of(pool)]
        return cores + [self._pending(launch, status) for launch, status in self.pending()]

    def _cores_of(self, pool: WriterFile) -> Iterator[Core]:
        quiet = self.liveness.life(pool.id) == Life.QUIET
        started = list(pool.cores)
        state = pool.state if pool.state != "running" else "idle"
        taken = {core.index for core in started}
        free = (index for index in itertools.count() if index not in taken)
        missing = max(0, pool.cores_wanted - len(started))
        started += [CoreInfo(index, state) for index in itertools.islice(free, missing)]
        for core in sorted(started, key=lambda core: core.index):
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
                beat_age=self._beat_age(pool.id),
                note=pool.why,
            )

    def _beat_age(self, writer: str) -> float | None:
        with suppress(OSError):
            changed = (self.paths.writers / f"{writer}.json").stat().st_mtime
            return max(0.0, time.time() - changed)
        return None

    def pending(self) -> list[tuple[Launch, Status]]:
        """Return the launches that are no pool yet, newest first.

        One that failed before it became a pool counts only while it is the newest of all.
        """
        started = {file.name for file in self.liveness.writers.values()}
        launches = self.launches()
        found = []
        for launch in launches:
            status = None if launch.name in started else self._ask(launch)
            if status is not None and (launch is launches[0] or not status.state.final):
                found.append((launch, status))
        return found

    def _ask(self, launch: Launch) -> Status | None:
        """Ask the backend; None when there is nothing to say of this launch."""
        try:
            place = self._backend(launch.backend)
            handle = Handle(launch.backend, launch.job or launch.name)
            status = place.poll([handle])[handle]
        except LaunchError as error:
            return Status(State.UNKNOWN, str(error))
        # A pool that found nothing to do ends without a word; that is no failure.
        return None if status.state in (State.ENDED, State.VANISHED) else status

    def _pending(self, launch: Launch, status: Status) -> Core:
        failed = status.state == State.FAILED
        return Core(
            backend=launch.backend,
            host="",
            job=launch.job or launch.name,
            writer="",
            index=0,
            state="starting" if status.state == State.RUNNING else status.state.value,
            since=launch.at,
            note=self.failure(launch) if failed else status.reason,
        )

    def failure(self, launch: Launch) -> str:
        """Return the end of what a pool printed that could not start."""
        with suppress(OSError):
            return self._log(launch.name).read_text(errors="replace").strip()[-TAIL:]
        return ""

    def why_waiting(self) -> str:
        """Return why launched cores do not run trials, "" when there is no such reason."""
        for pool in self.pools():
            if pool.state not in ("running", "starting", "paused"):
                return f"the pool on {pool.identity.host} is {pool.state}"
        for launch, status in self.pending():
            if status.state.final:
                continue
            reason = f" ({status.reason})" if status.reason else ""
            state = "starting" if status.state == State.RUNNING else status.state.value
            return f"{launch.cores} cores on {launch.backend} are {state}{reason}"
        return ""

    def why_failed(self) -> str:
        """Return why the newest launch could not start, "" when it could."""
        for launch, status in self.pending():
            if status.state.final:
                lines = self.failure(launch).splitlines() or [status.reason]
                return f"the {launch.backend} launch {launch.name} could not start: {lines[-1]}"
        return ""

    def launches(self) -> list[Launch]:
        """Return the launches of the last day that may still matter, newest first."""
        found = []
        for path in self.folder.glob("*.json"):
            with suppress(OSError, msgspec.DecodeError, msgspec.ValidationError):
                launch = msgspec.json.decode(path.read_bytes(), type=Launch)
                if not launch.over and time.time() - launch.at < FORGET_SECONDS:
                    found.append(launch)
        return sorted(found, key=lambda launch: -launch.at)

    # -- ending -----------------------------------------------------------------------------

    def cancel_pending(self) -> int:
        """Cancel the launches that are no pool yet; return how many."""
        waiting = [launch for launch, status in self.pending() if not status.state.final]
        for launch in waiting:
            handle = Handle(launch.backend, launch.job or launch.name)
            self._backend(launch.backend).cancel([handle])
            self._write(msgspec.structs.replace(launch, over=True))
        return len(waiting)

    def _path(self, launch: Launch) -> Path:
        return self.folder / f"{launch.name}.json"

    def _log(self, name: str) -> Path:
        return self.paths.logs / f"pool-{name}.log"

    def _write(self, launch: Launch) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            disk.replace(self._path(launch), msgspec.json.encode(launch))
        except OSError as error:
            raise HistoryError(f"the launch cannot be noted: {disk.explain(error)}") from error
