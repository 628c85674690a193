"""The documents that a `HistoryTrials` holds: those of this process, and those of the others."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from trialdeck.core.history.snapshot import Trials
from trialdeck.core.scripts.points import result_of, vals_of
from trialdeck.core.stages import SEARCHING, stage_of
from trialdeck.core.trials import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.space import Space

NEW, RUNNING, DONE, ERROR = range(4)  # hyperopt.base.JOB_STATE_*


class Documents:
    """Documents in the order in which they were met.

    Those of this process (`own`) are never replaced: `fmin` changes them in place. Those of others
    are made of the history, and changed in place when it changes.
    """

    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []
        self.own: dict[Any, dict[str, Any]] = {}
        self.version = 0  # grows when any of them has changed
        self.exp_key: str | None = None
        self._queue: deque[dict[str, Any]] = deque()
        self._others: dict[int, dict[str, Any]] = {}
        self._seen = Trials({}, 0)

    def take_in(self, snapshot: Snapshot, space: Space) -> None:
        """Bring the documents of others up to date."""
        if snapshot.trials is self._seen:
            return
        self.version += 1
        for trial in snapshot.trials.changed_since(self._seen):
            if trial.tid not in self.own and stage_of(trial.tid) == SEARCHING:
                self._take_in(trial, space)
        self._seen = snapshot.trials

    def make_anew(self, snapshot: Snapshot, space: Space) -> None:
        """Bring them up to date with another space."""
        self._seen = Trials({}, 0)
        self.take_in(snapshot, space)

    def add(self, documents: list[dict[str, Any]]) -> None:
        """Add documents of this process."""
        self.version += 1
        for made in documents:
            known = self._others.pop(made["tid"], None)
            if known is not None:  # another process had begun it
                self.all[:] = [one for one in self.all if one is not known]
            self.all.append(made)
            self.own[made["tid"]] = made
            if made["state"] == NEW:
                self._queue.append(made)

    def queued(self) -> Iterator[dict[str, Any]]:
        """Yield what waits to be evaluated here, each once."""
        while self._queue:
            made = self._queue.popleft()
            if made["state"] == NEW and self.own.get(made["tid"]) is made:
                yield made

    def forget(self) -> None:
        """Have nothing, and read all of it anew."""
        self.version += 1
        self.all.clear()
        self.own.clear()
        self._queue.clear()
        self._others.clear()
        self._seen = Trials({}, 0)

    def give_up(self, tid: Any, trial: Trial | None, space: Space) -> None:
        """Have a document no longer as one of this process; `trial` is what others know of it."""
        self.version += 1
        made = self.own.pop(tid)
        if trial is None:
            self.all[:] = [one for one in self.all if one is not made]
        else:
            self._others[tid] = made
            self._take_in(trial, space)

    def changed(self) -> None:
        """Note that an own document has changed its state."""
        self.version += 1

    def _take_in(self, trial: Trial, space: Space) -> None:
        made = as_document(trial, space) if trial.start is not None else None
        known = self._others.get(trial.tid)
        if made is None:
            if known is not None:
                del self._others[trial.tid]
                self.all[:] = [one for one in self.all if one is not known]
            return
        made["exp_key"] = self.exp_key
        if known is not None:
            known.clear()
            known.update(made)
        else:
            self._others[trial.tid] = made
            self.all.append(made)


def as_document(trial: Trial, space: Space) -> dict[str, Any]:
    """Return the document of a trial as the `fmin` that ran it has it."""
    made = document(trial, vals_of(space, trial.point))
    if trial.state not in ("ok", "failed"):
        return made
    status = str(trial.metric("status") or "")
    if trial.state == "ok":
        made["result"] = result_of(trial.metrics, trial.loss, "ok")
    elif trial.cause == "not_finite":
        made |= {"state": DONE, "result": result_of(trial.metrics, None, "ok")}
    elif status:
        made |= {"state": DONE, "result": result_of(trial.metrics, None, status)}
    else:
        kind, _, text = trial.message.partition(": ")
        made["misc"]["error"] = (kind or trial.cause, text)
    return made
