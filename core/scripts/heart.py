"""The sign of life of a process that runs a script, and what people tell it."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import commands
from trialdeck.core.history.identity import Identity
from trialdeck.core.history.writers import BEAT_SECONDS, CoreInfo, WriterFile, WriterFiles

if TYPE_CHECKING:
    from trialdeck.core.history.commands import Commands
    from trialdeck.core.history.paths import HistoryPaths

CHANGE_SECONDS = 0.5  # what changes is written so often at most: trials may be very short
COMMAND_SECONDS = 2.0


class Heart(threading.Thread):
    """Writes ``writers/<writer>.json`` and reads commands, until `stop`.

    A thread of its own, as the script's is busy with the objective.
    """

    def __init__(self, paths: HistoryPaths, writer: str) -> None:
        super().__init__(name="trialdeck-heart", daemon=True)
        self.paths = paths
        self.told: Commands = commands.Commands()
        self.ended = False  # by the word "now"
        self._files = WriterFiles(paths)
        self._file = WriterFile(
            id=writer,
            kind="script",
            identity=Identity.current(),
            cores_wanted=1,
            cores=(CoreInfo(0, "idle"),),
            state="running",
        )
        self._core = self._file.cores[0]
        self._mains = threading.main_thread() is threading.current_thread()
        self._over = threading.Event()
        self._files.write(self._file)

    def run(self) -> None:
        """Beat."""
        beaten = looked = time.monotonic()
        while not self._over.wait(CHANGE_SECONDS):
            now = time.monotonic()
            if now - beaten >= BEAT_SECONDS or self._file.cores[0] != self._core:
                beaten = now
                self._beat()
            if now - looked >= COMMAND_SECONDS:
                looked = now
                self._listen()

    def trains(self, tid: int, attempt: int) -> None:
        """Say what the script is busy with."""
        self._core = CoreInfo(0, "training", tid, attempt, round(time.time()))

    def idles(self) -> None:
        """Say that it is busy with nothing."""
        self._core = CoreInfo(0, "idle")

    def stop(self) -> None:
        """End; the file stays, as a trace of who was there."""
        self._over.set()
        if self.is_alive():
            self.join(5.0)
        with suppress(HistoryError):
            commands.withdraw(self.paths, self._file.id)

    def _beat(self) -> None:
        self._file = msgspec.structs.replace(
            self._file, beat=self._file.beat + 1, cores=(self._core,), why=_why(self.told)
        )
        with suppress(HistoryError):  # a full disk: the next beat tries again
            self._files.write(self._file)

    def _listen(self) -> None:
        with suppress(HistoryError):
            self.told = commands.read(self.paths, self._file.id)
        if self.told.stop == "now" and not self.ended and self._mains:
            self.ended = True
            main = threading.main_thread().ident
            if main is not None:
                signal.pthread_kill(main, _end_signal())  # as ctrl+C would, in a sleep too


def _end_signal() -> signal.Signals:
    """Return what ends the script; what a shell script starts with & ignores ctrl+C."""
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    return signal.SIGTERM if ignored else signal.SIGINT


def _why(told: Commands) -> str:
    if told.stop:
        return "told to stop"
    return f"paused: {told.paused.reason}" if told.paused is not None else ""
