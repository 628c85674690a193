"""How all launches stand, by what their places say and by the files of their pools."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from trialdeck.backends.base import State, Status
from trialdeck.core.asking import Asking
from trialdeck.core.errors import HistoryError
from trialdeck.core.history.writers import JobEnd
from trialdeck.core.launches import FORGET_SECONDS, Launch, launches_by_hand
from trialdeck.core.logs import POOL
from trialdeck.core.standing import Standing, standing_of, why_failed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from trialdeck.core.asking import Poll
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.writers import Liveness, WriterFile
    from trialdeck.core.launches import Launches

TAIL = 2000  # characters of a pool's own output that are shown when it could not start
QUIET_SECONDS = 60.0  # two heartbeats: then a place is believed that says that a job has ended
STARTING_SECONDS = 300.0  # a machine that is sent much before a launch takes a while
KINDS = ("pool", "script")  # of the writers that run trials
VANISHED_SECONDS = 600.0  # after that a launch that its place does not know is over


class Standings:
    """Looks at the launches of one search. For several threads at once."""

    def __init__(
        self,
        paths: HistoryPaths,
        liveness: Liveness,
        files: Launches,
        poll: Poll,
    ) -> None:
        self.paths = paths
        self.liveness = liveness
        self.files = files
        self.silent = ""  # which backend could not be asked the last time, and why
        self._asking = Asking(poll)
        self._ended: dict[tuple[str, str], JobEnd] = {}  # of jobs, by their places' word
        self._vanished: dict[str, float] = {}  # since when, of a clock of our own

    def pools(self) -> list[WriterFile]:
        """Return the pools that live, as far as can be told."""
        return [pool for pool in self._pools() if self._lives(pool)]

    def now(self, patience: float = 0.0) -> list[Standing]:
        """Return the launches that may still matter, newest first; last those made by hand.

        Answers of backends that are `patience` seconds old will do (see `Asking`). A launch of
        several jobs that its place calls over is noted to be so.
        """
        launches = self.files.recent()
        launches += self.by_hand({launch.name for launch in launches})
        by_name: dict[str, list[WriterFile]] = {launch.name: [] for launch in launches}
        for file in self._pools():
            by_name.get(file.name, []).append(file)
        to_ask = [one for one in launches if one.many or not by_name[one.name]]
        said = self._asking.ask(to_ask, patience)
        self.silent = self._asking.silent({launch.backend for launch in to_ask})
        found = [
            self._standing(launch, said[launch.name], by_name[launch.name]) for launch in to_ask
        ]
        for one in found:
            self._note_end(one, said[one.launch.name])
        return [*self._given_up(), *found]

    def by_hand(self, known: Collection[str]) -> list[Launch]:
        """Return the launches of living pools that are not among these, and were made by hand."""
        pools = [pool for pool in self.pools() if pool.name not in known]
        return launches_by_hand(pools, self.files)

    def beat_age(self, writer: str) -> float | None:
        """Return how many seconds ago a writer gave its last sign of life."""
        with suppress(OSError):
            changed = (self.paths.writers / f"{writer}.json").stat().st_mtime
            return max(0.0, time.time() - changed)
        return None

    def output(self, launch: Launch) -> str:
        """Return the end of what a launch printed last."""
        logs = self.paths.logs.glob(f"{POOL}{launch.name}*.log")
        texts = (_tail(path) for path in sorted(logs, key=_changed, reverse=True))
        return next(filter(None, texts), "")

    def _lives(self, pool: WriterFile) -> bool:
        if self.liveness.gone(pool.id):
            return False
        if (pool.backend, pool.job) not in self._ended and not self.files.is_over(pool.name):
            return True
        if self.liveness.job_end(pool.id) is None:
            self.liveness.job_is_over(pool.id, self._ended.get((pool.backend, pool.job)))
        return self._age(pool) <= QUIET_SECONDS

    def _pools(self) -> Iterator[WriterFile]:
        return (file for file in self.liveness.writers.values() if file.kind in KINDS)

    def _age(self, pool: WriterFile) -> float:
        age = self.beat_age(pool.id)
        return age if age is not None else float("inf")

    def _standing(self, launch: Launch, status: Status, files: Sequence[WriterFile]) -> Standing:
        if not launch.many:
            if not launch.job and status.state is State.VANISHED and self._is_new(launch):
                return Standing(launch, Status(State.QUEUED, "it is being started"))
            output = self.output(launch) if status.state == State.FAILED else ""
            return Standing(launch, status, output=output)
        for job, said in status.jobs.items():
            if said.state.final:
                self._ended[(launch.backend, job)] = JobEnd(said.reason, blameless=said.taken)
            else:
                self._ended.pop((launch.backend, job), None)  # it was started again
        living = {file.job for file in files if self._lives(file)}
        running = {job for job, said in status.jobs.items() if said.state == State.RUNNING}
        ended = {
            file.job: self._age(file) if file.job in running else float("inf")
            for file in files
            if file.job not in living
        }
        standing = standing_of(launch, status, living, ended)
        wrong = status.state in (State.FAILED, State.VANISHED) and not standing.trained
        if not (wrong or standing.dead):
            return standing
        standing = replace(standing, output=self.output(launch))
        if wrong and standing.output:  # what it printed is all that is left to tell
            failed = Status(State.FAILED, status.reason)
            return replace(standing, status=failed)
        return standing

    @staticmethod
    def _is_new(launch: Launch) -> bool:
        """Whether its place may be about to start it; what is shown for so long does no harm."""
        return time.time() - launch.at < STARTING_SECONDS

    def _note_end(self, standing: Standing, status: Status) -> None:
        """Note that a launch of several jobs is over, and why, once its place says so."""
        launch = standing.launch
        if not launch.many or not self._is_over(launch, status):
            return
        why = why_failed(standing) if standing.failed else ""
        with suppress(HistoryError):  # whoever can write it, will
            self.files.change(launch.name, over=True, **({"why": why} if why else {}))

    def _is_over(self, launch: Launch, status: Status) -> bool:
        if not status.state.final:
            self._vanished.pop(launch.name, None)
            return False
        if status.state != State.VANISHED and launch.job:
            return True
        # A place that was restarted may know it again; what has no job may be about to start.
        since = self._vanished.setdefault(launch.name, time.monotonic())
        old = time.time() - launch.at > FORGET_SECONDS
        return old or time.monotonic() - since > VANISHED_SECONDS

    def _given_up(self) -> list[Standing]:
        """Return the newest launch if it is over and never was a pool."""
        newest = self.files.newest()
        if newest is None or not (newest.over and newest.why):
            return []
        if any(file.name == newest.name for file in self._pools()):
            return []
        status = Status(State.FAILED, newest.why)
        return [Standing(newest, status, output=self.output(newest))]


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _tail(path: Path) -> str:
    with suppress(OSError), path.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - 4 * TAIL))
        return file.read().decode(errors="replace").strip()[-TAIL:]
    return ""
