"""What all views of one `HistoryTrials` share: the folder, what was read of it, and its writer."""

from __future__ import annotations

import math
import os
import time
from typing import TYPE_CHECKING, Any

from hyperopt.exceptions import InvalidTrial

from trialdeck.core.budget import Budget, all_ended
from trialdeck.core.history.reader import History
from trialdeck.core.history.snapshot import Snapshot
from trialdeck.core.history.writers import Liveness
from trialdeck.core.params import revisions
from trialdeck.core.params.script import UNLIMITED
from trialdeck.core.scripts.attachments import Attachments
from trialdeck.core.scripts.documents import DONE, ERROR, NEW, RUNNING, Documents
from trialdeck.core.scripts.points import metrics_of, point_of
from trialdeck.core.scripts.writer import ScriptWriter
from trialdeck.core.space import Space

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.params.script import Script

READ_SECONDS = 0.05  # between two looks at the history while trials run: they may be very short
LOOK_SECONDS = 1.0  # between two looks at the other processes
WAIT_SECONDS = 0.5  # until it is looked again whether there is anything to do

_Document = dict[str, Any]


class Book:
    """Reads and writes the history of one script's search.

    Not for several threads at once. After a fork the child has a writer of its own.
    """

    def __init__(self, paths: HistoryPaths, retries: int) -> None:
        self.paths = paths
        self.retries = retries
        self.documents = Documents()
        self.attachments = Attachments(paths.root / "attachments")
        self.space = Space()
        self.snapshot = Snapshot()
        self.ran_dry = False  # whether nothing was claimed only because something is queued
        self._history = History(paths)
        self._liveness = Liveness(paths)
        self._writer: ScriptWriter | None = None
        self._pid = os.getpid()
        self._revision = 0
        self._script: Script | None = None  # while it searches
        self._file: Path | None = None
        self._read_at = self._looked_at = -math.inf
        self._open: dict[Any, _Document] = {}  # own documents without a result on the disk
        self._begun: set[Any] = set()

    # -- reading ----------------------------------------------------------------------------

    def read(self, *, now: bool = True) -> None:
        """Record what has become of own documents, and take in what others have written."""
        self._after_fork()
        self._catch_up()
        clock = time.monotonic()
        if self._script is not None and not now and clock - self._read_at < READ_SECONDS:
            return
        first = self._looked_at < 0
        if clock - self._looked_at >= LOOK_SECONDS:
            self._looked_at = clock
            self._liveness.observe(self.snapshot)
        self._read_at = clock
        self.snapshot = self._history.refresh(self._liveness.gone)
        if first:
            self._liveness.observe(self.snapshot)  # now it is known whose journals have ended
        self._learn_space()
        self.documents.take_in(self.snapshot, self.space)

    def _learn_space(self) -> None:
        """Take over the space of the newest revision, unless this process has its own."""
        number = revisions.newest_number(self.paths) if self._script is None else self._revision
        if number != self._revision:
            self._revision = number
            self.space = revisions.load(self.paths, number).space
            self.documents.make_anew(self.snapshot, self.space)

    def _after_fork(self) -> None:
        if self._pid != os.getpid():
            self._pid, self._writer = os.getpid(), None
            self.documents.forget()
            self._open.clear()
            self._begun.clear()

    # -- searching --------------------------------------------------------------------------

    def begin_search(self, script: Script, file: Path | None) -> None:
        """Publish what is searched, if that is new. Raises SearchError, HistoryError."""
        self._after_fork()
        self.paths.create()
        self._revision = revisions.publish_script(self.paths, script)
        self.space = revisions.load(self.paths, self._revision).space
        self._script, self._file = script, file
        self._looked_at = -math.inf
        self.read()
        self.documents.make_anew(self.snapshot, self.space)

    def end_search(self) -> None:
        """Let go of everything that was not evaluated, and end the writer."""
        self._script = None
        self.close()

    def next_tids(self, count: int, deadline: float, *, wait: bool) -> list[int]:
        """Claim up to `count` trials; wait for one if others run some, up to the `deadline`.

        The latter is a value of the monotonic clock. Returns [] when the search is over for this
        process.
        """
        limit = self._limit
        while True:
            self.read()
            if self._writer is None and all_ended(self.snapshot, Budget(limit)):
                return []  # nothing to do: not even a journal is begun
            told = self.writer.heart.told
            if told.stop or time.monotonic() >= deadline:
                return []
            if told.paused is None:
                tids = self.claim(count, limit, deadline)
                self.ran_dry = not tids and bool(self._open)
                if tids or self.ran_dry or not wait or all_ended(self.snapshot, Budget(limit)):
                    return tids
            time.sleep(WAIT_SECONDS)

    def claim(self, count: int, limit: int = UNLIMITED, deadline: float = math.inf) -> list[int]:
        """Claim up to `count` trials; return their ids. A full disk is waited for."""
        tids: list[int] = []
        while len(tids) < count:
            found = self.writer.claim(self.snapshot, limit, deadline)
            if found is None:
                break
            tids.append(found.tid)
        return tids

    def known_point(self, tid: int) -> dict[str, Any] | None:
        """Return the point of a claimed trial that was begun before, None of a new one."""
        claimed = self.writer.claimed.get(tid)
        return claimed.point if claimed is not None else None

    @property
    def _limit(self) -> int:
        most = self._script.max_evals if self._script is not None else None
        return UNLIMITED if most is None else min(most, UNLIMITED)

    # -- writing ----------------------------------------------------------------------------

    @property
    def writer(self) -> ScriptWriter:
        """The writer of this process; it begins when it is first needed."""
        self._after_fork()
        if self._writer is None:
            objective = self._script.objective if self._script is not None else ""
            self._writer = ScriptWriter(
                self.paths, self._liveness, objective, self._file, retries=self.retries
            )
        return self._writer

    def insert(self, documents: list[_Document]) -> None:
        """Add documents of this process, and record what they say. Raises InvalidTrial."""
        for document in documents:
            tid = document["tid"]
            if document["state"] != NEW or isinstance(tid, int):
                _check_tid(document)
            if isinstance(tid, int) and not self.writer.take(tid):
                raise InvalidTrial(
                    f"there is a trial {tid} already: take the ids of new_trial_ids", document
                )
        self.documents.add(documents)
        self._open.update({document["tid"]: document for document in documents})
        self._catch_up()

    def begin(self, document: _Document) -> bool:
        """Record that a trial begins; return, once that is on the disk, whether it may.

        If not, another process runs it, and the document is theirs. Raises InvalidTrial.
        """
        tid = document["tid"]
        try:
            _check_tid(document)
        except InvalidTrial:
            self._forget(tid)  # or every look would raise it again
            raise
        self.documents.changed()
        point = point_of(self.space, document["misc"]["vals"])
        if not self.writer.started(tid, point, self._revision):
            self._forget(tid)
            self._leave_to_others(tid)
            return False
        self._begun.add(tid)
        return True

    def end(
        self, document: _Document, *, error: BaseException | None = None, trace: str = ""
    ) -> None:
        """Record the result of a trial; return once it is on the disk."""
        self.documents.changed()
        tid = document["tid"]
        if document["state"] == ERROR:
            counts = self.writer.finished(tid, "failed", **_failure(document, error, trace))
        else:
            counts = self.writer.finished(tid, **_result(document["result"]))
        self._forget(tid)
        if not counts:  # another process has run it as well, and its result is the one
            self._leave_to_others(tid)

    def interrupt(self, document: _Document, why: str) -> None:
        """Record that a trial was broken off, so that another process may go on with it."""
        tid = document["tid"]
        self.writer.finished(tid, "interrupted", cause="stopped", message=why)
        self._forget(tid)
        self._leave_to_others(tid)

    def close(self) -> None:
        """End the writer of this process: what it has not finished, others may run."""
        self._after_fork()
        if self._writer is None:
            return
        try:
            self._catch_up(DONE, ERROR)  # what only runs has no result to record
        finally:
            writer, self._writer = self._writer, None
            try:
                writer.close()
            finally:
                self._liveness.is_dead(writer.id)  # also where a full disk did not let it say so
                self._give_up()
        self.read()

    def _give_up(self) -> None:
        for tid in list(self._open):
            self._forget(tid)
            self.documents.give_up(tid, None, self.space)

    def _catch_up(self, *states: int) -> None:
        """Record what happened to own documents behind our back: inserted, or changed in place.

        Of those in these `states`, in all but new ones by default.
        """
        for tid, document in list(self._open.items()):
            if document["state"] not in (states or (RUNNING, DONE, ERROR)):
                continue
            if tid not in self._begun and not self.begin(document):
                continue
            if document["state"] != RUNNING:
                self.end(document)

    def _leave_to_others(self, tid: int) -> None:
        self.snapshot = self._history.refresh(self._liveness.gone)
        self.documents.give_up(tid, self.snapshot.trials.get(tid), self.space)

    def _forget(self, tid: Any) -> None:
        self._open.pop(tid, None)
        self._begun.discard(tid)


def _check_tid(document: _Document) -> None:
    tid = document["tid"]
    if not isinstance(tid, int) or tid < 0:
        raise InvalidTrial(f"the id of a trial is a whole number, not {tid!r}", document)


def _failure(document: _Document, error: BaseException | None, trace: str) -> dict[str, Any]:
    if error is not None:
        message = f"{type(error).__name__}: {error}"
    else:
        message = ": ".join(map(str, document["misc"].get("error") or ("error", "")))
    return {"cause": "error", "message": message, "traceback": trace}


def _result(result: dict[str, Any]) -> dict[str, Any]:
    """Return outcome, loss and metrics of what an objective has returned."""
    status, loss, metrics = result.get("status"), result.get("loss"), metrics_of(result)
    if status != "ok":
        said = result.get("failure") or f'the objective returned the status "{status}"'
        return {"outcome": "failed", "cause": "error", "message": str(said), "metrics": metrics}
    try:
        number = float(loss)  # type: ignore[arg-type]  # whatever it is
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if math.isfinite(number):
        return {"outcome": "ok", "loss": number, "metrics": metrics}
    text = f"loss is {loss}"
    return {"outcome": "failed", "cause": "not_finite", "message": text, "metrics": metrics}
