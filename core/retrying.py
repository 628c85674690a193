"""Running the points of trials again, as new trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from trialdeck.core.errors import SearchError
from trialdeck.core.history import claims
from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.identity import Identity
from trialdeck.core.history.journal import Journal, new_writer_id
from trialdeck.core.history.writers import WriterFile, WriterFiles
from trialdeck.core.stages import AGAIN, SEARCHING, stage_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot


def queue(
    writer: str, tid: int, point: dict[str, Any], origin: str, attempt: int = 0
) -> tuple[Started, Finished]:
    """Return the events of a trial that waits to be run at a given point.

    To pools it is a trial whose attempt was interrupted before it began.
    """
    about: dict[str, Any] = {"writer": writer, "tid": tid, "attempt": attempt}
    about["stage"] = stage_of(tid)
    start = Started(**about, point=point, origin=origin)
    end = Finished(**about, outcome="interrupted", cause="queued")
    return start, end


class Queue:
    """Queues trials at known points, as a writer of its own."""

    def __init__(self, paths: HistoryPaths) -> None:
        self.writer = new_writer_id()
        self._journal = Journal.create(paths, self.writer, "controller")
        # Killed before it is done, it is known to be dead, and what it has claimed is free again.
        file = WriterFile(id=self.writer, kind="controller", identity=Identity.current())
        WriterFiles(paths).write(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._journal.close()

    def add(self, tid: int, point: dict[str, Any], origin: str, attempt: int = 0) -> None:
        """Queue a trial, of which this attempt has been claimed."""
        self.add_all([(tid, point, origin, attempt)])

    def add_all(self, trials: Iterable[tuple[int, dict[str, Any], str, int]]) -> None:
        """Queue all of these trials or none: number, point, origin, and the attempt claimed."""
        events = [event for trial in trials for event in queue(self.writer, *trial)]
        self._journal.append(*events, strict=True)


def retry(paths: HistoryPaths, snapshot: Snapshot, tids: Sequence[int]) -> list[int]:
    """Queue new trials with the points of these; return the new tids. Raises SearchError."""
    if unknown := [tid for tid in tids if tid not in snapshot.trials]:
        raise SearchError(f"there is no trial {', '.join(map(str, unknown))}")
    queued: list[int] = []
    with Queue(paths) as waiting:
        for tid in tids:
            new = _claim_free(paths, snapshot, tid, waiting.writer)
            waiting.add(new, dict(snapshot.trials[tid].point), f"retry {tid}")
            queued.append(new)
    return queued


def _claim_free(paths: HistoryPaths, snapshot: Snapshot, tid: int, writer: str) -> int:
    """Claim a number of the same stage that nobody has, for another run of trial `tid`."""
    searched = stage_of(tid) == SEARCHING
    new, step = (snapshot.highest_tid + 1, 1) if searched else (tid + AGAIN, AGAIN)
    # What this writer holds it has claimed for another of the trials that are to run again.
    while claims.holder(paths, new, 0) is not None or claims.take(paths, new, 0, writer) != writer:
        new += step
    return new
