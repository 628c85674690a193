"""Events to lines and back: one JSON object per line whose last member is a checksum of the rest.

A line ends with ``,"crc":"8 hex digits"}``, the CRC-32 of the bytes before it (the short lines of
`rows`, which are arrays, with ``,"8 hex digits"]``). JSON has no NaN and
no infinity: as values of a point, of metrics or of a report they are written as the texts "nan",
"inf" and "-inf", and `number` turns these back. A loss is finite or left out; a non-finite one is
kept among the metrics as ``loss``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar
from zlib import crc32

import msgspec

from trialdeck.core.errors import FormatTooNew
from trialdeck.core.history.events import FORMAT_VERSION, KINDS, AnyEvent, Opened

if TYPE_CHECKING:
    from collections.abc import Callable

_EventOrReport = TypeVar("_EventOrReport", bound=msgspec.Struct)

SEAL_LENGTH = len(b',"crc":"00000000"}')
ROW_SEAL_LENGTH = len(b',"00000000"]')
_NON_FINITE = ("nan", "inf", "-inf")
_MAX_BITS = 2048  # of an int: below any limit that Python may have set for digits
_MAX_DEPTH = 16  # deeper values are written as the text that Python shows for them

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


class BadLine(Exception):
    """A line that is not what a writer wrote; its text says why."""


def encode(event: msgspec.Struct) -> bytes:
    """Return the line of an event (or report), with its checksum and newline.

    Never fails over a value inside it: what JSON cannot hold is written as text.
    """
    try:
        body = _encoder.encode(event)
    except (TypeError, ValueError, RecursionError):  # foreign types, lone surrogates, loops
        body = _encoder.encode(_writable(event))
    if b"null" in body:  # perhaps a non-finite number
        body = _encoder.encode(_writable(event))
    body = body[:-1]
    return b'%b,"crc":"%08x"}\n' % (body, crc32(body))


def sealed_row(body: bytes) -> bytes:
    """Return the line of a row without its closing bracket, with its checksum and newline."""
    return b'%b,"%08x"]\n' % (body, crc32(body))


def check(line: bytes) -> None:
    """Raise `BadLine` unless `line` (without its newline) carries the right checksum."""
    if line[:1] == b"[":
        good = line[-ROW_SEAL_LENGTH:] == b',"%08x"]' % crc32(line[:-ROW_SEAL_LENGTH])
    else:
        good = line[-SEAL_LENGTH:] == b',"crc":"%08x"}' % crc32(line[:-SEAL_LENGTH])
    if not good:
        raise BadLine("the checksum does not match")


def decode(line: bytes) -> AnyEvent | None:
    """Return the event of a line without its newline; None for a kind unknown to this version.

    Raises `BadLine` for a damaged line and `FormatTooNew` for the first line of a journal of a
    later format.
    """
    check(line)
    try:
        event = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _judge(line, error)
        return None
    if type(event) is Opened and event.v > FORMAT_VERSION:
        raise _too_new(event.v)
    return event


def _judge(line: bytes, error: Exception) -> None:
    """Return if the line is an event of a kind unknown here; raise what is wrong otherwise."""
    try:
        plain = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        plain = None
    if not isinstance(plain, dict) or "e" not in plain:
        raise BadLine(f"it is no event: {error}") from error
    version = plain.get("v")
    if plain["e"] == "opened" and isinstance(version, int) and version > FORMAT_VERSION:
        raise _too_new(version) from error
    if plain["e"] in KINDS:
        raise BadLine(f"it is no event: {error}") from error


def _too_new(version: int) -> FormatTooNew:
    return FormatTooNew(
        f"written in format {version} by a newer Trialdeck; this one reads formats up to "
        f"{FORMAT_VERSION}. Update Trialdeck here: pip install --upgrade trialdeck"
    )


def number(value: Any) -> float:
    """Return a number of a point or of metrics as a float, with "nan", "inf", "-inf" turned back.

    Raises `ValueError` for anything that is no number.
    """
    if isinstance(value, int | float) or value in _NON_FINITE:
        return float(value)
    raise ValueError(f"{value!r} is no number")


def shorten(text: str, limit: int = 20_000) -> str:
    """Return `text` with its middle left out when it is longer than `limit` characters.

    More is kept of the end than of the start: there a traceback says what went wrong.
    """
    if len(text) <= limit:
        return text
    head = limit // 4
    tail = limit - head
    return f"{text[:head]}\n[… {len(text) - limit} characters left out …]\n{text[-tail:]}"


def _writable(event: _EventOrReport) -> _EventOrReport:
    """Return a copy of which every value can be written as JSON and read back."""
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    loss = fields.get("loss")
    if loss is not None and not math.isfinite(loss):
        fields["loss"] = None
        if "metrics" in fields:
            fields["metrics"] = {"loss": loss, **fields["metrics"]}
    plain = {name: _field(value) for name, value in fields.items()}
    return type(event)(**plain)


def _field(value: Any) -> Any:
    """Return a writable value for a field: those that hold a number must go on holding one."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else 0.0
    return _plain(value)


def _plain(value: Any, depth: int = 0) -> Any:
    """Return what is nearest to `value` in JSON."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if value.bit_length() <= _MAX_BITS else shorten(hex(value), 1000)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, str):
        return _utf8(value)
    if depth < _MAX_DEPTH:
        return _plain_container(value, depth + 1)
    return _shown(value)


def _plain_container(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        return {_key(key): _plain(inner, depth) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner, depth) for inner in value]
    if hasattr(value, "tolist"):  # numpy and torch
        return _plain(value.tolist(), depth)
    return _shown(value)


def _key(value: Any) -> str:
    return _utf8(value) if isinstance(value, str) else _shown(value, str)


def _shown(value: Any, form: Callable[[Any], str] = repr) -> str:
    """Return the text that Python shows for a value."""
    try:
        return _utf8(shorten(form(value), 1000))
    except Exception as error:  # noqa: BLE001 - whatever the class of a foreign value does
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"


def _utf8(text: str) -> str:
    return str(text).encode("utf-8", "backslashreplace").decode()
