"""Takes the trials of a file over into a history, each once however often it is imported."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from trialdeck.core.compatibility import fit
from trialdeck.core.errors import HistoryError, TrialsFileError
from trialdeck.core.history import claims, disk
from trialdeck.core.history.codec import encode
from trialdeck.core.history.events import FORMAT_VERSION, Closed, Finished, Opened, Started
from trialdeck.core.history.journal import new_writer_id
from trialdeck.core.history.parts import part_name
from trialdeck.core.history.reader import History
from trialdeck.core.history.trial import IMPORTED
from trialdeck.core.reading import is_number, shown
from trialdeck.core.trials_reading import read_bytes, read_trials

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from trialdeck.core.compatibility import Fit
    from trialdeck.core.history.events import Event, TrialEvent
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.space import Point, Space
    from trialdeck.core.trials_records import Contents, Record

Direction = Literal["minimize", "maximize"]
KNOWN = "already in the history"
EPOCH = 1_000_000  # tids from here on are handed out by others


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How many trials were imported, and why others were not: reason -> count.

    `sentences` say the same for people, and what they should know besides.
    """

    imported: int
    skipped: dict[str, int] = field(default_factory=dict)
    sentences: tuple[str, ...] = ()


def import_trials(
    paths: HistoryPaths,
    file: Path,
    space: Space,
    *,
    direction: Direction = "minimize",
    metric: str = "",
    fixed: Mapping[str, Any] | None = None,
    revision: int = 0,
) -> ImportResult:
    """Import a Trials.p of hyperopt, or our own JSON or CSV export, into the history at `paths`.

    What is minimised is `metric` of the file's results where they have it, with the sign that
    `direction` asks for, else the file's own loss, as it is. Trials with a value for one of
    `fixed` must agree with it. `revision` is recorded as theirs.

    A trial with the point and the result of one that the history has is the same trial: nothing is
    imported twice. An empty history keeps the tids of the file; otherwise they get new ones.

    Raises `TrialsFileError` for the file, `HistoryError` for the history.
    """
    data = read_bytes(file)
    contents = read_trials(file, data, space)
    measured = [_measured(record, metric, direction) for record in contents.records]
    fitted = _fitted(file, measured, space, fixed or {})
    history = History(paths)
    imported = None
    while imported is None:  # again only when others have added trials of this file meanwhile
        writer = _free_writer(paths, hashlib.sha256(data).hexdigest()[:16])
        snapshot = history.refresh()
        records = _without_known(snapshot, measured, fitted, space)
        imported = _record(paths, writer, snapshot, records, revision)
    known = Counter({KNOWN: len(fitted.usable) - len(records)})
    skipped = contents.skipped + Counter(fitted.reasons) + known
    sentences = [
        _summary(file, records, imported, skipped),
        *_remarks(space, measured, contents, metric),
        *_remarks_on_defaults(fitted),
    ]
    return ImportResult(len(records), dict(skipped), tuple(sentences))


def _free_writer(paths: HistoryPaths, content: str) -> str:
    """Return a writer's id for the content of a file.

    Chosen before the history is read: whoever imports the same file meanwhile takes the same id,
    and there can be only one journal of that name.
    """
    writer, number = f"import-{content}", 1
    while os.path.lexists(paths.journal / part_name(writer, 0)):
        number += 1
        writer = f"import-{content}-{number}"
    return writer


def _measured(record: Record, metric: str, direction: Direction) -> Record:
    """Return the record with the loss that this search minimises, and with its metric."""
    if record.outcome != "ok" or record.loss is None:
        return record
    sign = -1 if direction == "maximize" else 1
    name = metric or "loss"
    value = record.metrics.get(name)
    if name == "loss":
        return replace(record, metrics={**record.metrics, "loss": sign * record.loss})
    if is_number(value) and value is not None:
        return replace(record, loss=sign * float(value))
    return record


def _fitted(file: Path, records: Iterable[Record], space: Space, fixed: Mapping[str, Any]) -> Fit:
    try:
        return fit(space, fixed, ((i, record.point, {}) for i, record in enumerate(records)))
    except RecursionError as error:
        raise TrialsFileError(f"{file}: values are lists in lists in lists …") from error


def _without_known(
    snapshot: Snapshot, records: list[Record], fitted: Fit, space: Space
) -> list[Record]:
    """Return the fitting records as points of the space, without those that the history has."""
    settled = [trial for trial in snapshot.trials.values() if trial.state.settled]
    # Seen in the same space: a dimension that came later has its default in both.
    seen = fit(space, {}, ((trial.tid, trial.point, {}) for trial in settled)).usable
    known = Counter(_identity(seen.get(t.tid, t.point), t.state, t.loss) for t in settled)
    new = []
    for index, point in fitted.usable.items():
        record = replace(records[index], point=point)
        identity = _identity(point, record.outcome, record.loss)
        if known[identity]:
            known[identity] -= 1  # a file may have the same point with the same result twice
        else:
            new.append(record)
    return new


def _identity(point: Point, outcome: str, loss: float | None) -> bytes:
    values = {
        name: float(value) if is_number(value) else value for name, value in sorted(point.items())
    }
    return msgspec.json.encode([values, str(outcome), loss if outcome == "ok" else None])


