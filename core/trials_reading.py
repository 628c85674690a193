"""Reads a file of trials, whichever kind it is, and says what is wrong with one that it cannot."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.errors import TrialsFileError
from trialdeck.core.history import disk
from trialdeck.core.native_space import NativeSpace
from trialdeck.core.pickle_machine import BadPickle, EndsEarly, Forbidden
from trialdeck.core.pickled_types import TrialsInstance
from trialdeck.core.trials_records import Contents
from trialdeck.core.unpickling import unpickle

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.space import Space

MOST_BYTES = 2**30
PARAM, METRIC = "params.", "metrics."  # before the names of columns
_BEGINNINGS = {
    b"\x1f\x8b": "compressed by gzip",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
    b"\x28\xb5\x2f\xfd": "compressed by zstd",
    b"\x78\x9c": "compressed by zlib, as joblib.dump does it",
    b"\x78\x01": "compressed by zlib, as joblib.dump does it",
    b"\x78\x5e": "compressed by zlib, as joblib.dump does it",
    b"\x78\xda": "compressed by zlib, as joblib.dump does it",
    b"PK\x03\x04": "a zip archive (of torch.save, perhaps)",
    b"\x89HDF": "an HDF5 file",
    b"SQLite format 3": "an SQLite database",
    b"version https://git-lfs": "only git-lfs's pointer to the file; `git lfs pull` gets it",
}
_WANTED = "a Trials.p of hyperopt, or a JSON or CSV file that Trialdeck has exported"
_TORN = (
    "It was cut off: its process was killed while writing, the disk was full, or several processes "
    "wrote it at once. Nothing in it can be trusted, so nothing is imported; look for a backup, or "
    "an older copy of it"
)
_FOREIGN = (
    "Only numbers, texts and times are read, and nothing is executed. If you trust the file, save "
    "it anew where it was made, without what is no number: for t in trials.trials: "
    't["result"] = {k: v for k, v in t["result"].items() if k in ("loss", "status")}'
)


def read_bytes(file: Path) -> bytes:
    """Return what is in the file. Raises `TrialsFileError`."""
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise TrialsFileError(f"{file}: {size:,} bytes are too many for a file of trials")
        return file.read_bytes()
    except OSError as error:
        raise TrialsFileError(f"no trials can be read: {disk.explain(error)}") from error


def read_trials(file: Path, data: bytes, space: Space) -> Contents:
    """Return the trials in `data`, the content of `file`. Raises `TrialsFileError`.

    The labels of hyperopt's documents are the names of the dimensions of `space`.
    """
    start = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not data.strip(b"\0 \r\n\t"):
        what = "empty" if not data else f"{len(data):,} bytes of nothing"
        raise TrialsFileError(f"{file} is {what}. {_TORN}")
    if start[:1] in (b"[", b"{"):
        return _read_json(file, data)
    header = start.splitlines()[0].replace(b'"', b"") if start else b""
    if header.startswith((b"tid,", b"tid;", b"tid\t")):
        return _read_csv(file, data)
    for beginning, what in _BEGINNINGS.items():
        if data.startswith(beginning):
            raise TrialsFileError(f"{file} is {what}; wanted is {_WANTED}")
    return _read_pickle(file, data, NativeSpace.of(space))


# -- pickles ----------------------------------------------------------------------------------


def _read_pickle(file: Path, data: bytes, space: NativeSpace) -> Contents:
    try:
        value, size = unpickle(data)
    except Forbidden as error:
        raise TrialsFileError(f"{file} is not read: {error}. {_FOREIGN}") from error
    except EndsEarly as error:
        raise TrialsFileError(f"{file} is a torn pickle: {error}. {_TORN}") from error
    except BadPickle as error:
        raise TrialsFileError(_damage(file, data, error)) from error
    contents = Contents()
    for document in _documents(file, value):
        contents.add_document(document, space)
    if size < len(data):
        contents.note = (
            f"{len(data) - size:,} bytes behind the trials were not read: "
            f"something else was written into the same file"
        )
    return contents


def _damage(file: Path, data: bytes, error: BadPickle) -> str:
    if data[:1] == b"\x80":  # as every pickle since protocol 2 begins
        return f"{file} is a pickle that cannot be read: {error}. {_TORN}"
    return f"{file} is no file of trials ({error}); wanted is {_WANTED}"


def _documents(file: Path, value: Any) -> list[Any]:
    """Return hyperopt's documents of what was pickled: Trials, or a list of documents."""
    if type(value) is TrialsInstance:
        # `_trials` leaves out failed ones, but is all that some hand-made ones have.
        value = value.attributes.get("_dynamic_trials", value.attributes.get("_trials"))
    if type(value) is not list or not all(type(item) is dict for item in value[:10]):
        kind = type(value).__name__
        raise TrialsFileError(f"{file} is a pickle of something else ({kind}); wanted is {_WANTED}")
    return value


# -- our own files ----------------------------------------------------------------------------


def _read_json(file: Path, data: bytes) -> Contents:
    try:
        rows = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise TrialsFileError(f"{file} is JSON with a mistake: {error}") from error
    if type(rows) is not list or not all(type(row) is dict and "params" in row for row in rows):
        raise TrialsFileError(f"{file} is JSON, but no list of trials; wanted is {_WANTED}")
    contents = Contents()
    for row in rows:
        contents.add(row)
    return contents


def _read_csv(file: Path, data: bytes) -> Contents:
    contents = Contents()
    try:
        text = data.decode("utf-8-sig")
        delimiter = next(c for c in text if c in ",;\t")
        for line in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter):
            contents.add(_row_of(line))
    except (csv.Error, UnicodeDecodeError) as error:
        raise TrialsFileError(f"{file} is CSV with a mistake: {error}") from error
    return contents


def _row_of(line: dict[Any, Any]) -> dict[str, Any]:
    """Return the row of a line: columns whose names begin alike become one dict."""
    row: dict[str, Any] = {"params": {}, "metrics": {}}
    for name, cell in line.items():
        if type(name) is not str or not cell:  # more cells than columns, or an empty one
            continue
        if name.startswith(PARAM):
            row["params"][name.removeprefix(PARAM)] = value_of(cell)
        elif name.startswith(METRIC):
            row["metrics"][name.removeprefix(METRIC)] = value_of(cell)
        else:
            row[name] = value_of(cell) if name in ("tid", "loss", "seconds") else cell
    return row


def value_of(cell: str) -> Any:
    """Return the value of a cell: what is no JSON is a text."""
    try:
        return msgspec.json.decode(cell)
    except (msgspec.DecodeError, RecursionError):
        return cell


def cell_of(value: Any) -> str:
    """Return the cell of a value; texts in quotes only where they would be taken for others."""
    if isinstance(value, str) and value and value_of(value) == value:
        return value
    return "" if value is None else msgspec.json.encode(value).decode()
