"""The history as a `hyperopt.Trials`: its length is the progress of the search.

Finished trials are documents in hyperopt's state DONE, running ones RUNNING, failed ones ERROR and
pruned ones CANCEL; `len()` of a Trials counts neither of the last two.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from trialdeck.core.stages import first_stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import hyperopt

    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.native_space import NativeSpace
    from trialdeck.core.space import Space

# The numbers of hyperopt.base.JOB_STATE_*, here so that a document needs no import of hyperopt.
STATES = {"interrupted": 1, "running": 1, "ok": 2, "failed": 3, "pruned": 4}


def document(trial: Trial, vals: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return hyperopt's document of one trial; `vals` are its encoded values by label."""
    misc = {
        "tid": trial.tid,
        "cmd": ("domain_attachment", "FMinIter_Domain"),
        "workdir": None,
        "idxs": {label: [trial.tid] if values else [] for label, values in vals.items()},
        "vals": dict(vals),
    }
    return {
        "state": STATES[trial.state],
        "tid": trial.tid,
        "spec": None,
        "result": _result(trial),
        "misc": misc,
        "exp_key": None,
        "owner": trial.writer,
        "version": 0,
        "book_time": _time(trial.started_at),
        "refresh_time": _time(trial.finished_at),
    }


def _result(trial: Trial) -> dict[str, Any]:
    if trial.state == "ok":
        return {"status": "ok", "loss": trial.loss, **_without_loss(trial.metrics)}
    if trial.state in ("failed", "pruned"):
        return {"status": "fail", "failure": trial.message or trial.cause}
    return {"status": "new"}


def _without_loss(metrics: dict[str, Any]) -> dict[str, Any]:
    """Leave out the names that have a meaning of their own in a result."""
    return {name: value for name, value in metrics.items() if name not in ("loss", "status")}


def _time(seconds: float | None) -> datetime | None:
    # hyperopt stores times without a zone, in UTC.
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None) if seconds else None


def as_trials(documents: Iterable[dict[str, Any]]) -> hyperopt.Trials:
    """Return a `hyperopt.Trials` that holds these documents as they are."""
    import hyperopt

    trials = hyperopt.Trials()
    trials._dynamic_trials = list(documents)  # noqa: SLF001 - insert_trial_docs copies every document
    trials.refresh()
    return trials


def progress_trials(snapshot: Snapshot, space: Space) -> hyperopt.Trials:
    """Return the trials that count as progress, and beside them the failed and pruned ones.

    Values are encoded as hyperopt's users know them (`native_space`). A point that the space cannot
    express any more has none; running trials are left out: `len()` is the number of finished ones.
    Only trials of stage 0 are in it: losses on a part of the sample are not mixed with others.
    """
    from trialdeck.core.native_space import NativeSpace

    native = NativeSpace.of(space)
    settled = (trial for trial in first_stage(snapshot) if trial.state.settled)
    return as_trials(_settled_document(trial, native) for trial in settled)


def _settled_document(trial: Trial, space: NativeSpace) -> dict[str, Any]:
    try:
        vals = space.encode(trial.point)
    except ValueError:  # NotNative
        vals = {dimension.name: [] for dimension in space.dimensions}
    return document(trial, vals)
