"""Who writes: ``writers/<writer>.json`` with a heart that beats, and the watch over them.

No wall clock decides anything. A writer is given up when its heart has not beaten for ten minutes
of the watcher's own time, during which the watcher could see the files; on the same machine, when
its process has ended.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import disk
from trialdeck.core.history.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot

BEAT_SECONDS = 30.0
STALE_SECONDS = 600.0  # TRIALDECK_STALE_SECONDS
_SUFFIX = ".json"


class CoreInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a pool says of one of its cores; `since` is in seconds since 1970."""

    index: int
    state: str
    tid: int | None = None
    attempt: int = 0
    since: float = 0.0


class WriterFile(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a writer says of itself. `beat` grows as long as it lives."""

    id: str
    kind: str = "pool"
    identity: Identity = Identity()
    site: str = "home"
    backend: str = ""
    job: str = ""
    name: str = ""  # of the launch
    log: str = ""  # the pool's own output, relative to the search's folder
    cores_wanted: int = 0
    cores: tuple[CoreInfo, ...] = ()
    beat: int = 0
    state: str = ""  # running, paused, stopping, waiting …
    why: str = ""
    spare: bool = False  # a pool that has nothing to do, and would take up what comes

    def same_job(self, other: WriterFile) -> bool:
        """Whether both are lives of one job: the place started it anew, once it had ended."""
        mine, theirs = ((it.backend, it.job, it.name) for it in (self, other))
        return mine == theirs and bool(self.backend and self.job)


class WriterFiles:
    """Writes and reads them."""

    def __init__(self, paths: HistoryPaths) -> None:
        self.folder = paths.writers

    def write(self, file: WriterFile) -> None:
        """Replace the file of one writer as a whole. Raises `HistoryError`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            disk.replace(self.folder / f"{file.id}{_SUFFIX}", msgspec.json.encode(file))
        except OSError as error:
            raise HistoryError(f"no sign of life can be given: {disk.explain(error)}") from error

    def ids(self) -> list[str]:
        """Return the ids of the writers that have a file. Raises `OSError`."""
        try:
            with os.scandir(self.folder) as entries:
                names = [entry.name for entry in entries]
        except FileNotFoundError:
            return []
        return sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))

    def read(self, writer: str) -> WriterFile | None:
        """Return the file of one writer, None if there is none that can be read."""
        try:
            content = (self.folder / f"{writer}{_SUFFIX}").read_bytes()
            file = msgspec.json.decode(content, type=WriterFile)
        except (OSError, ValueError):  # msgspec's errors are ValueErrors
            return None
        return file if file.id == writer else None

    def read_all(self) -> dict[str, WriterFile]:
        """Return every file that can be read, by writer."""
        try:
            files = [self.read(writer) for writer in self.ids()]
        except OSError:
            return {}
        return {file.id: file for file in files if file is not None}


class Life(StrEnum):
    """What a watcher believes of a writer."""

    ALIVE = "alive"
    QUIET = "quiet"  # no beat for a while, too short to give it up
    UNKNOWN = "unknown"  # not watched for long enough to have seen a beat
    STALE = "stale"  # no beat for so long that it is given up
    DEAD = "dead"  # its process has ended
    ENDED = "ended"  # its journal has its last line

    @property
    def gone(self) -> bool:
        """Whether its trials may be taken over."""
        return self in (Life.STALE, Life.DEAD, Life.ENDED)


class JobEnd(msgspec.Struct, frozen=True):
    """What a place says of a job that is over; `blameless` is one that it ended by itself."""

    reason: str = ""
    blameless: bool = False


@dataclass(slots=True)
class _Watch:
    """One writer; times are of the watcher's own count."""

    since: float  # of the last beat, or of the first look
    file: WriterFile | None = None
    beats: int = 0  # seen to change
    ended: bool = False
    dead: bool = False
    replaced: bool = False  # a later life of its job runs
    buried: bool = False  # its site says that its process has ended
    job_end: JobEnd | None = None


