"""Starting pools through backends, and the view of all cores there are.

A launch is written down (``launches/<name>.json``) before the backend is asked, so that a reply
that is lost starts nothing twice. What a pool does is told by its files; the backend is asked only
about launches that have no living pool, or that are several jobs.
"""

from __future__ import annotations

import math
import secrets
import time
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck import backends
from trialdeck.backends.base import CORES, Handle, JobSpec, NoAnswer
from trialdeck.core.errors import LaunchError, ObjectiveError
from trialdeck.core.history import commands
from trialdeck.core.history.writers import Life
from trialdeck.core.launch_settings import settings_of
from trialdeck.core.launches import Launch, Launches
from trialdeck.core.logs import POOL
from trialdeck.core.objective_files import ObjectiveFiles
from trialdeck.core.params import revisions
from trialdeck.core.recalling import Recalling
from trialdeck.core.roster import Core, Roster, pool_cores
from trialdeck.core.site_launch import findings, make_ready, what_it_needs
from trialdeck.core.sites import folder_there
from trialdeck.core.standing import Standing, rows_of, why_failed, why_stuck, why_waiting
from trialdeck.core.standings import Standings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trialdeck.backends.base import Backend, Choice, Finding, Jobs, Status
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.writers import Liveness, WriterFile

    Options = Mapping[str, str]

__all__ = ["Core", "Launch", "Launcher", "Roster"]

BY_HAND = "sbatch"  # begins the names of pools whose jobs were submitted by hand


