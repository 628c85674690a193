"""Pools that nobody needs: they end, so that what they hold can be had by others.

A search that is nearly done has more cores than trials. One pool without work stays as a spare
where cores are scarce, to take over what fails elsewhere, and as many as the next stage will have
trials; any more are surplus.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import commands
from trialdeck.core.history.writers import Life

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.writers import Liveness, WriterFile

IDLE_SECONDS = 60.0  # a pool may get something to do for so long
SPARE = "another pool waits for what there may still be to do"


def spares(paths: HistoryPaths, liveness: Liveness) -> Iterator[WriterFile]:
    """Yield the pools that say they have nothing to do, and have not been told to end."""
    for file in liveness.writers.values():
        if file.spare and not liveness.gone(file.id) and not _told_to_stop(paths, file.id):
            yield file


def _told_to_stop(paths: HistoryPaths, writer: str) -> bool:
    try:
        return bool(commands.read(paths, writer).stop)
    except HistoryError:  # it cannot be told, and so nobody relies on it
        return True


class Surplus:
    """Whether the pool `writer` is one too many.

    Of all spares those with the smallest ids stay, wherever they run: so they never all end. They
    are as many as are `needed`: one, or more where there will soon be more to do.
    """

    needed = 1

    def __init__(self, paths: HistoryPaths, liveness: Liveness, writer: str) -> None:
        self.paths = paths
        self.liveness = liveness
        self.writer = writer
        self._since: float | None = None  # of the monotonic clock

    def note(self, *, idle: bool) -> None:
        """Take note of whether there is nothing to do."""
        since = self._since if self._since is not None else time.monotonic()
        self._since = since if idle else None

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do."""
        return self._since is not None

    @property
    def is_one(self) -> bool:
        """Whether another pool has been enough for some time."""
        if self._since is None or time.monotonic() - self._since < IDLE_SECONDS:
            return False
        others = (file.id for file in spares(self.paths, self.liveness) if file.id < self.writer)
        alive = sum(self.liveness.life(writer) == Life.ALIVE for writer in others)
        return alive >= self.needed
