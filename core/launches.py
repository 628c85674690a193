"""What has been launched: ``launches/<name>.json``, written before the backend is asked."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import disk

if TYPE_CHECKING:
    from pathlib import Path

FORGET_SECONDS = 86_400.0  # launches that ended longer ago are of no interest any more
_SUFFIX = ".json"
_Stamp = tuple[int, int]


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """A pool that a backend was asked to start. `at` is in seconds since 1970."""

    name: str
    backend: str
    cores: int
    at: float
    job: str = ""
    over: bool = False  # it has ended or was cancelled; the backend need not be asked again


class Launches:
    """Writes and reads them; a file is read again only when it has changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._known: dict[str, tuple[_Stamp, Launch]] = {}  # by the names of their files
        self._past: set[str] = set()  # files of launches that will never matter again

    def path(self, launch: Launch) -> Path:
        """Return where a launch is written down."""
        return self.folder / f"{launch.name}{_SUFFIX}"

    def write(self, launch: Launch) -> None:
        """Write a launch down. Raises `HistoryError`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            disk.replace(self.path(launch), msgspec.json.encode(launch))
        except OSError as error:
            raise HistoryError(f"the launch cannot be noted: {disk.explain(error)}") from error

    def forget(self, launch: Launch) -> None:
        """Remove a launch that never was."""
        self.path(launch).unlink(missing_ok=True)

    def recent(self) -> list[Launch]:
        """Return the launches of the last day that may still matter, newest first."""
        with self._lock:
            names = [name for name in self._names() if name not in self._past]
            self._known = {name: read for name in names if (read := self._read(name)) is not None}
            found = [launch for _, launch in self._known.values()]
            oldest = time.time() - FORGET_SECONDS
            self._past.update(
                name for name, (_, old) in self._known.items() if old.over or old.at <= oldest
            )
        kept = (launch for launch in found if not launch.over and launch.at > oldest)
        return sorted(kept, key=lambda launch: -launch.at)

    def _names(self) -> list[str]:
        try:
            with os.scandir(self.folder) as entries:
                return [entry.name for entry in entries if entry.name.endswith(_SUFFIX)]
        except OSError:
            return []

    def _read(self, name: str) -> tuple[_Stamp, Launch] | None:
        with suppress(OSError, msgspec.DecodeError):
            path = self.folder / name
            stat = path.stat()
            stamp = stat.st_ino, stat.st_mtime_ns
            known = self._known.get(name)
            if known is not None and known[0] == stamp:
                return known
            return stamp, msgspec.json.decode(path.read_bytes(), type=Launch)
        return None
