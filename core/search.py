"""One search: everything that the command line and the terminal UI ask for and command."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from trialdeck.core import confirming
from trialdeck.core.budgets import Budgets
from trialdeck.core.disk_use import DiskMeter
from trialdeck.core.errors import LaunchError, SearchError
from trialdeck.core.grants import Granter
from trialdeck.core.history import commands
from trialdeck.core.history.reader import History
from trialdeck.core.history.reports import curve_of
from trialdeck.core.history.writers import Liveness
from trialdeck.core.job_time import time_warnings
from trialdeck.core.kept_network import kept_network
from trialdeck.core.launching import Launcher
from trialdeck.core.links import Links, SiteRow
from trialdeck.core.looking import Look, Looks
from trialdeck.core.params import revisions
from trialdeck.core.retrying import retry
from trialdeck.core.site_keeper import Home
from trialdeck.core.status import Status, status_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import hyperopt

    from trialdeck.backends.base import Choice, Finding
    from trialdeck.core.budget import Budget
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.reports import Curve
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.kept_network import KeptNetwork
    from trialdeck.core.launching import Core, Launch, Options, Roster
    from trialdeck.core.params.model import Params
    from trialdeck.core.params.script import Script


__all__ = ["Look", "Search", "SiteRow"]

RECENT_SECONDS = 0.5
SYNC_SECONDS = 10.0
METER_SECONDS = 0.1  # for which a look may count what the history takes, once a minute
METER_FIRST = 10.0  # seconds before it does so for the first time
ASK_SECONDS = 2.0  # between two questions to a backend by somebody who looks again and again


class Search:
    """One search, by its folder ``history/<name>/``. For several threads at once."""

    def __init__(
        self, paths: HistoryPaths, backends: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        """Take the settings of places to run, which a revision leaves out, as `backends`."""
        self.paths = paths
        self.history = History(paths, digests=True)
        self.liveness = Liveness(paths)
        self.launcher = Launcher(paths, self.liveness, backends)
        self._last: Snapshot | None = None
        self._read_at = 0.0
        self._reading = threading.RLock()  # never held while a backend is asked
        self._looks = Looks()
        self._meter = DiskMeter(paths, METER_SECONDS, first=METER_FIRST)
        self._budgets = Budgets()
        self._links = Links(self._home(), lambda: self.launcher.settings, self.launcher.place)

    def _home(self) -> Home:
        return Home(
            paths=self.paths,
            liveness=self.liveness,
            launches=self.launcher.files,
            granter=Granter(self.paths),
            snapshot=self.snapshot,
            recent=self._recent,
            budget=self._budget,
            again=self.launcher.again,
        )

    # -- reading ----------------------------------------------------------------------------

    @property
    def revision(self) -> int:
        """The number of the newest published revision. Raises SearchError when there is none."""
        newest = revisions.newest_number(self.paths)
        if not newest:
            raise SearchError(
                f'the search "{self.paths.name}" has not been started yet: `trialdeck run` or '
                f"`trialdeck launch local` starts it"
            )
        return newest

    @property
    def params(self) -> Params:
        """The parameters of the newest revision. Raises SearchError when there is none."""
        params = revisions.load(self.paths, self.revision)
        if params.script is None or params.script.max_evals is not None:
            return params
        # A script without a limit: it has done what it has begun.
        return params.limited(max(1, self._recent().highest_tid + 1))

    @property
    def script(self) -> Script | None:
        """What runs the search where that is no core, None otherwise."""
        return self.params.script if revisions.newest_number(self.paths) else None

    def snapshot(self) -> Snapshot:
        """Read what is new in the history."""
        with self._reading:
            # Looked at before it is read: what a writer wrote before it died is then all there.
            first = self._last is None
            self._read_at = time.monotonic()
            self.liveness.observe(self._last)
            self._last = self.history.refresh(self.liveness.gone)
            if first:
                self.liveness.observe(self._last)  # now it is known whose journals have ended
            return self._last

    def _recent(self) -> Snapshot:
        """Return what was known a moment ago at the earliest."""
        with self._reading:
            if self._last is None or time.monotonic() - self._read_at > RECENT_SECONDS:
                return self.snapshot()
            return self._last

    def look(self) -> Look:
        """Return all that there is to show, worked out once.

        It is the same object as before if nothing has changed (see `Look`). Backends are asked
        about launches at most every two seconds, and this waits no longer than a moment for their
        answer: then the last one counts. Raises SearchError when nothing has been published.
        """
        snapshot, roster = self.snapshot(), self.launcher.roster(ASK_SECONDS)
        status = replace(self._status(snapshot, roster), disk=self._meter.use())
        look = Look(snapshot, status, roster.cores, roster.pools, roster.launches)
        return self._looks.newest(look)

    def curve(self, tid: int, attempt: int | None = None) -> Curve:
        """Return the learning curve of a trial's attempt, the one that counts by default.

        Reads the reports of its writer, so it may take a while. Raises SearchError when there is
        no such trial.
        """
        trial = self.snapshot().trials.get(tid)
        if trial is None:
            raise SearchError(f"there is no trial {tid}")
        return curve_of(self.paths, trial, attempt)

    def network(self, tid: int) -> KeptNetwork | None:
        """Return where the trained network of a trial lies, None when it has none any more."""
        return kept_network(self, self._recent(), tid)

    @property
    def trials(self) -> hyperopt.Trials:
        """The finished trials; `len()` of it is the progress."""
        from trialdeck.core.trials import progress_trials

        return progress_trials(self.snapshot(), self.params.space)

    def _budget(self, snapshot: Snapshot) -> Budget:
        return self._budgets.of(self.params, snapshot)

    def status(self, snapshot: Snapshot | None = None) -> Status:
        """Return where the search stands."""
        return self._status(snapshot or self.snapshot(), self.launcher.roster())

    def _status(self, snapshot: Snapshot, roster: Roster) -> Status:
        return status_of(
            self.paths.name,
            self.params,
            snapshot,
            roster,
            budget=self._budget(snapshot),
            paused=commands.paused(self.paths),
            since=_oldest(snapshot, [pool.id for pool in roster.pools]),
            history=str(self.paths.root),
        )

    def cores(self) -> list[Core]:
        """Return every core of every backend, and what has been launched and is not there yet."""
        return self.launcher.cores()

    # -- commanding -------------------------------------------------------------------------

    # `options` are values for a launch that the table [backends.<name>] has otherwise (`Launcher`).

    def launch(
        self, backend: str, cores: int, trials: int | None = None, options: Options | None = None
    ) -> Launch:
        """Start `cores` cores, which start `trials` trials at most.

        Raises LaunchError when it was refused, or an option cannot be used.
        """
        return self.launcher.launch(backend, cores, trials, options)

    def preview(
        self, backend: str, cores: int, trials: int | None = None, options: Options | None = None
    ) -> str:
        """Return exactly what `launch` would run."""
        return self.launcher.preview(backend, cores, trials, options)

    def warnings(
        self, backend: str, cores: int, trials: int | None = None, options: Options | None = None
    ) -> list[str]:
        """Return what the user should know before such a launch."""
        known = self.launcher.warnings(backend, cores, trials, options)
        jobs, seconds = self.launcher.span(backend, cores, options)
        if seconds is None or not revisions.newest_number(self.paths):
            return known
        return [*known, *time_warnings(self.params, self.snapshot(), cores, jobs, seconds)]

    def refusal(
        self, backend: str, cores: int, trials: int | None = None, options: Options | None = None
    ) -> str:
        """Return why such a launch would be refused, or never start, and the cure; or "".

        Raises LaunchError when the place cannot be asked.
        """
        return self.launcher.refusal(backend, cores, trials, options)

    def choices(self, backend: str, options: Options | None = None) -> list[Choice]:
        """Return which settings a launch may have otherwise. Raises LaunchError."""
        return self.launcher.choices(backend, options)

    def stop(self, *, now: bool = False, writers: Sequence[str] | None = None) -> int:
        """Tell pools (all of them, or these) to end after the running trials, or `now`.

        When all are told, launches that have not become a pool are cancelled, and what has not
        begun of the others; when some are, no other job takes their place. Returns how many were
        told. Raises LaunchError when a backend cannot be asked; pools have been told then.
        """
        self._recent()  # or nobody would be known to live
        alive = [pool.id for pool in self.launcher.pools()]
        chosen = alive if writers is None else list(writers)
        if unknown := set(chosen) - set(alive):
            raise SearchError(f"no living pool is called {', '.join(sorted(unknown))}")
        for writer in chosen:
            commands.stop(self.paths, writer, now=now)
        troubles = self._tell_sites()
        if writers is None:
            count = len(chosen) + self.launcher.cancel_pending()
        else:
            self.launcher.without(chosen)
            count = len(chosen)
        if troubles:
            raise LaunchError("; ".join(troubles))
        return count

    def cancel(self, backend: str, job: str) -> bool:
        """Cancel what has not begun of one launch, or one of its jobs, by its backend's name.

        A launch that has no pool yet is ended as a whole. Returns whether there was such a launch.
        Raises LaunchError.
        """
        return self.launcher.cancel(backend, job)

    def resize(self, writer: str, cores: int) -> None:
        """Tell a pool to run so many trials at once, or its launch, where that is several jobs.

        Raises LaunchError when a backend does not answer or refuses.
        """
        if cores < 0:
            raise SearchError(f"{cores} cores: a pool cannot have fewer than none")
        self.launcher.resize(writer, cores)
        self._tell_sites()

    def _tell_sites(self) -> list[str]:
        """Send commands to the pools at sites; return why some have not been told, by site."""
        troubles = self.sync()
        return [f"{text}: it is told once it can be reached" for text in troubles]

    # -- sites ------------------------------------------------------------------------------

    # A copy of the history lies on every machine that has files of its own.

    def connect(self) -> None:
        """Keep the copies at sites in step from now on, in the background."""
        self._links.start()

    def disconnect(self) -> None:
        """Keep them in step no longer; what runs there runs on."""
        self._links.stop()

    def sync(self, seconds: float = SYNC_SECONDS) -> list[str]:
        """Exchange once with every site where there is anything to fetch, or to be told.

        Returns what went wrong, a sentence each. Where `connect` does this anyway, it only hurries.
        """
        if self._links.running:
            self._links.nudge()
            return []
        try:
            return self._links.sync(seconds)
        finally:
            self._links.stop()

    def sites(self) -> list[SiteRow]:
        """Return how the sites stand where anything runs or waits, at once."""
        return self._links.rows()

    def answered(self, site: str) -> None:
        """Try a site again at once, as the question that it had has been answered."""
        self._links.answered(site)

    def give_up_site(self, site: str) -> int:
        """Have new trials take the place of all that a site has not finished; return how many.

        It is not asked: what comes from there all the same counts, beyond `max_trials`.
        """
        return self._links.give_up(site)

    def preflight(self, backend: str, site: str) -> list[Finding]:
        """Return what a site has of all that this search needs. Raises LaunchError."""
        return self.launcher.preflight(backend, site)

    def fetch_log(self, path: Path) -> None:
        """Fetch what is new in a log that lies at a site. Raises LaunchError, HistoryError."""
        self._links.fetch_log(path)

    def pause(self, reason: str = "by the user") -> None:
        """Let running trials finish and start no more."""
        commands.pause(self.paths, reason=reason, kind="user")
        self._tell_sites()

    def resume(self) -> bool:
        """Go on; failures so far no longer count towards `max_failures`.

        Returns whether the search had been paused.
        """
        paused = commands.paused(self.paths)
        failed = [t.tid for t in self.snapshot().trials.values() if t.state == "failed"]
        commands.resume(self.paths, forgiven=failed)
        self._tell_sites()
        return paused is not None

    def retry(self, tids: Sequence[int]) -> list[int]:
        """Queue new trials with the points of these; return the new tids."""
        return retry(self.paths, self.snapshot(), tids)

    def confirm(self, top: int, seeds: int) -> list[int]:
        """Queue the best `top` points with so many other seeds, as far as they are not yet.

        Returns the numbers of all these trials. Raises SearchError when there is no such point.
        """
        snapshot, params = self.snapshot(), self.params
        if params.script is not None:
            raise SearchError(f'"{self.paths.name}" is run by a script: cores cannot confirm it')
        tids = confirming.wanted(snapshot, confirming.leaders(params, snapshot, top), seeds)
        confirming.queue_all(self.paths, snapshot, tids, self.liveness.gone)
        return tids


def _oldest(snapshot: Snapshot, writers: Sequence[str]) -> float:
    """Return when the first of these writers began, in seconds since 1970."""
    known = [snapshot.writers[writer].opened for writer in writers if writer in snapshot.writers]
    return min((opened.at for opened in known if opened is not None), default=0.0)
