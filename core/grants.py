"""Handing out tids to sites, and taking them back.

A tid is claimed here before it is granted, so that nobody else hands it out or runs it. It is taken
back by a claim at its site that nobody can make any more; that another tid takes its place is said
by the `voided` event.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from trialdeck.core.budget import unclaimed
from trialdeck.core.history import claims
from trialdeck.core.history.events import Granted, Voided
from trialdeck.core.history.identity import Identity
from trialdeck.core.history.journal import Journal, new_writer_id
from trialdeck.core.history.writers import WriterFile, WriterFiles
from trialdeck.core.stages import stage_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from trialdeck.backends import base
    from trialdeck.core.budget import Budget
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot

ATTEMPTS = 1000  # no trial comes near it


class Granter:
    """Grants tids of one search. For several threads at once; raises HistoryError."""

    def __init__(self, paths: HistoryPaths) -> None:
        self.paths = paths
        self._journal: Journal | None = None
        self._lock = threading.Lock()

    def grant(self, snapshot: Snapshot, budget: Budget, site: str, count: int) -> list[int]:
        """Grant up to `count` tids to a site; return them."""
        granted: list[int] = []
        with self._lock:
            for tid in unclaimed(snapshot, budget):
                if len(granted) >= count:
                    break
                writer = self._open().writer
                if claims.take(self.paths, tid, 0, writer) == writer:
                    granted.append(tid)
                    event = Granted(writer=writer, tid=tid, to=site)
                    self._open().append(event, strict=True)
        return granted

    def void(self, tids: Iterable[int], site: str, why: str) -> None:
        """Record that trials will not be run at their site any more."""
        with self._lock:
            journal = self._open()
            events = [_voided(journal.writer, t, site, why) for t in tids]
            journal.append(*events, strict=True)

    def close(self) -> None:
        """End the journal, if anything was granted or taken back."""
        with self._lock:
            if self._journal is not None:
                self._journal.close()
                self._journal = None

    def _open(self) -> Journal:
        if self._journal is None:
            journal = Journal.create(self.paths, new_writer_id(), "controller")
            file = WriterFile(id=journal.writer, kind="controller", identity=Identity.current())
            WriterFiles(self.paths).write(file)
            self._journal = journal
        return self._journal


def take_back(
    files: base.Site,
    folder: str,
    attempts: Mapping[int, int],
    gone: Callable[[str], bool],
) -> list[int]:
    """Have trials never run at their site any more; return those for which that is certain.

    `attempts` are the first attempts that must not be made, by tid; `gone(writer)` says whether a
    claim's holder will write no more. Raises LaunchError.
    """
    taken: list[int] = []
    left = dict(attempts)
    for _ in range(ATTEMPTS):
        links = {_claim(folder, tid, number): claims.VOID for tid, number in left.items()}
        if not links:
            break
        held = files.link(links)
        holders = {tid: held.get(_claim(folder, tid, number)) for tid, number in left.items()}
        taken += [tid for tid, holder in holders.items() if holder == claims.VOID]
        left = {
            tid: left[tid] + 1
            for tid, holder in holders.items()
            if holder and holder != claims.VOID and gone(holder)
        }
    return taken


def _voided(writer: str, tid: int, site: str, why: str) -> Voided:
    return Voided(writer=writer, tid=tid, stage=stage_of(tid), to=site, message=why)


def _claim(folder: str, tid: int, attempt: int) -> str:
    return f"{folder}/claims/{tid // 1000}/{tid}.{attempt}"
