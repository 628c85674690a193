"""One search: everything that the command line and the terminal UI ask for and command."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import ParamsError, SearchError
from trialdeck.core.history import claims, commands
from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.journal import Journal, new_writer_id
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.history.reports import curve_of
from trialdeck.core.history.writers import Liveness
from trialdeck.core.launching import Launcher
from trialdeck.core.looking import Look, Looks
from trialdeck.core.params import revisions
from trialdeck.core.params.model import QUICK_SUFFIX
from trialdeck.core.params.read import read_params
from trialdeck.core.params.syntax import load_toml, read_text
from trialdeck.core.status import Status, status_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import hyperopt

    from trialdeck.core.history.reports import Curve
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.launching import Core, Launch, Roster
    from trialdeck.core.params.model import Params


__all__ = ["Look", "Search", "find", "name_in", "names", "queue", "start"]

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
        about launches at most every two seconds, and this waits for their answer. Raises
        SearchError when nothing has been published.
        """
        snapshot, roster = self.snapshot(), self.launcher.roster(ASK_SECONDS)
        status = self._status(snapshot, roster)
        return self._looks.newest(Look(snapshot, status, roster.cores, roster.pools))

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
            cores=roster.cores_wanted,
            pools=len(roster.pools),
            paused=commands.paused(self.paths),
            since=_oldest(snapshot, [pool.id for pool in roster.pools]),
            waits=roster.waiting,
            failed=roster.failed,
            history=str(self.paths.root),
        )

    def cores(self) -> list[Core]:
        """Return every core of every backend, and what has been launched and is not there yet."""
        return self.launcher.cores()

    # -- commanding -------------------------------------------------------------------------

    def launch(self, backend: str, cores: int, trials: int | None = None) -> Launch:
        """Start a pool of `cores` cores, which starts `trials` trials at most.

        Raises LaunchError when it was refused.
        """
        return self.launcher.launch(backend, cores, trials)

    def preview(self, backend: str, cores: int, trials: int | None = None) -> str:
        """Return exactly what `launch` would run."""
        return self.launcher.preview(backend, cores, trials)

    def warnings(self, backend: str, cores: int) -> list[str]:
        """Return what the user should know before such a launch."""
        return self.launcher.warnings(backend, cores)

    def stop(self, *, now: bool = False, writers: Sequence[str] | None = None) -> int:
        """Tell pools (all of them, or these) to end after the running trials, or `now`.

        Launches that have not become a pool yet are cancelled. Returns how many were told.
        """
        alive = [pool.id for pool in self.launcher.pools()]
        chosen = alive if writers is None else list(writers)
        if unknown := set(chosen) - set(alive):
            raise SearchError(f"no living pool is called {', '.join(sorted(unknown))}")
        for writer in chosen:
            commands.stop(self.paths, writer, now=now)
        return len(chosen) + (self.launcher.cancel_pending() if writers is None else 0)

    def cancel(self, backend: str, job: str) -> bool:
        """Cancel one launch that is no pool yet, by what its backend calls it.

        Returns whether there was such a launch. Raises LaunchError.
        """
        return self.launcher.cancel(backend, job)

    def resize(self, writer: str, cores: int) -> None:
        """Tell a pool to run so many trials at once."""
        if cores < 0:
            raise SearchError(f"{cores} cores: a pool cannot have fewer than none")
        commands.resize(self.paths, writer, cores)

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
        snapshot = self.snapshot()
        if unknown := [tid for tid in tids if tid not in snapshot.trials]:
            raise SearchError(f"there is no trial {', '.join(map(str, unknown))}")
        writer = new_writer_id()
        journal = Journal.create(self.paths, writer, "controller")
        queued: list[int] = []
        for tid in tids:
            new = self._claim_above(max([snapshot.highest_tid, *queued]), writer)
            point = dict(snapshot.trials[tid].point)
            journal.append(*queue(writer, new, point, f"retry {tid}"), strict=True)
            queued.append(new)
        journal.close()
        return queued

    def _claim_above(self, tid: int, writer: str) -> int:
        while True:
            tid += 1
            if claims.take(self.paths, tid, 0, writer) == writer:
                return tid


def _oldest(snapshot: Snapshot, writers: Sequence[str]) -> float:
    """Return when the first of these writers began, in seconds since 1970."""
    known = [snapshot.writers[writer].opened for writer in writers if writer in snapshot.writers]
    return min((opened.at for opened in known if opened is not None), default=0.0)


def queue(writer: str, tid: int, point: dict[str, Any], origin: str) -> tuple[Started, Finished]:
    """Return the events of a trial that waits to be run at a given point.

    To pools it is a trial whose first attempt was interrupted before it began.
    """
    start = Started(writer=writer, tid=tid, point=point, origin=origin)
    end = Finished(writer=writer, tid=tid, outcome="interrupted", cause="queued")
    return start, end


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
        name, backends = _draft(params_file)
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


def _draft(params_file: Path) -> tuple[str, dict[str, Any]]:
    """Return the search's name and the backends; a draft with mistakes hides no search."""
    try:
        params = read_params(params_file)
    except ParamsError:
        name = name_in(params_file)
        if name is None:
            raise
        return name, {}
    return params.search.name, params.backends


def name_in(params_file: Path) -> str | None:
    """Return the search's name in a file that may be full of mistakes."""
    try:
        name = load_toml(read_text(params_file), str(params_file))["search"]["name"]
    except (ParamsError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) and name.strip(".") and "/" not in name else None


def names(folder: Path) -> list[str]:
    """Return the names of the searches in a history folder."""
    if not folder.is_dir():
        return []
    found = [p.name for p in folder.iterdir() if (p / "params").is_dir()]
    return sorted(name for name in found if not name.startswith("."))
