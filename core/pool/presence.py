"""A pool's own sign of life, and its watch over the other writers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from trialdeck.core.errors import HistoryError
from trialdeck.core.history.identity import Identity
from trialdeck.core.history.writers import (
    BEAT_SECONDS,
    CoreInfo,
    WriterFile,
    WriterFiles,
)
from trialdeck.core.sites import HOME

if TYPE_CHECKING:
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.history.writers import Liveness
    from trialdeck.core.pool.crew import Crew, Member


class Presence:
    """Writes ``writers/<writer>.json``: at every heartbeat, and soon when something changed."""

    def __init__(
        self,
        paths: HistoryPaths,
        writer: str,
        liveness: Liveness,
        *,
        backend: str,
        job: str,
        name: str,
        cores: int,
        site: str = HOME,
    ) -> None:
        self.files = WriterFiles(paths)
        self.liveness = liveness
        self.file = WriterFile(
            id=writer,
            identity=Identity.current(),
            site=site,
            backend=backend,
            job=job,
            name=name,
            cores_wanted=cores,
            state="starting",
        )
        self.mute = False  # whether the last sign of life could not be written
        self.written = time.monotonic()
        self.files.write(self.file)

    def beat(
        self, crew: Crew, state: str, why: str = "", *, spare: bool = False, least: float = 0.5
    ) -> None:
        """Write the file when a heartbeat is due or it says something else than before.

        A pool is a `spare` while it has nothing to do. Changes wait until `least` seconds after
        the last write: trials may be very short.
        """
        now = msgspec.structs.replace(
            self.file,
            cores_wanted=crew.size,
            cores=tuple(_core(m) for _, m in sorted(crew.members.items())),
            state=state,
            why=why,
            spare=spare,
        )
        waited = time.monotonic() - self.written
        if waited < least or (now == self.file and waited < BEAT_SECONDS):
            return
        self.written = time.monotonic()
        self.file = msgspec.structs.replace(now, beat=self.file.beat + 1)
        try:
            self.files.write(self.file)
        except HistoryError:  # a full disk; the next beat tries again
            self.mute = True
        else:
            self.mute = False

    def observe(self, snapshot: Snapshot) -> None:
        """Look at the other writers' signs of life."""
        if not self.mute:  # others may be as unable to give a sign of life as we are
            self.liveness.observe(snapshot)
            self.liveness.replaced_by(self.file)

    def gone(self, writer: str) -> bool:
        """Whether a writer will write no more; never true of this pool itself."""
        return writer != self.file.id and self.liveness.gone(writer)

    @property
    def live_cores(self) -> int:
        """How many cores there are in all living pools, this one included."""
        return self.file.cores_wanted + sum(
            file.cores_wanted
            for writer, file in self.liveness.writers.items()
            if writer != self.file.id and not self.liveness.gone(writer)
        )


def _core(member: Member) -> CoreInfo:
    core = member.core
    since = round(time.time() - (time.monotonic() - member.since))
    if core.run is None:
        return CoreInfo(core.index, "idle" if core.ready else "starting")
    return CoreInfo(core.index, "training", core.run.tid, core.run.attempt, since)
