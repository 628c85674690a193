"""What a pool has been told: by signals, by command files, by a pause of the search."""

from __future__ import annotations

import os
import signal
import time
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
    has to end, whoever wants that; a stop by command is the user's wish. `why` is the reason in
    words, and `done` why no more trials are started, "" without any. `killed_at` and `warned_at`
    are when the place told the job to end, or that it soon will, in seconds of the monotonic
    clock; None while it has not.
    """

    def __init__(self, paths: HistoryPaths, writer: str) -> None:
        self.paths = paths
        self.writer = writer
        self.stop = ""
        self.preempted = False
        self.why = ""
        self.done = ""
        self.killed_at: float | None = None
        self.warned_at: float | None = None
        self.commands: Commands = commands.read(paths, writer)
        self.wake_fd, self._wake_end = os.pipe()
        os.set_blocking(self._wake_end, False)

    def catch_signals(self) -> None:
        """Turn signals into orders, and have them end a wait for `wake_fd`."""
        signal.set_wakeup_fd(self._wake_end)
        signal.signal(signal.SIGINT, self._interrupted)
        signal.signal(signal.SIGTERM, self._told_to_end)  # a scheduler's last word before it kills
        signal.signal(signal.SIGUSR1, self._warned)  # and its warning ahead of that
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _interrupted(self, _number: int, _frame: FrameType | None) -> None:
        self.stop = "now" if self.stop else "after trial"

    def _told_to_end(self, _number: int, _frame: FrameType | None) -> None:
        self.stop, self.preempted = "now", True
        self.killed_at = self.killed_at or time.monotonic()

    def _warned(self, _number: int, _frame: FrameType | None) -> None:
        self.warned_at = self.warned_at or time.monotonic()

    def end(self, why: str) -> None:
        """Have everything stopped now, as the job has to end."""
        self.stop, self.preempted = "now", True
        self.why = self.why or why

    def finish(self, why: str) -> None:
        """Have no more trials started."""
        if not self.stop:
            self.stop, self.done = "after trial", why

    def wake(self) -> None:
        """End a wait for `wake_fd`. For any thread."""
        with suppress(BlockingIOError):  # so full a pipe wakes all the same
            os.write(self._wake_end, b"\0")

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
