"""The other pools of the same place: whether they are gone, of which the place may know more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.history.writers import BEAT_SECONDS, Life

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.history.writers import WriterFile
    from trialdeck.core.pool.errands import Errands
    from trialdeck.core.pool.presence import Presence

LATE_SECONDS = 1.5 * BEAT_SECONDS  # a heartbeat is missing


class Neighbours:
    """Has the place asked about the pools that seem to be gone, where `asked` is true."""

    def __init__(self, presence: Presence, errands: Errands, *, asked: bool) -> None:
        self.presence = presence
        self.errands = errands
        self.asked = asked

    def look(self, snapshot: Snapshot) -> None:
        """Doubt those that are said to run trials, and of which nothing has been heard lately."""
        if self.asked:
            self.errands.doubt({file.id: file for file in self._doubtful(snapshot)})

    def lost(self, writer: str) -> bool:
        """Whether the trials of a writer may be taken over, its place having had its say."""
        return self.presence.gone(writer) and not self.errands.awaits_word_of(writer)

    def _doubtful(self, snapshot: Snapshot) -> Iterator[WriterFile]:
        unfinished = (snapshot.trials[tid] for tid in snapshot.unfinished)
        runners = {trial.writer for trial in unfinished if trial.state == "running"}
        files = self.presence.liveness.writers
        own = self.presence.file
        for file in (files[writer] for writer in runners if writer in files):
            mate = file.id != own.id and file.backend == own.backend and file.job
            if mate and not self.presence.liveness.job_end(file.id) and self._is_late(file.id):
                yield file

    def _is_late(self, writer: str) -> bool:
        liveness = self.presence.liveness
        late = liveness.silence(writer) > LATE_SECONDS
        return late or liveness.life(writer) in (Life.UNKNOWN, Life.DEAD, Life.STALE)
