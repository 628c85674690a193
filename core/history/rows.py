"""The short lines of a journal: plain starts and results as JSON arrays, as nearly all are.

An object that names every value takes nearly twice the room. So the first attempt at a trial of the
home writes ::

    ["started","<writer>",tid,at,"<setting>",core,seed,[values of the point],"<checksum>"]
    ["finished","<writer>",tid,at,"ok",loss,{metrics},seconds,steps,"<checksum>"]

What many starts have in common, the names of these values too, is a `Setting`. Its id follows from
its content, so that whichever journal has it will do, and a writer says it again and again: damage
in one place never takes away more than a trial. Among the metrics null stands for the loss.
Everything else, a later attempt or a failure say, is an object; see `codec`.
"""

from __future__ import annotations

import base64
import hashlib
import math
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.history import codec
from trialdeck.core.history.codec import BadLine
from trialdeck.core.history.events import AnyEvent, Event, Finished, Outcome, Setting, Started
from trialdeck.core.history.trial import SETTLED

if TYPE_CHECKING:
    from collections.abc import Callable

_OFTEN = 64  # starts after which a setting is said again at the latest
_HOME = ("home", 0, 0, 0)  # site, epoch, attempt, stage
_SCALARS = (float, int, str, bool)


class _Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    writer: str
    tid: int
    at: float


class _StartRow(_Row, tag="started", frozen=True, gc=False):
    setting: str
    core: int
    seed: int
    point: list[Any]


class _EndRow(_Row, tag="finished", frozen=True, gc=False):
    outcome: Outcome
    loss: float
    metrics: dict[str, Any]
    seconds: float
    steps: int


_encode = msgspec.json.Encoder().encode
_decode: Callable[[bytes], _StartRow | _EndRow] = msgspec.json.Decoder(_StartRow | _EndRow).decode


class RowEncoder:
    """Turns the events of one writer into lines, as short as they may be."""

    def __init__(self) -> None:
        self._ids: dict[tuple[Any, ...], str] = {}
        self._said: dict[str, int] = {}  # starts of each setting so far

    def encode(self, event: Event) -> bytes:
        """Return the line of an event with its newline; of a start perhaps its setting before."""
        if type(event) is Started:
            return self._start(event)
        if type(event) is Finished:
            return _end(event)
        return codec.encode(event)

    def _start(self, event: Started) -> bytes:
        point = event.point
        if event.origin or _place(event) != _HOME or not _is_plain(point):
            return codec.encode(event)
        key = (event.revision, event.environment, *point)
        setting = self._ids.get(key) or self._ids.setdefault(key, _id(key))
        row = _StartRow(
            *(event.writer, event.tid, event.at, setting),
            *(event.core, event.seed, list(point.values())),
        )
        line = _line(row)
        if line is None:
            return codec.encode(event)
        self._said[setting] = count = self._said.get(setting, 0) + 1
        if count & (count - 1) and count % _OFTEN:
            return line
        said = Setting(
            writer=event.writer,
            at=event.at,
            id=setting,
            revision=event.revision,
            environment=event.environment,
            names=list(point),
        )
        return codec.encode(said) + line


class RowDecoder:
    """Turns lines, of whichever writers, into events. Knows the settings that it has seen."""

    def __init__(self) -> None:
        self.settings: dict[str, Setting] = {}

    def decode(self, line: bytes) -> AnyEvent | None:
        """Return the event of a line without its newline; None for a kind unknown to this version.

        Raises what `codec.decode` does. A start whose setting has not been seen is a bad line: its
        setting may still come.
        """
        if line[:1] != b"[":
            event = codec.decode(line)
            if type(event) is Setting:
                self.settings.setdefault(event.id, event)
            return event
        codec.check(line)
        try:
            row = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            _judge(line, error)
            return None
        return self._started(row) if type(row) is _StartRow else _finished(row)  # type: ignore[arg-type]

    def _started(self, row: _StartRow) -> Started:
        setting = self.settings.get(row.setting)
        if setting is None:
            raise BadLine("the names of its values, a line of its own, are not known")
        if len(setting.names) != len(row.point):
            raise BadLine("it has other values than its setting says")
        return Started(
            writer=row.writer,
            at=row.at,
            tid=row.tid,
            point=dict(zip(setting.names, row.point, strict=True)),
            revision=setting.revision,
            core=row.core,
            seed=row.seed,
            environment=setting.environment,
        )


def _finished(row: _EndRow) -> Finished:
    metrics = row.metrics
    if None in metrics.values():
        metrics = {name: row.loss if v is None else v for name, v in metrics.items()}
    return Finished(
        writer=row.writer,
        at=row.at,
        tid=row.tid,
        outcome=row.outcome,
        loss=row.loss,
        metrics=metrics,
        seconds=row.seconds,
        steps=row.steps,
    )


def _end(event: Finished) -> bytes:
    loss, metrics = event.loss, event.metrics
    told = event.cause or event.message or event.traceback
    if told or loss is None or _place(event) != _HOME or event.outcome not in SETTLED:
        return codec.encode(event)
    if not math.isfinite(loss) or not _is_plain(metrics):
        return codec.encode(event)
    short = {n: None if type(v) is float and v == loss else v for n, v in metrics.items()}
    row = _EndRow(
        *(event.writer, event.tid, event.at, event.outcome),
        *(loss, short, event.seconds, event.steps),
    )
    return _line(row) or codec.encode(event)


def _line(row: _Row) -> bytes | None:
    """Return the line of a row, None when there is something in it that JSON cannot hold."""
    try:
        body = _encode(row)[:-1]
    except (TypeError, ValueError):
        return None
    return codec.sealed_row(body)


def _place(event: Started | Finished) -> tuple[str, int, int, int]:
    return event.site, event.epoch, event.attempt, event.stage


def _is_plain(values: dict[str, Any]) -> bool:
    """Whether all values come back from JSON as they are, and none is null."""
    for name, value in values.items():
        kind = type(value)
        if type(name) is not str or kind not in _SCALARS:
            return False
        if kind is float and not math.isfinite(value):
            return False
    return True


def _id(key: tuple[Any, ...]) -> str:
    """Return a name for a setting, 8 characters of its content's hash (48 bits)."""
    digest = hashlib.blake2b(msgspec.json.encode(key), digest_size=6).digest()
    return base64.urlsafe_b64encode(digest).decode()


def _judge(line: bytes, error: Exception) -> None:
    """Return if the row is of a kind unknown here; raise what is wrong otherwise."""
    try:
        plain = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        plain = None
    kind = plain[0] if isinstance(plain, list) and plain else None
    if not isinstance(kind, str) or kind in ("started", "finished"):
        raise BadLine(f"it is no event: {error}") from error