def _tids(paths: HistoryPaths, writer: str, snapshot: Snapshot, records: list[Record]) -> list[int]:
    """Claim a tid for each record: its own when the history is empty, else a new one."""
    wanted = {record.tid for record in records} if snapshot.highest_tid < 0 else set()
    kept = {tid for tid in wanted if tid is not None and tid < EPOCH}
    higher = max([snapshot.highest_tid, *kept]) + 1
    tids = []
    for record in records:
        # Processes that wrote one Trials.p at once have given the same tid to several trials.
        own = record.tid in kept
        kept.discard(record.tid)
        tid = record.tid if own else None
        while tid is None or claims.take(paths, tid, 0, writer) != writer:
            tid, higher = higher, higher + 1
        tids.append(tid)
    return tids


def _record(
    paths: HistoryPaths, writer: str, snapshot: Snapshot, records: list[Record], revision: int
) -> list[int] | None:
    """Record the trials and return their tids; None when the writer's journal exists by now."""
    if not records:
        return []
    tids = _tids(paths, writer, snapshot, records)
    now = round(time.time(), 3)
    opened = Opened(writer=writer, at=now, v=FORMAT_VERSION, kind="import", host=platform.node())
    events: list[Event] = [opened]
    for record, tid in zip(records, tids, strict=True):
        events += _events(record, writer, tid, revision, now)
    events.append(Closed(writer=writer, at=now))
    path = paths.journal / part_name(writer, 0)
    try:
        return tids if _publish(path, b"".join(map(encode, events))) else None
    except OSError as error:
        raise HistoryError(f"the trials cannot be recorded: {disk.explain(error)}") from error


def _publish(path: Path, content: bytes) -> bool:
    """Make the whole journal appear at once; return whether it is ours that is there now.

    A link, unlike a rename, never replaces. Nobody ever sees a part: neither readers, nor whoever
    imports the same file at the same time, nor we after a power cut.
    """
    temporary = path.with_name(f".{path.name}.{new_writer_id()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        disk.replace(temporary, content)
        path.hardlink_to(temporary)
    except FileExistsError:
        return path.samefile(temporary)  # a server may have linked it, and then lost its answer
    finally:
        temporary.unlink(missing_ok=True)
    disk.sync_folder(path.parent)
    return True


def _events(
    record: Record, writer: str, tid: int, revision: int, now: float
) -> Iterator[TrialEvent]:
    yield Started(
        writer=writer,
        at=record.started or record.finished or now,
        tid=tid,
        point=record.point,
        revision=revision,
        origin=IMPORTED,
    )
    yield Finished(
        writer=writer,
        at=record.finished or record.started or now,
        tid=tid,
        outcome=record.outcome,
        loss=record.loss,
        metrics=record.metrics,
        cause=record.cause,
        message=record.message,
        traceback=record.traceback,
        seconds=record.seconds,
    )


# -- in words ---------------------------------------------------------------------------------


def _summary(file: Path, records: list[Record], tids: list[int], skipped: Counter[str]) -> str:
    count = "one trial" if len(records) == 1 else f"{len(records) or 'no'} trials"
    text = f"imported {count} from {file}"
    if tids:
        low, high = min(tids), max(tids)
        text += f" as trial {low}" if low == high else f", numbered from {low} to {high}"
    losses = [r.loss for r in records if r.outcome == "ok" and r.loss is not None]
    if losses:
        text += f"; their lowest loss is {shown(min(losses))}"
    if failed := sum(record.outcome == "failed" for record in records):
        text += f"; {failed} of them failed"
    if skipped:
        reasons = (f"{count} {reason}" for reason, count in skipped.most_common())
        text += f"; left out: {', '.join(reasons)}"
    return text


def _remarks(space: Space, records: list[Record], contents: Contents, metric: str) -> Iterator[str]:
    labels = {name for record in records for name in record.point}
    foreign = sorted(labels - {dimension.name for dimension in space.dimensions})
    missing = [
        d.name
        for d in space.dimensions
        if d.parent is None and d.default is None and d.name not in labels
    ]
    if foreign:
        yield f"the space has no dimension {_listed(foreign)}: that is ignored"
    if missing and records:
        yield (
            f"the file has no {_listed(missing)}: give such a dimension a default, or the name "
            f"that it has in the file"
        )
    ok = [record for record in records if record.outcome == "ok"]
    without = sum(metric not in record.metrics for record in ok) if metric else 0
    if without:
        yield f"{without} of {len(ok)} trials have no {metric}: their loss is the one of the file"
    if contents.left_out:
        yield f"neither numbers nor texts, so left out of the results: {_listed(contents.left_out)}"
    if contents.note:
        yield contents.note


def _remarks_on_defaults(fitted: Fit) -> Iterator[str]:
    for name, value in fitted.defaults.items():
        yield f"trials without a value for {name} get its default {shown(value)}"


def _listed(names: Iterable[str]) -> str:
    """Return names out of a file for a sentence: the first ten, nothing that a terminal obeys."""
    names = [name if name.isprintable() else repr(name) for name in names]
    return ", ".join(name[:60] for name in names[:10]) + (", …" if len(names) > 10 else "")