class Liveness:
    """Watches the writers of one search; lives long, and looks every few seconds.

    Time counts only while it looks: of a gap between two looks at most a tenth of `stale_seconds`
    does. Writers of another `site` than the watcher's are given up only on their machine's word. A
    watcher that was stopped itself, or a file server that hung for everybody, gives
    nobody up. A writer without a file is watched from the first time that anybody asks for it.
    For several threads at once.
    """

    def __init__(
        self,
        paths: HistoryPaths,
        *,
        stale_seconds: float | None = None,
        site: str = "home",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stale_seconds = stale_seconds if stale_seconds is not None else _stale_seconds()
        self._site = site
        self._files = WriterFiles(paths)
        self._clock = clock
        self._looked: float | None = None
        self._time = 0.0
        self._watches: dict[str, _Watch] = {}
        self._closed_in: object = None
        self._lock = threading.RLock()
        self._here: Identity | None = None
        self._sorted: Mapping[str, WriterFile] | None = None

    @property
    def writers(self) -> Mapping[str, WriterFile]:
        """The files as last read, by writer."""
        with self._lock:
            if self._sorted is None:
                watches = sorted(self._watches.items())
                self._sorted = MappingProxyType({w: it.file for w, it in watches if it.file})
            return self._sorted

    def observe(self, snapshot: Snapshot | None = None) -> None:
        """Look at every writer's file; `snapshot` says whose journal has ended."""
        with self._lock:
            self._observe(snapshot)

    def _observe(self, snapshot: Snapshot | None) -> None:
        now = self._clock()
        gap = now - self._looked if self._looked is not None else 0.0
        self._looked = now
        if snapshot is not None and snapshot.writers is not self._closed_in:
            self._closed_in = snapshot.writers
            for info in snapshot.writers.values():
                if info.closed:
                    self._watch(info.id).ended = True
        try:
            ids = self._files.ids()
        except OSError:
            return  # we cannot see: no time passes
        self._time += min(gap, self.stale_seconds / 10)
        for writer in ids:
            watch = self._watch(writer)
            if watch.file is None or not (watch.ended or watch.dead):
                self._look(watch, self._files.read(writer))

    def life(self, writer: str) -> Life:
        """Return what is believed of a writer since the last look."""
        with self._lock:
            watch = self._watch(writer)
            quiet = self._time - watch.since
        if watch.ended:
            return Life.ENDED
        if watch.dead or watch.replaced or watch.buried:
            return Life.DEAD
        if watch.file is not None and watch.file.site != self._site:
            # Its copy here is still when the way to it is cut, which says nothing of itself.
            return Life.ALIVE if quiet < 3 * BEAT_SECONDS else Life.QUIET
        if quiet >= (self.stale_seconds / 10 if watch.job_end else self.stale_seconds):
            return Life.STALE
        if not watch.beats:
            return Life.UNKNOWN
        return Life.QUIET if quiet >= 3 * BEAT_SECONDS else Life.ALIVE

    def gone(self, writer: str) -> bool:
        """Whether a writer will write no more, so that its trials may be taken over."""
        return self.life(writer).gone

    def silence(self, writer: str) -> float:
        """Return for how many seconds nothing has been heard of a writer since the last look."""
        with self._lock:
            return self._time - self._watch(writer).since

    def job_is_over(self, writer: str, end: JobEnd | None = None) -> None:
        """Take a backend's word that the writer's job has ended: that shortens the wait.

        It is no proof: what the job wrote last may still be on its way to us.
        """
        with self._lock:
            self._watch(writer).job_end = end or JobEnd()

    def is_dead(self, writer: str) -> None:
        """Take the word of a writer's own machine that its process has ended."""
        with self._lock:
            self._watch(writer).buried = True

    def job_end(self, writer: str) -> JobEnd | None:
        """Return what the place has said of the end of a writer's job, None as long as nothing."""
        with self._lock:
            return self._watch(writer).job_end

    def replaced_by(self, living: WriterFile) -> None:
        """Give up the earlier lives of a job of which `living` is the present one."""
        end = JobEnd(f"the job {living.job} was started again", blameless=True)
        with self._lock:
            for watch in self._watches.values():
                if watch.file is not None and watch.file.same_job(living):
                    watch.replaced = watch.file.id != living.id
                    if watch.replaced:
                        watch.job_end = watch.job_end or end

    def _watch(self, writer: str) -> _Watch:
        watch = self._watches.get(writer)
        if watch is None:
            watch = self._watches[writer] = _Watch(self._time)
        return watch

    def _look(self, watch: _Watch, file: WriterFile | None) -> None:
        if file is None:
            return
        if self._here is None:
            self._here = Identity.current()
        local = file.identity.same_machine(self._here)
        if watch.file is not None and file.beat != watch.file.beat:
            watch.since = self._time
            watch.beats += 1
            self.replaced_by(file)
        elif watch.file is None and local:
            watch.beats = 1  # its process can be seen; there is no need to wait for a beat
        if watch.file != file:
            watch.file = file
            self._sorted = None
        watch.dead = (local and not file.identity.alive()) or self._before_restart(file)

    def _before_restart(self, file: WriterFile) -> bool:
        """Whether a writer of this site, which is one machine, ran before that was started."""
        mine, here = file.identity, self._here
        if here is None or self._site == "home" or file.site != self._site:
            return False
        return mine.host == here.host and bool(mine.boot and here.boot) and mine.boot != here.boot


def _stale_seconds() -> float:
    """Return the default, which tests shorten."""
    try:
        return float(os.environ.get("TRIALDECK_STALE_SECONDS", ""))
    except ValueError:
        return STALE_SECONDS
