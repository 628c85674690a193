"""One search: everything that the command line and the terminal UI ask for and command."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import SearchError
from trialdeck.core.history import commands
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.history.reports import curve_of
from trialdeck.core.history.writers import Liveness
from trialdeck.core.job_time import time_warnings
from trialdeck.core.launching import Launcher
from trialdeck.core.looking import Look, Looks
from trialdeck.core.params import revisions
from trialdeck.core.params.model import QUICK_SUFFIX
from trialdeck.core.params.read import read_params
from trialdeck.core.retrying import retry
from trialdeck.core.search_names import draft_of, name_in, names
from trialdeck.core.status import Status, status_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import hyperopt

    from trialdeck.backends.base import Choice
    from trialdeck.core.history.reports import Curve
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.launching import Core, Launch, Options, Roster
    from trialdeck.core.params.model import Params


__all__ = ["Look", "Search", "find", "name_in", "names", "start"]

ASK_SECONDS = 2.0  # between two questions to a backend by somebody who looks again and again


class Search:
    """One search, by its folder ``history/<name>/``. For several threads at once."""

    def __init__(
        self, paths: HistoryPaths, backends: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        """Take the settings of places to run, which a revision leaves out, as `backends`."""
        self.paths = paths
        self.history = History(paths)
        self.liveness = Liveness(paths)
        self.launcher = Launcher(paths, self.liveness, backends)
        self._last: Snapshot | None = None
        self._reading = threading.RLock()  # never held while a backend is asked
        self._looks = Looks()

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
        return revisions.load(self.paths, self.revision)

    def snapshot(self) -> Snapshot:
        """Read what is new in the history."""
        with self._reading:
            # Looked at before it is read: what a writer wrote before it died is then all there.
            first = self._last is None
            self.liveness.observe(self._last)
            self._last = self.history.refresh(self.liveness.gone)
            if first:
                self.liveness.observe(self._last)  # now it is known whose journals have ended
            return self._last

    def look(self) -> Look:
        """Return all that there is to show, worked out once.

        It is the same object as before if nothing has changed (see `Look`). Backends are asked
        about launches at most every two seconds, and this waits no longer than a moment for their
        answer: then the last one counts. Raises SearchError when nothing has been published.
        """
        snapshot, roster = self.snapshot(), self.launcher.roster(ASK_SECONDS)
        status = self._status(snapshot, roster)
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

    @property
    def trials(self) -> hyperopt.Trials:
        """The finished trials; `len()` of it is the progress."""
        from trialdeck.core.trials import progress_trials

        return progress_trials(self.snapshot(), self.params.space)

    def status(self, snapshot: Snapshot | None = None) -> Status:
        """Return where the search stands."""
        return self._status(snapshot or self.snapshot(), self.launcher.roster())

    def _status(self, snapshot: Snapshot, roster: Roster) -> Status:
        return status_of(
            self.paths.name,
            self.params,
            snapshot,
            roster,
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
        alive = [pool.id for pool in self.launcher.pools()]
        chosen = alive if writers is None else list(writers)
        if unknown := set(chosen) - set(alive):
            raise SearchError(f"no living pool is called {', '.join(sorted(unknown))}")
        for writer in chosen:
            commands.stop(self.paths, writer, now=now)
        if writers is None:
            return len(chosen) + self.launcher.cancel_pending()
        self.launcher.without(chosen)
        return len(chosen)

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

    def pause(self, reason: str = "by the user") -> None:
        """Let running trials finish and start no more."""
        commands.pause(self.paths, reason=reason, kind="user")

    def resume(self) -> bool:
        """Go on; failures so far no longer count towards `max_failures`.

        Returns whether the search had been paused.
        """
        paused = commands.paused(self.paths)
        failed = [t.tid for t in self.snapshot().trials.values() if t.state == "failed"]
        commands.resume(self.paths, forgiven=failed)
        return paused is not None

    def retry(self, tids: Sequence[int]) -> list[int]:
        """Queue new trials with the points of these; return the new tids."""
        return retry(self.paths, self.snapshot(), tids)


def _oldest(snapshot: Snapshot, writers: Sequence[str]) -> float:
    """Return when the first of these writers began, in seconds since 1970."""
    known = [snapshot.writers[writer].opened for writer in writers if writer in snapshot.writers]
    return min((opened.at for opened in known if opened is not None), default=0.0)


def start(
    params_file: Path,
    *,
    overrides: dict[str, Any] | None = None,
    quick: bool = False,
    keep_losses: bool = False,
    force: bool = False,
) -> Search:
    """Publish the draft if it differs from the newest revision, and return its search.

    `overrides` are values laid over the draft ({"search.max_trials": 200}). With `quick` it is the
    quick scan's search, `<name>-quick`. Raises ParamsError, DraftConflict, SearchError.
    """
    params = read_params(params_file)
    name = params.search.name + (QUICK_SUFFIX if quick else "")
    paths = HistoryPaths(params.folder / "history" / name)
    paths.create()
    search = Search(paths, params.backends)
    revisions.publish(
        paths,
        params_file,
        overrides or {},
        quick=quick,
        force=force,
        keep_losses=keep_losses,
        has_results=bool(search.snapshot().counts.finished),
    )
    return search


def find(params_file: Path, name: str | None = None) -> Search:
    """Return a search to look at: `name`, the one of the parameter file, or the only one there is.

    Raises SearchError when it does not exist or there are several.
    """
    folder = params_file.resolve().parent / "history"
    known = names(folder)
    backends = None
    if name is None and params_file.exists():
        name, backends = draft_of(params_file)
    elif name is None and len(known) == 1:
        name = known[0]
    if name is not None and (folder / name).is_dir():
        return Search(HistoryPaths(folder / name), backends)
    if name is None and known:
        raise SearchError(
            f"there is no {params_file.name} in {folder.parent}, and there are several searches: "
            f"choose one with --search ({', '.join(known)})"
        )
    if name is None:
        raise SearchError(
            f"there is no search in {folder.parent}: `trialdeck init` writes a params.toml to "
            f"start from, `trialdeck demo` shows what a search looks like"
        )
    there = f"; there is {', '.join(known)}" if known else ""
    raise SearchError(f'the search "{name}" has not been started yet: `trialdeck run`{there}')
