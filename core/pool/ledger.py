"""What a pool writes into the history, in the order that makes it safe.

A trial starts only after its `started` is on the disk. Before a final result is recorded, the
next attempt is claimed as a seal: whoever believed this pool to be gone and took the trial over
holds that claim, and then this result is recorded as superseded. What cannot be written (a full
disk) is kept and tried again.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import claims
from trialdeck.core.history.events import (
    Environment,
    Finished,
    Lost,
    Started,
    Superseded,
    Trouble,
)
from trialdeck.core.history.journal import Journal, new_writer_id
from trialdeck.core.history.reports import ReportWriter
from trialdeck.core.pool.fitting import holds_something
from trialdeck.core.sites import Site

if TYPE_CHECKING:
    from trialdeck.core.history.paths import HistoryPaths

FLUSH_REPORTS = 5.0


class Ledger:
    """The journal and the reports of one writer."""

    def __init__(self, paths: HistoryPaths, kind: str, site: Site | None = None) -> None:
        self.paths = paths
        self.writer = new_writer_id()
        site = site or Site()
        self.journal = Journal.create(paths, self.writer, kind, site=site.name, epoch=site.epoch)
        self.reports = ReportWriter(paths, self.writer)
        self.environments: set[str] = set()
        self.unbegun: dict[tuple[int, int], Started] = {}  # recorded, but too late to begin
        self.unsealed: deque[Finished] = deque()
        self.sealed: set[tuple[int, int]] = set()  # attempts claimed only as a seal
        self.over: list[int] = []  # trials whose checkpoints are to be removed
        self.recorded: set[int] = set()  # trials with a result that the `Keeper` has not seen
        self.claim_trouble = ""  # why no claim can be made, or ""
        self.reports_flushed = time.monotonic()

    @property
    def healthy(self) -> bool:
        """Whether everything is on the disk; no trial is started while it is not."""
        return not self.unsealed and not self.journal.pending

    @property
    def complaint(self) -> str:
        """What keeps this writer from writing, or ""."""
        return (self.journal.trouble if self.journal.pending else "") or self.claim_trouble

    def started(self, event: Started, environment: Environment) -> bool:
        """Record the start of an attempt, and once what it runs in.

        Return whether it is on the disk: only then may the trial begin. What is not will be there
        in time; then it is recorded again.
        """
        known = environment.id in self.environments
        self.environments.add(environment.id)
        written = self.journal.append(*([] if known else [environment]), event)
        if written:
            self.unbegun.pop((event.tid, event.attempt), None)
        else:
            self.unbegun[event.tid, event.attempt] = event
        return written

    def finished(self, event: Finished) -> None:
        """Record the end of an attempt of this pool, or of one that was lost."""
        if event.outcome == "interrupted":
            self.journal.append(event)
        else:
            self.unsealed.append(event)
            self.settle()

    def lost(self, event: Lost) -> None:
        """Record that another writer seems to be gone."""
        self.journal.append(event)

    def trouble(self, text: str) -> None:
        """Record what keeps this pool from running trials."""
        self.journal.append(Trouble(writer=self.writer, at=time.time(), text=text))

    def cannot_claim(self, error: Exception) -> None:
        """Take note that a claim cannot be made; say so in the journal when that is new.

        A disk without room for another file may still have some in those that are open.
        """
        if not self.claim_trouble:
            self.trouble(str(error))
        self.claim_trouble = str(error)

    def settle(self) -> None:
        """Write what is still unwritten, as far as the disk lets us."""
        self.journal.flush()
        while self.unsealed and self._seal(self.unsealed[0]):
            self.unsealed.popleft()
        while self.over and not self.journal.pending:
            self._remove_checkpoints(self.over.pop())

    def _seal(self, event: Finished) -> bool:
        """Record a final result, if it can be known whether it counts; return whether it can."""
        try:
            holder = claims.take(self.paths, event.tid, event.attempt + 1, self.writer)
        except (HistoryError, OSError) as error:
            self.cannot_claim(error)
            return False
        self.claim_trouble = ""
        ours = holder == self.writer
        self.journal.append(event if ours else _superseded(event))
        if ours:
            self.sealed.add((event.tid, event.attempt + 1))
            self.over.append(event.tid)
        self.recorded.add(event.tid)
        return True

    def _remove_checkpoints(self, tid: int) -> None:
        """Remove what only a further attempt could go on from, as there is none."""
        folder = self.paths.checkpoint(tid, 0).parent
        if holds_something(folder):
            with suppress(OSError):
                self.paths.checkpointed.touch()
        shutil.rmtree(folder, ignore_errors=True)

    def report(self, tid: int, attempt: int, step: int, values: dict[str, float | str]) -> None:
        """Keep a point of a learning curve; it reaches the disk within a few seconds."""
        self.reports.add(tid, attempt, step, values)

    def flush_reports(self, *, now: bool = False) -> None:
        """Write the reports when it is time, or `now`."""
        if now or time.monotonic() - self.reports_flushed >= FLUSH_REPORTS:
            self.reports.flush()
            self.reports_flushed = time.monotonic()

    def close(self) -> None:
        """Write everything and end the journal."""
        for event in self.unbegun.values():
            self.journal.append(_never_begun(event))
        self.settle()
        self.flush_reports(now=True)
        self.journal.close()


def _superseded(event: Finished) -> Superseded:
    kept = ("writer", "at", "site", "epoch", "tid", "attempt", "stage", "outcome", "loss")
    return Superseded(**{name: getattr(event, name) for name in kept})


def _never_begun(event: Started) -> Finished:
    kept = {name: getattr(event, name) for name in ("writer", "tid", "attempt", "stage")}
    text = "its pool ended before it began"
    return Finished(**kept, outcome="interrupted", cause="stopped", message=text)


def environment_id(event: Environment) -> str:
    """Return a short name for the content of an environment."""
    content = msgspec.structs.replace(event, id="", at=0.0)
    return hashlib.blake2b(msgspec.json.encode(content), digest_size=4).hexdigest()
