"""The attachments of hyperopt's Trials as files: ``attachments/<name>`` in the search's folder."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import msgspec

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import disk
from trialdeck.core.scripts.patience import Patience, is_full

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = 200  # bytes of a file's name, of which file systems take 255
# What tells bytes, texts and plain data apart, at the end of a file's name.
_BYTES, _TEXT, _JSON = ".bytes", ".txt", ".json"
_KINDS = (_BYTES, _TEXT, _JSON)


class Attachments(MutableMapping[str, Any]):
    """A dict whose values outlive the process, and that other processes see.

    Bytes, texts and what JSON can hold are written; anything else stays in this process, with a
    warning. A full disk is waited for; raises `HistoryError` when a file cannot be written or read
    for another reason.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[str, Any] = {}  # what no file can hold

    def __getitem__(self, name: str) -> Any:
        if name in self._kept:
            return self._kept[name]
        for kind in _KINDS:
            try:
                return _decoded(kind, self._file(name, kind).read_bytes())
            except FileNotFoundError:
                continue
            except OSError as error:
                raise _unusable(error) from error
        raise KeyError(name)

    def __setitem__(self, name: str, value: Any) -> None:
        try:
            kind, content = _encoded(value)
        except (TypeError, ValueError, OverflowError, RecursionError):
            self._kept[name] = value
            warnings.warn(
                f"the attachment {name} ({type(value).__name__}) stays in this process: only "
                f"bytes, texts and what JSON can hold are written; pickle.dumps(…) makes it bytes",
                RuntimeWarning,
                stacklevel=3,
            )
            return
        patience = Patience()
        while True:
            try:
                self._write(name, kind, content)
            except OSError as error:
                if not is_full(error):
                    raise _unusable(error) from error
                patience.wait(str(_unusable(error)))
            else:
                break
        self._kept.pop(name, None)

    def _write(self, name: str, kind: str, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        stem = _stem(name)
        if stem.startswith("~"):
            disk.replace(self.folder / f"{stem}.name", name.encode())
        disk.replace(self._file(name, kind), content)
        for other in set(_KINDS) - {kind}:
            self._file(name, other).unlink(missing_ok=True)

    def __delitem__(self, name: str) -> None:
        found = [kind for kind in _KINDS if self._file(name, kind).exists()]
        if not found and name not in self._kept:
            raise KeyError(name)
        self._kept.pop(name, None)
        for kind in found:
            self._file(name, kind).unlink(missing_ok=True)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        return name in self._kept or any(self._file(name, kind).exists() for kind in _KINDS)

    def __iter__(self) -> Iterator[str]:
        yield from self._kept
        for file in self._files():
            if file.startswith("~"):
                yield (self.folder / f"{file[: file.rindex('.')]}.name").read_text()
            else:
                yield unquote(file[: file.rindex(".")])

    def __len__(self) -> int:
        return len(self._kept) + len(self._files())

    def _files(self) -> list[str]:
        try:
            with os.scandir(self.folder) as entries:
                names = sorted(entry.name for entry in entries)
        except FileNotFoundError:
            return []
        return [name for name in names if name.endswith(_KINDS) and not name.startswith(".")]

    def _file(self, name: str, kind: str) -> Path:
        return self.folder / f"{_stem(name)}{kind}"


def _stem(name: str) -> str:
    """Return the name of an attachment's files; of a long one, which has a file itself, a hash."""
    quoted = quote(name, safe="").replace(".", "%2E").replace("~", "%7E")
    if len(quoted) <= _LONGEST:
        return quoted
    return f"~{hashlib.blake2b(name.encode(), digest_size=16).hexdigest()}"


def _encoded(value: Any) -> tuple[str, bytes]:
    if isinstance(value, bytes | bytearray | memoryview):
        return _BYTES, bytes(value)
    if isinstance(value, str):
        return _TEXT, value.encode()
    content = msgspec.json.encode(value)
    if msgspec.json.decode(content) != value:  # a tuple, a set, NaN: not what it was
        raise ValueError
    return _JSON, content


def _decoded(kind: str, content: bytes) -> Any:
    if kind == _BYTES:
        return content
    return content.decode() if kind == _TEXT else msgspec.json.decode(content)


def _unusable(error: OSError) -> HistoryError:
    return HistoryError(f"an attachment cannot be written or read: {disk.explain(error)}")
