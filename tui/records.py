"""What scripts get of a trial with `--json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialdeck.core.history.snapshot import Snapshot, Trial


def record(snapshot: Snapshot, trial: Trial) -> dict[str, Any]:
    """Return a trial as plain data; `environment` is None where its start is not known."""
    return {
        "tid": trial.tid,
        "state": str(trial.state),
        "loss": trial.loss,
        "params": trial.point,
        "metrics": trial.metrics,
        "cause": trial.cause,
        "message": trial.message,
        "traceback": trial.traceback,
        "seconds": trial.seconds,
        "steps": trial.steps,
        "started": trial.started_at,
        "finished": trial.finished_at,
        "origin": trial.origin,
        "revision": trial.revision,
        "seed": trial.seed,
        "stage": trial.stage,
        "writer": trial.writer,
        "core": trial.core,
        "attempt": trial.attempt,
        "attempts": trial.attempts,
        "environment": snapshot.environments.get(trial.environment),
    }
