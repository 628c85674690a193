"""The trials of a search as files for other programs: hyperopt's Trials.p, CSV, JSON."""

from __future__ import annotations

import csv
import io
import os
import pickle
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from trialdeck.core.errors import TrialsFileError
from trialdeck.core.history import disk
from trialdeck.core.native_space import NativeSpace, NotNative
from trialdeck.core.stages import first_stage
from trialdeck.core.trials import as_trials, document
from trialdeck.core.trials_reading import METRIC, PARAM, cell_of
from trialdeck.core.trials_records import NOT_FINISHED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.space import Space

# Python 3.4 and later read it, and with it every hyperopt that runs today.
PICKLE_PROTOCOL = 4


@dataclass(frozen=True, slots=True)
class Exported:
    """How many trials were written, and why others are not in the file: reason -> count."""

    trials: int
    left_out: dict[str, int] = field(default_factory=dict)


def export_pickle(snapshot: Snapshot, space: Space, path: Path, *, force: bool = False) -> Exported:
    """Write a Trials.p that `pickle.load` makes a `hyperopt.Trials` of, to look at or resume.

    Values are encoded as hyperopt's own (see `native_space`), tids are kept. Failed and pruned
    trials are in it, in the states that `len()` leaves out; trials that have not finished are not,
    nor are those of later stages (see `stages`).
    Raises `TrialsFileError`.
    """
    if not force and os.path.lexists(path):
        raise _exists(path)  # before hyperopt is loaded
    native = NativeSpace.of(space)
    documents: list[dict[str, Any]] = []
    left_out: Counter[str] = Counter()
    for trial in first_stage(snapshot):
        try:
            documents.append(_document(trial, native))
        except NotNative as reason:
            left_out[str(reason)] += 1
    trials = as_trials(documents)
    # hyperopt takes the number of ids for the next new one: with gaps, that would be a used one.
    trials._ids.update(range(snapshot.highest_tid + 1))  # noqa: SLF001 - there is no other way
    _write(path, pickle.dumps(trials, protocol=PICKLE_PROTOCOL), force=force)
    return Exported(len(documents), dict(left_out))


def export_csv(snapshot: Snapshot, path: Path | TextIO, *, force: bool = False) -> Exported:
    """Write one line per trial, in UTF-8.

    Columns ``params.NAME`` and ``metrics.NAME`` hold what `cell_of` makes of the values, an empty
    cell where there is none. `loss` is what is minimised; times are ISO 8601 in UTC.
    """
    trials = list(snapshot.trials.values())
    params = _names(trial.point for trial in trials)
    metrics = _names(trial.metrics for trial in trials)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(
        [
            *("tid", "state", "loss"),
            *(METRIC + name for name in metrics),
            *(PARAM + name for name in params),
            *("cause", "message", "seconds", "started", "finished", "writer", "host", "stage"),
        ]
    )
    for trial in trials:
        writer.writerow(_line(trial, metrics, params, _host(snapshot, trial)))
    if isinstance(path, Path):
        _write(path, text.getvalue().encode("utf-8", "backslashreplace"), force=force)
    else:
        path.write(text.getvalue())
    return Exported(len(trials))


def export_json(snapshot: Snapshot, path: Path, *, force: bool = False) -> Exported:
    """Write one list with an object per trial: everything that is known of it.

    Times are seconds since 1970; numbers that are not finite are texts ("nan", "inf", "-inf").
    """
    rows = [_row(snapshot, trial) for trial in snapshot.trials.values() if trial.ever_began]
    content = msgspec.json.format(msgspec.json.encode(rows), indent=1) + b"\n"
    _write(path, content, force=force)
    return Exported(len(rows))


# -- one trial --------------------------------------------------------------------------------


def _document(trial: Trial, space: NativeSpace) -> dict[str, Any]:
    if not trial.state.settled:
        raise NotNative(NOT_FINISHED)
    if trial.start is None:
        raise NotNative("without a known point")
    made = document(trial, space.encode(trial.point))
    # For our own import: what hyperopt has no words for.
    made["misc"]["trialdeck"] = {
        "state": str(trial.state),
        "cause": trial.cause,
        "message": trial.message,
        "metrics": dict(trial.metrics),
        "seconds": trial.seconds,
    }
    return made


def _line(trial: Trial, metrics: list[str], params: list[str], host: str) -> list[str]:
    return [
        str(trial.tid),
        str(trial.state),
        cell_of(trial.loss),
        *(cell_of(trial.metrics.get(name)) for name in metrics),
        *(cell_of(trial.point.get(name)) for name in params),
        trial.cause,
        trial.message,
        cell_of(trial.seconds),
        _iso(trial.started_at),
        _iso(trial.finished_at),
        trial.writer,
        host,
        str(trial.stage),
    ]


def _row(snapshot: Snapshot, trial: Trial) -> dict[str, Any]:
    environment = snapshot.environments.get(trial.environment)
    return {
        "tid": trial.tid,
        "state": trial.state,
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
        "writer": trial.writer,
        "host": _host(snapshot, trial),
        "core": trial.core,
        "seed": trial.seed,
        "stage": trial.stage,
        "origin": trial.origin,
        "revision": trial.revision,
        "attempt": trial.attempt,
        "attempts": trial.attempts,
        "environment": environment and msgspec.structs.asdict(environment),
    }


def _names(tables: Iterable[dict[str, Any]]) -> list[str]:
    """Return every name once, in the order in which they first appear."""
    return list({name: None for table in tables for name in table})


def _host(snapshot: Snapshot, trial: Trial) -> str:
    environment = snapshot.environments.get(trial.environment)
    if environment is not None and environment.host:
        return environment.host
    writer = snapshot.writers.get(trial.writer)
    return writer.opened.host if writer is not None and writer.opened is not None else ""


def _iso(seconds: float | None) -> str:
    if not seconds:
        return ""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


# -- the file ---------------------------------------------------------------------------------


def _write(path: Path, content: bytes, *, force: bool) -> None:
    """Write the whole file under another name, then give it its own in one operation."""
    reserved = False
    try:
        if not force:
            # An empty file of ours keeps the name free from here on.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
            reserved = True
        disk.replace(path, content)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        if reserved:
            with suppress(OSError):
                path.unlink()
        error.filename = str(path)
        raise TrialsFileError(f"the trials cannot be written: {disk.explain(error)}") from error


def _exists(path: Path) -> TrialsFileError:
    return TrialsFileError(f"{path} exists; choose another name, or replace it with --force")
