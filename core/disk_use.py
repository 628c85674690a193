"""What the history of one search takes on the disk; never worked out for longer than is said."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trialdeck.core.history.paths import HistoryPaths

# Those that may be large come last. Claims are links without data.
KINDS = ("journal", "reports", "logs", "attachments", "checkpoints", "models")
BLOCK = 512  # bytes, as stat counts them
RENEW_SECONDS = 60.0


class DiskUse(msgspec.Struct, frozen=True):
    """Bytes that files take, and by kind; not `complete` when there was no time to count all."""

    total: int
    kinds: dict[str, int]
    complete: bool


def disk_use(paths: HistoryPaths, seconds: float) -> DiskUse:
    """Count the blocks of all files, for so many seconds at most."""
    deadline = time.monotonic() + seconds
    kinds: dict[str, int] = {}
    for kind in KINDS:
        for size in _sizes(str(paths.root / kind)):
            kinds[kind] = kinds.get(kind, 0) + size
            if time.monotonic() > deadline:
                return DiskUse(sum(kinds.values()), kinds, complete=False)
    return DiskUse(sum(kinds.values()), kinds, complete=True)


def _sizes(folder: str) -> Iterator[int]:
    """Yield what each file below a folder takes, and 0 for each folder; what comes and goes not."""
    waiting = [folder]
    while waiting:
        yield 0
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        yield entry.stat(follow_symlinks=False).st_blocks * BLOCK


class DiskMeter:
    """Knows roughly what a history takes, for somebody who asks again and again.

    Counts once a minute at most, for `seconds` at most; first after `first` seconds, as whoever has
    just come has more urgent things to see.
    """

    def __init__(
        self,
        paths: HistoryPaths,
        seconds: float,
        *,
        first: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._paths = paths
        self._seconds = seconds
        self._clock = clock
        self._known: DiskUse | None = None
        self._due = clock() + first

    def use(self) -> DiskUse | None:
        """Return what is known, after counting if it is time; None before the first count."""
        if self._clock() >= self._due:
            self._known = disk_use(self._paths, self._seconds)
            self._due = self._clock() + RENEW_SECONDS
        return self._known