class Launcher:
    """Launches pools of one search, and says which there are. For several threads at once.

    Where `options` are taken they stand for values of the table [backends.<name>], as text, which
    this launch is to have otherwise; a wrong one is a LaunchError that names the key and the cure.
    """

    def __init__(
        self,
        paths: HistoryPaths,
        liveness: Liveness,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Take the tables [backends.*] of the parameter file as `settings`."""
        self._settings = settings or {}
        self.paths = paths
        self.liveness = liveness
        self.files = self._files = Launches(paths.launches)
        self._standings = Standings(paths, liveness, self._files, self._poll)
        self._places: dict[str, Backend] = {}
        self._recalling = Recalling(self._files, self._place_of)

    @property
    def settings(self) -> Mapping[str, Mapping[str, Any]]:
        """The tables [backends.*] of the parameter file."""
        return self._settings

    @settings.setter
    def settings(self, settings: Mapping[str, Mapping[str, Any]]) -> None:
        if settings != self._settings:
            self._settings, self._places = settings, {}

    # -- starting ---------------------------------------------------------------------------

    def launch(
        self, backend: str, cores: int, trials: int | None = None, options: Options | None = None
    ) -> Launch:
        """Start a pool or several, of `trials` trials at most.

        Raises LaunchError when it was refused.
        """
        place, spec = self._plan(backend, cores, trials, options)
        self.paths.create()
        launch = Launch(
            name=spec.name,
            backend=backend,
            cores=cores,
            at=time.time(),
            many=place.many,
            cores_per_job=math.ceil(cores / place.jobs(spec).at_once) if place.many else 0,
            site=self._site(place, spec),
            trials=trials,
        )
        return self._start(place, spec, launch)

    def again(self, launch: Launch) -> Launch | None:
        """Start a launch once more whose machine was restarted; None when that has been done.

        Raises LaunchError.
        """
        name = f"{launch.name.partition('.')[0]}.{launch.restarts + 1}"
        if self._files.read(name) is not None:
            return None
        options = {"host": launch.site}
        place, spec = self._plan(launch.backend, launch.cores, launch.trials, options, name=name)
        changed = msgspec.structs.replace(
            launch, name=name, at=time.time(), job="", restarts=launch.restarts + 1
        )
        return self._start(place, spec, changed)

    def _start(self, place: Backend, spec: JobSpec, launch: Launch) -> Launch:
        self._files.write(launch)
        try:
            if launch.site:
                files = place.site(launch.site, self.paths.project)
                make_ready(self.paths, files, self.settings.get(launch.backend, {}), launch.cores)
            handle = place.submit(spec)
        except NoAnswer:  # it may run all the same: what is written helps to find it
            raise
        except LaunchError:
            self._files.forget(launch)
            raise
        launch = msgspec.structs.replace(launch, job=handle.job)
        self._files.write(launch)
        return launch

    def preview(
        self, backend: str, cores: int, trials: int | None = None, options: Options | None = None
    ) -> str:
        """Return exactly what `launch` would run."""
        place, spec = self._plan(backend, cores, trials, options)
        return place.preview(spec)

    def warnings(
        self, backend: str, cores: int, trials: int | None = None, options: Options | None = None
    ) -> list[str]:
        """Return what the user should know before such a launch."""
        place, spec = self._plan(backend, cores, trials, options)
        return place.warnings(spec)

    def refusal(
        self, backend: str, cores: int, trials: int | None = None, options: Options | None = None
    ) -> str:
        """Return why the launch would be refused, or would never start, and the cure; or "".

        Raises LaunchError when the place cannot be asked.
        """
        place, spec = self._plan(backend, cores, trials, options)
        return place.refusal(spec)

    def choices(self, backend: str, options: Options | None = None) -> list[Choice]:
        """Return which settings a launch may have otherwise. Raises LaunchError."""
        return self._backend(backend, options).choices()

    def script(self, backend: str, cores: int, options: Options | None = None) -> str:
        """Return a script that starts such pools whenever it is submitted by hand."""
        place, spec = self._plan(backend, cores, None, options, name=BY_HAND)
        return place.script(spec)

    def span(
        self, backend: str, cores: int, options: Options | None = None
    ) -> tuple[Jobs, float | None]:
        """Return how many jobs a launch becomes, and how many seconds each has, if that is known.

        Raises LaunchError.
        """
        place, spec = self._plan(backend, cores, None, options)
        return place.jobs(spec), place.seconds_per_job()

    def preflight(self, backend: str, site: str) -> list[Finding]:
        """Return what a machine has of all that this search needs. Raises LaunchError."""
        settings = self.settings.get(backend, {})
        place, spec = self._plan(backend, 1, None, {"host": site})
        table = settings.get("hosts", {}).get(site, {})
        return [*place.preflight(site, spec), *findings(self.paths, site, table)]

    def place(self, backend: str) -> Backend:
        """Return a backend as the parameter file has it. Raises LaunchError."""
        return self._place_of(backend)

    def _site(self, place: Backend, spec: JobSpec) -> str:
        return place.site_of(Handle(place.name, spec.name)) if place.far else ""

    def _needs(self, place: Backend, name: str) -> ObjectiveFiles:
        if not place.far:
            return ObjectiveFiles((), ())
        host = place.site_of(Handle(place.name, name))
        table = self.settings.get(place.name, {}).get("hosts", {}).get(host, {})
        try:
            return what_it_needs(self.paths, table.get("fixed"))
        except ObjectiveError as error:
            raise LaunchError(str(error)) from error

    def _plan(
        self,
        backend: str,
        cores: int,
        trials: int | None,
        options: Options | None,
        *,
        name: str = "",
    ) -> tuple[Backend, JobSpec]:
        if cores < 1:
            raise LaunchError(f"{cores} cores: a launch needs at least one")
        self._refuse_script()
        place = self._backend(backend, options)
        if trials is not None and place.many:
            raise LaunchError(
                f"{trials} trials at most: a launch on {backend} is several jobs, which cannot "
                f"share them out; set max_trials below [search] instead"
            )
        name = name or f"{time.strftime('%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        python = settings_of(backend, self.settings.get(backend, {}), options).python
        module = ("-P", "-m", "trialdeck.core")
        files, needs = self._needs(place, name)
        words = ["--cores", CORES, "--backend", backend, "--name", name]
        words += ["--trials", str(trials)] if trials is not None else []
        root = folder_there(self.paths) if place.far else self.paths.root
        return place, JobSpec(
            name=name,
            argv=(*python, *module, str(root), *words),
            folder=self.paths.project,
            log=root / "logs" / f"{POOL}{name}.log",
            cores=cores,
            files=files,
            needs=needs,
        )

    def _refuse_script(self) -> None:
        """Raise LaunchError when the search is one that cores cannot run."""
        number = revisions.newest_number(self.paths)
        script = revisions.load(self.paths, number).script if number else None
        if script is not None:
            raise LaunchError(
                f'"{self.paths.name}" is run by a script ({script.objective}): start it once more '
                f"for each process that is to take part"
            )

    def _backend(self, name: str, options: Options | None = None) -> Backend:
        settings = settings_of(name, self.settings.get(name, {}), options)
        return backends.create(name, settings.backend, self.paths.launches)

    def _place_of(self, name: str) -> Backend:
        """Return a backend as the parameter file has it: the same one again, which may remember."""
        place = self._places.get(name)
        if place is None:
            place = self._places[name] = self._backend(name)
        return place

    # -- looking ----------------------------------------------------------------------------

    def pools(self) -> list[WriterFile]:
        """Return the pools that live, as far as can be told."""
        return self._standings.pools()

    def roster(self, patience: float = 0.0) -> Roster:
        """Return every core there is.

        With `patience`, answers of backends that are so many seconds old will do, and this waits
        only for a moment: then the last ones count. Without, it waits until they have answered.
        """
        standings = self._standings.now(patience)
        silent = self._standings.silent
        pools, shown = tuple(self.pools()), self._shown(standings)
        newest = self._files.newest()
        failed = newest.why if newest is not None else ""
        return Roster(
            pools=pools,
            cores=(
                *(core for pool in pools for core in self._cores_of(pool)),
                *(core for one in shown for core in rows_of(one)),
            ),
            launches=tuple(one.launch for one in standings if one.goes_on),
            pending=tuple((one.launch, one.status) for one in shown),
            waiting=why_waiting(pools, shown),
            failed=failed or next((why_failed(one) for one in shown if one.failed), ""),
            stuck=why_stuck(shown),
            silent=silent,
        )

    def cores(self) -> list[Core]:
        """Return every core of every living pool, and what was launched and is no pool yet."""
        return list(self.roster().cores)

    def pending(self, patience: float = 0.0) -> list[tuple[Launch, Status]]:
        """Return the launches that are not all pools yet, newest first.

        One that failed before it became a pool counts only while it is the newest of all.
        """
        shown = self._shown(self._standings.now(patience))
        return [(one.launch, one.status) for one in shown]

    def _shown(self, standings: Sequence[Standing]) -> list[Standing]:
        newest = self._files.newest()
        return [
            one
            for one in standings
            if one.pending
            # A pool that found nothing to do ends without a word; that is no failure.
            or (one.failed and newest is not None and one.launch.name == newest.name)
        ]

    def _cores_of(self, pool: WriterFile) -> Iterator[Core]:
        quiet = self.liveness.life(pool.id) == Life.QUIET
        return pool_cores(pool, self._standings.beat_age(pool.id), quiet=quiet)

    def _poll(self, backend: str, handles: Sequence[Handle]) -> dict[Handle, Status]:
        return self._place_of(backend).poll(handles)

    def failure(self, launch: Launch) -> str:
        """Return the end of what a launch printed that could not start."""
        return self._standings.output(launch)

    def launches(self) -> list[Launch]:
        """Return the launches that may still matter, newest first."""
        return self._files.recent()

    # -- ending -----------------------------------------------------------------------------

    def cancel_pending(self) -> int:
        """Cancel what is no pool yet, also of launches that have pools.

        Returns how many launches were cancelled as a whole. Raises LaunchError when a backend
        cannot be asked.
        """
        return self._recalling.stop_all(self._standings.now())

    def cancel(self, backend: str, job: str) -> bool:
        """Cancel what has not begun of the launch that a backend calls `job`; or one of its jobs.

        One job, or a launch without pools, is ended also when it has begun and is no pool yet.
        Returns whether there was such a launch. Raises LaunchError when the backend cannot be
        asked.
        """
        return self._recalling.cancel(self._standings.now(), backend, job)

    def resize(self, writer: str, cores: int) -> None:
        """Tell a pool to run so many trials at once, or its launch, where that is several jobs.

        Raises LaunchError when a backend does not answer or refuses.
        """
        pool = self.liveness.writers.get(writer)
        if pool is not None and pool.kind == "script":
            raise LaunchError("a script runs one trial at a time: start it once more for another")
        launch = self._recalling.launch_of(pool) if pool is not None else None
        if launch is None:
            commands.resize(self.paths, writer, cores)
        else:
            self._recalling.resize(launch, cores)

    def without(self, writers: Sequence[str]) -> None:
        """Let no other job take the place of pools that were told to end. Raises LaunchError."""
        pools = [pool for pool in self.pools() if pool.id in writers]
        if any(self._recalling.launch_of(pool) is not None for pool in pools):
            self._recalling.without(pools, self._standings.now())

    def release_all(self) -> None:
        """Cancel what has not begun of every launch. Raises LaunchError."""
        found = [launch for launch in self._files.recent() if launch.many]
        by_hand = self._standings.by_hand({launch.name for launch in found})
        self._recalling.release([*found, *by_hand])

    def give_up(self, name: str, why: str) -> None:
        """Cancel what has not begun of the launch `name`, and note why. Raises LaunchError."""
        launch = self._files.read(name)
        if launch is not None:
            self._files.change(name, why=why, stopped=True)
            self._recalling.release([launch])

    def stopped(self, name: str) -> bool:
        """Whether a launch was told to end as a whole: what of it begins now is not wanted."""
        launch = self._files.read(name) if name else None
        return launch is not None and launch.stopped
