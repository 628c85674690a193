"""Running the points of trials again, as new trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import SearchError
from trialdeck.core.history import claims
from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.identity import Identity
from trialdeck.core.history.journal import Journal, new_writer_id
from trialdeck.core.history.writers import WriterFile, WriterFiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot


def retry(paths: HistoryPaths, snapshot: Snapshot, tids: Sequence[int]) -> list[int]:
    """Queue new trials with the points of these; return the new tids. Raises SearchError."""
    if unknown := [tid for tid in tids if tid not in snapshot.trials]:
        raise SearchError(f"there is no trial {', '.join(map(str, unknown))}")
    writer = new_writer_id()
    journal = Journal.create(paths, writer, "controller")
    # Killed before it is done, it is known to be dead, and what it has claimed is free again.
    WriterFiles(paths).write(WriterFile(id=writer, kind="controller", identity=Identity.current()))
    queued: list[int] = []
    for tid in tids:
        new = _claim_above(paths, max([snapshot.highest_tid, *queued]), writer)
        point = dict(snapshot.trials[tid].point)
        journal.append(*queue(writer, new, point, f"retry {tid}"), strict=True)
        queued.append(new)
    journal.close()
    return queued


def queue(writer: str, tid: int, point: dict[str, Any], origin: str) -> tuple[Started, Finished]:
    """Return the events of a trial that waits to be run at a given point.

    To pools it is a trial whose first attempt was interrupted before it began.
    """
    start = Started(writer=writer, tid=tid, point=point, origin=origin)
    end = Finished(writer=writer, tid=tid, outcome="interrupted", cause="queued")
    return start, end


def _claim_above(paths: HistoryPaths, tid: int, writer: str) -> int:
    while True:
        tid += 1
        if claims.take(paths, tid, 0, writer) == writer:
            return tid
