"""What has happened lately in a search, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from trialdeck.core.history.events import Lost
from trialdeck.core.history.snapshot import Snapshot, TrialState
from trialdeck.core.stages import stage_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trialdeck.core.history.snapshot import Trial, WriterInfo

KEPT = 200
MANY = 1000  # so many new trials at once are not looked at one by one
LONGEST = 200  # characters of a message


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that has happened; `at` is in seconds since 1970.

    `kind` is best, ok, failed, pruned, interrupted, running, pool or trouble. `text` is one line
    without control characters.
    """

    at: float
    kind: str
    tid: int | None
    text: str


class Happenings:
    """Keeps the newest happenings; each look costs what is new.

    Of a history that is there already it tells the trials with the highest tids, and which trial
    is the best, but not which ones were the best at their time.
    """

    def __init__(self) -> None:
        self._snapshot = Snapshot()
        self._known: dict[tuple[object, ...], Happening] = {}  # by what tells them apart
        self._latest: tuple[Happening, ...] = ()

    def update(self, snapshot: Snapshot) -> tuple[Happening, ...]:
        """Return what has happened lately, the oldest first; the same tuple if nothing is new."""
        before, self._snapshot = self._snapshot, snapshot
        if snapshot is before:
            return self._latest
        count = len(self._known)
        if snapshot.trials is not before.trials:
            self._add_trials(before, snapshot)
        if snapshot.writers is not before.writers:
            for info in snapshot.writers.values():
                self._add_writer(info)
        if snapshot.troubles is not before.troubles:
            for trouble in snapshot.troubles[-KEPT:]:
                said = Happening(trouble.at, "trouble", None, _plain(trouble.text))
                self._known.setdefault(("trouble", trouble.writer, trouble.at, said.text), said)
        if len(self._known) != count:
            self._keep_newest()
        return self._latest

    def _add_trials(self, before: Snapshot, after: Snapshot) -> None:
        best_before = before.trials[before.best] if before.best is not None else None
        loss = best_before.loss if best_before is not None else None
        began = (trial for trial in _changed(before, after) if trial.ever_began)
        for trial in sorted(began, key=_when):
            best = trial.tid == after.best
            compares = best_before is None or stage_of(best_before.tid) == stage_of(trial.tid)
            ok = trial.state == TrialState.OK and compares
            if ok and trial.loss is not None and len(before.trials):
                best = best or loss is None or trial.loss < loss
                loss = trial.loss if loss is None else min(loss, trial.loss)
            self._add_trial(trial, best=best)

    def _add_trial(self, trial: Trial, *, best: bool) -> None:
        key = ("trial", trial.tid, trial.attempt, trial.state)
        kind = "best" if best and trial.state == TrialState.OK else str(trial.state)
        at, tid = _when(trial)
        self._known.setdefault(key, Happening(at, kind, tid, _text(trial, kind)))
        if isinstance(trial.end, Lost):
            lost = Happening(trial.end.at, "pool", None, self._lost(trial.end))
            self._known.setdefault(("lost", trial.end.holder), lost)

    def _lost(self, lost: Lost) -> str:
        info = self._snapshot.writers.get(lost.holder)
        place = _place(info) if info is not None else lost.holder
        return f"the pool {place} was lost{_said(lost.message)}"

    def _add_writer(self, info: WriterInfo) -> None:
        opened = info.opened
        if opened is None or opened.kind not in ("pool", "script"):
            return
        name = f"{opened.kind} {_place(info)}"
        begun = Happening(opened.at, "pool", None, f"a {name} has begun")
        self._known.setdefault(("begun", info.id), begun)
        if info.closed_at is not None:
            ended = Happening(info.closed_at, "pool", None, f"the {name} has ended")
            self._known.setdefault(("ended", info.id), ended)

    def _keep_newest(self) -> None:
        newest = sorted(self._known.items(), key=lambda item: _order(item[1]))[-KEPT:]
        self._known = dict(newest)
        latest = tuple(happening for _, happening in newest)
        if latest != self._latest:
            self._latest = latest


def _changed(before: Snapshot, after: Snapshot) -> Iterable[Trial]:
    """Return the trials to tell of, in no order."""
    if len(before.trials) and len(after.trials) - len(before.trials) < MANY:
        return after.trials.changed_since(before.trials)
    return _newest(after)


def _newest(snapshot: Snapshot) -> Iterator[Trial]:
    """Yield the trials with the highest tids, those that run, and the best."""
    found = {trial.tid: trial for trial in islice(snapshot.trials.newest_first(), KEPT)}
    others = {*sorted(snapshot.unfinished)[-KEPT:]}
    if snapshot.best is not None:
        others.add(snapshot.best)
    found |= {tid: snapshot.trials[tid] for tid in others}
    yield from found.values()


def _when(trial: Trial) -> tuple[float, int]:
    return trial.finished_at or trial.started_at or 0.0, trial.tid


def _order(happening: Happening) -> tuple[float, int, str, str]:
    tid = happening.tid if happening.tid is not None else -1
    return happening.at, tid, happening.kind, happening.text


def _text(trial: Trial, kind: str) -> str:
    name = f"trial {trial.tid}"
    if kind == "best":
        return f"{name} is the best so far"
    if kind == "ok":
        return f"{name} has finished"
    if kind == "running":
        again = f", attempt {trial.attempt}" if trial.attempt else ""
        return f"{name} has started{again}"
    if kind == "interrupted" and trial.cause == "queued":
        return f"{name} waits to run" + (f" ({_plain(trial.origin)})" if trial.origin else "")
    if isinstance(trial.end, Lost):
        return f"{name} was lost{_said(trial.message)}"
    if kind == "interrupted" and trial.cause == "preempted" and trial.message:
        return f"{name} was interrupted{_said(trial.message)}"
    if kind == "pruned" and trial.message.startswith("pruned "):
        return f"{name} was {_plain(trial.message)}"
    cause = f" ({trial.cause})" if trial.cause else ""
    was = "has failed" if kind == "failed" else f"was {kind}"
    return f"{name} {was}{cause}{_said(trial.message)}"


def _said(message: str) -> str:
    message = _plain(message)
    return f": {message}" if message else ""


def _place(info: WriterInfo) -> str:
    host = info.opened.host if info.opened is not None else ""
    return f"on {_plain(host)}" if host else info.id


def _plain(text: str) -> str:
    """Return the first line that says something, without what would upset a terminal."""
    lines = ("".join(c if c.isprintable() else " " for c in line) for line in text.splitlines())
    line = next(filter(None, map(str.strip, lines)), "")
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
