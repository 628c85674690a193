"""What a pool has been told: by signals, by command files, by a pause of the search."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import commands

if TYPE_CHECKING:
    from types import FrameType

    from trialdeck.core.history.commands import Commands, Pause
    from trialdeck.core.history.paths import HistoryPaths


class Orders:
    """Orders for the pool that writes as `writer`.

    `stop` is "" (go on), "after trial" (finish what runs) or "now". `preempted` says that the job
    has to end, whoever wants that; a stop by command is the user's wish.
    """

    def __init__(self, paths: HistoryPaths, writer: str) -> None:
        self.paths = paths
        self.writer = writer
        self.stop = ""
        self.preempted = False
        self.commands: Commands = commands.read(paths, writer)
        self.wake_fd, self._wake_end = os.pipe()

    def catch_signals(self) -> None:
        """Turn signals into orders, and have them end a wait for `wake_fd`."""
        os.set_blocking(self._wake_end, False)
        signal.set_wakeup_fd(self._wake_end)
        signal.signal(signal.SIGINT, self._interrupted)
        # A scheduler's last word before it kills, or its warning ahead of that.
        for number in (signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, self._told_to_end)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        self.stop = "now" if self.stop else "after trial"

    def _told_to_end(self, _number: int, _frame: FrameType | None) -> None:
        self.stop, self.preempted = "now", True

    def woken(self) -> None:
        """Empty the pipe behind `wake_fd`."""
        os.read(self.wake_fd, 4096)

    def look(self) -> None:
        """Read the command files."""
        self.commands = commands.read(self.paths, self.writer)
        if self.stop != "now" and self.commands.stop:
            self.stop = self.commands.stop

    @property
    def paused(self) -> Pause | None:
        """The pause of the search, None when it goes on."""
        return self.commands.paused

    def pause(self, reason: str, kind: str) -> None:
        """Pause the search for all pools, unless it is paused."""
        with suppress(HistoryError):  # a full disk: the next failure tries again
            self.look()
            if self.paused is None:
                commands.pause(self.paths, reason=reason, kind=kind)
                self.look()
