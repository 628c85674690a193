"""What has been launched: ``launches/<name>.json``, written before the backend is asked."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.backends import is_many
from trialdeck.core.errors import HistoryError
from trialdeck.core.history import disk

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from trialdeck.core.history.writers import WriterFile

FORGET_SECONDS = 86_400.0  # launches of one job that are older are of no interest any more
_SUFFIX = ".json"
_Stamp = tuple[int, int]
_writing = threading.Lock()  # a file's temporary name is that of the process, not of the thread


class Launch(msgspec.Struct, frozen=True, kw_only=True):
    """What a backend was asked to start: a pool, or `many` jobs of which each becomes one.

    `at` is in seconds since 1970. `over` means that it has ended or was cancelled, so that the
    backend need not be asked again; `why` is a sentence that says why, "" for the usual reasons.
    One that is `stopped` was told to end as a whole, also what of it begins after that.
    """

    name: str
    backend: str
    cores: int
    at: float
    job: str = ""
    many: bool = False
    cores_per_job: int = 0  # 0: not known
    site: str = ""  # the machine with files of its own where it runs, "" for none
    trials: int | None = None  # that it starts at most
    restarts: int = 0  # how often its machine was restarted, and it after that
    over: bool = False
    stopped: bool = False
    why: str = ""


class Launches:
    """Writes and reads them; a file is read again only when it has changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._known: dict[str, tuple[_Stamp, Launch]] = {}  # by the names of their files
        self._past: set[str] = set()  # files of launches that will never matter again
        self._over: set[str] = set()  # the names of those that were seen to be over
        self._newest: Launch | None = None

    def path(self, name: str) -> Path:
        """Return where a launch is written down."""
        return self.folder / f"{name}{_SUFFIX}"

    def write(self, launch: Launch) -> None:
        """Write a launch down. Raises `HistoryError`."""
        try:
            with _writing:
                self.folder.mkdir(parents=True, exist_ok=True)
                disk.replace(self.path(launch.name), msgspec.json.encode(launch))
        except OSError as error:
            raise HistoryError(f"the launch cannot be noted: {disk.explain(error)}") from error

    def change(self, name: str, **changes: Any) -> None:
        """Write other values into what is written of a launch, if anything is, and differs.

        Raises `HistoryError`.
        """
        launch = self.read(name)
        if launch is None:
            return
        changed = msgspec.structs.replace(launch, **changes)
        if changed != launch:
            self.write(changed)

    def read(self, name: str) -> Launch | None:
        """Return a launch, None when nothing is written of it that can be read."""
        with suppress(OSError, msgspec.DecodeError, ValueError):
            return msgspec.json.decode(self.path(name).read_bytes(), type=Launch)
        return None

    def forget(self, launch: Launch) -> None:
        """Remove a launch that never was."""
        self.path(launch.name).unlink(missing_ok=True)

    def recent(self) -> list[Launch]:
        """Return the launches that may still matter, newest first.

        One of several jobs matters until it is over, one of a single job for a day at most.
        """
        with self._lock:
            names = [name for name in self._names() if name not in self._past]
            self._known = {name: read for name in names if (read := self._read(name)) is not None}
            found = sorted((launch for _, launch in self._known.values()), key=lambda one: -one.at)
            self._newest = found[0] if found else None
            self._over.update(launch.name for launch in found if launch.over)
            oldest = time.time() - FORGET_SECONDS
            kept = [one for one in found if not one.over and (one.many or one.at > oldest)]
            # The newest is read again and again: somebody may add why it is over.
            self._past.update(self.path(one.name).name for one in found[1:] if one not in kept)
            return kept

    def newest(self) -> Launch | None:
        """Return the launch that was the last one when they were read last, be it over or not."""
        return self._newest

    def is_over(self, name: str) -> bool:
        """Whether a launch was over when they were read last."""
        return name in self._over

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


def launches_by_hand(pools: Iterable[WriterFile], files: Launches) -> list[Launch]:
    """Return the launches of pools that were submitted by hand, of which nothing is written.

    Each launch has as many cores as these pools of it.
    """
    found: dict[tuple[str, str], Launch] = {}
    for pool in pools:
        job, _, number = pool.job.rpartition("_")
        if not (job and number.isdecimal() and pool.backend):
            continue
        known = found.get((pool.backend, job))
        if known is None and (files.read(pool.name) is not None or not is_many(pool.backend)):
            continue
        cores = pool.cores_wanted + (known.cores if known is not None else 0)
        found[(pool.backend, job)] = Launch(
            name=pool.name,
            backend=pool.backend,
            cores=cores,
            at=0.0,
            job=job,
            many=True,
            cores_per_job=pool.cores_wanted,
        )
    return list(found.values())
