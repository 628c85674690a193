"""Trials as files have them, in one form whatever the file: hyperopt's documents, our own rows."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from trialdeck.core.history.codec import shorten
from trialdeck.core.history.events import Cause, Outcome
from trialdeck.core.pickled_types import OPAQUE, plain
from trialdeck.core.reading import is_number
from trialdeck.core.stages import SEARCHING, stage_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.core.native_space import NativeSpace
    from trialdeck.core.space import Point

NOT_FINISHED = "not finished"
NO_LOSS = "finished without a loss"
NO_TRIAL = "not readable as trials"
LATER_STAGE = "of a later stage"
CANCELLED = "cancelled by hyperopt"
_SETTLED = ("ok", "failed", "pruned")
_CAUSES = ("error", "not_finite", "time_limit", "out_of_memory", "killed", "lost", "preempted")
_TEXT_LIMIT = 1000  # of a metric, as for those that an objective returns
_LATEST = 1e11  # seconds since 1970, the year 5138
# hyperopt.base.JOB_STATE_*
_NEW, _RUNNING, _ERROR, _CANCEL = 0, 1, 3, 4


class Skipped(Exception):
    """A trial that cannot be imported; its text is the reason, the same for many trials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One settled trial of a file. `loss` was minimised; times are seconds since 1970, 0: unknown.

    `point` has the file's values, which need not fit any space.
    """

    tid: int | None
    outcome: Outcome  # ok, failed, pruned
    point: Point
    loss: float | None
    metrics: dict[str, Any]
    cause: Cause
    message: str
    traceback: str
    seconds: float
    started: float
    finished: float


@dataclass
class Contents:
    """What a file holds, and what is left out of it: trials by reason, results by name."""

    records: list[Record] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    note: str = ""

    def add(self, row: Mapping[str, Any]) -> None:
        """Add the trial of a row, or the reason why not."""
        try:
            self.records.append(_record(row, self.left_out))
        except Skipped as skipped:
            self.skipped[str(skipped)] += 1

    def add_document(self, document: Any, space: NativeSpace) -> None:
        """Add the trial of one of hyperopt's documents, or the reason why not."""
        try:
            row = _row_of(document, space)
        except Skipped as skipped:
            self.skipped[str(skipped)] += 1
        else:
            self.add(row)


def _record(row: Mapping[str, Any], left_out: Counter[str]) -> Record:
    """Return the trial of a row: an object of our JSON export, or what has its form.

    Results that are neither numbers nor texts are counted in `left_out`. Raises `Skipped`.
    """
    outcome, loss, point = row.get("state"), row.get("loss"), row.get("params")
    if outcome in ("running", "interrupted"):
        raise Skipped(NOT_FINISHED)
    if outcome not in _SETTLED or type(point) is not dict:
        raise Skipped(NO_TRIAL)
    if outcome == "ok" and not is_number(loss):
        raise Skipped(NO_LOSS)
    if (tid := _tid(row.get("tid"))) is not None and stage_of(tid) != SEARCHING:
        raise Skipped(LATER_STAGE)
    started, finished = _time(row.get("started")), _time(row.get("finished"))
    cause = row.get("cause")
    return Record(
        tid=tid,
        outcome=cast(Outcome, outcome),
        point=point,
        loss=float(loss) if loss is not None and is_number(loss) else None,
        metrics=dict(_metrics(row.get("metrics"), left_out)),
        cause=cast(Cause, cause if cause in _CAUSES else ""),
        message=_text(row.get("message")),
        traceback=_text(row.get("traceback")),
        seconds=_seconds(row.get("seconds"), started, finished),
        started=started,
        finished=finished,
    )


def _row_of(document: Any, space: NativeSpace) -> dict[str, Any]:
    """Return one of hyperopt's documents as a row. Raises `Skipped`."""
    if type(document) is not dict:
        raise Skipped(NO_TRIAL)
    misc, result = _dict(document.get("misc")), _dict(document.get("result"))
    if not _dict(misc.get("vals")):
        raise Skipped(NO_TRIAL)
    row = {
        "tid": document.get("tid"),
        "params": space.decode(misc["vals"]),
        "metrics": result,
        "message": _error(misc, result),
        "started": document.get("book_time"),
        "finished": document.get("refresh_time"),
    }
    if said := _dict(misc.get("trialdeck")):  # what hyperopt has no words for, in our own files
        return {**row, "loss": plain(result.get("loss")), **said}
    return {**row, **_judgement(document.get("state"), result, row["message"])}


def _judgement(state: Any, result: dict[Any, Any], error: Any) -> dict[str, Any]:
    """Return state, loss, cause and message of a document that hyperopt made."""
    status, loss = result.get("status"), plain(result.get("loss"))
    if state in (_NEW, _RUNNING) or status in ("new", "running", "suspended"):
        raise Skipped(NOT_FINISHED)
    if state == _CANCEL:
        raise Skipped(CANCELLED)
    if state == _ERROR or status == "fail":
        message = error or "hyperopt has recorded no reason"
        return {"state": "failed", "cause": "error", "message": message}
    if isinstance(loss, float) and not math.isfinite(loss):
        return {"state": "failed", "cause": "not_finite", "message": f"loss is {loss}"}
    return {"state": "ok", "loss": loss}


def _error(misc: dict[Any, Any], result: dict[Any, Any]) -> str:
    """Return the text of a failure: a pair of type and message, or what the objective said."""
    error = misc.get("error")
    if isinstance(error, list | tuple):
        return ": ".join(part for part in error if type(part) is str)
    return next((text for key in ("failure", "error") if (text := _text(result.get(key)))), "")


def _metrics(values: Any, left_out: Counter[str]) -> list[tuple[str, Any]]:
    kept = []
    for name, item in _dict(values).items():
        value = plain(item)
        if type(name) is not str or name == "status" or item is None:
            continue
        if value is OPAQUE:
            left_out[name] += 1
        elif isinstance(value, float) and not math.isfinite(value):
            kept.append((name, str(value)))
        else:
            kept.append((name, value[:_TEXT_LIMIT] if isinstance(value, str) else value))
    return kept


def _dict(value: Any) -> dict[Any, Any]:
    return value if type(value) is dict else {}


def _text(value: Any) -> str:
    return shorten(value) if type(value) is str else ""


def _tid(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _seconds(value: Any, started: float, finished: float) -> float:
    if is_number(value) and 0 <= value < _LATEST:
        return float(value)
    return round(max(0.0, finished - started), 3) if started and finished else 0.0


def _time(value: Any) -> float:
    """Return seconds since 1970 of any spelling of a time, 0 for what is none."""
    if type(value) is str:
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return 0.0
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return round(float(value), 3) if is_number(value) and 0 < value < _LATEST else 0.0
