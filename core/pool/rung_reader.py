"""Reads what all writers' trials have reported, in a thread: files may be long, and far away."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from trialdeck.core.errors import HistoryError
from trialdeck.core.history.reports import Report, decode_report, report_files
from trialdeck.core.history.tail import Tail
from trialdeck.core.stages import SEARCHING, stage_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.pruning import Rungs

# Of a longer file only so much of its end: some 150,000 reports of each writer are enough to
# compare with, and what a new pool reads has a bound.
FIRST_BYTES = 16 << 20
AT_ONCE = 500  # reports that are taken in before others get at the rungs


class RungReader:
    """Keeps `rungs` up to date, holding `lock` while it changes them.

    `complete` is whether everything that there was at the first look has been read; then `news` is
    called, from the thread.
    """

    def __init__(
        self, paths: HistoryPaths, rungs: Rungs, lock: threading.Lock, news: Callable[[], None]
    ) -> None:
        self.paths = paths
        self.rungs = rungs
        self.lock = lock
        self.news = news
        self.complete = False
        self.trouble = ""  # why it has given up, or ""
        self._tails: dict[str, Tail[Report]] = {}
        self._ended: Collection[str] = ()
        self._wake = threading.Event()
        self._closed = False
        threading.Thread(target=self._run, name="rungs", daemon=True).start()

    def look(self, ended: Collection[str]) -> None:
        """Have what is new read soon; these writers will write no more."""
        self._ended = ended
        self._wake.set()

    def close(self) -> None:
        """Have the thread end."""
        self._closed = True
        self._wake.set()

    # -- in the thread ----------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self._closed:
                self._wake.clear()
                self._read_all(self._ended)
                if not self.complete:
                    self.complete = True
                    self.news()
                self._wake.wait()
        except Exception as error:  # noqa: BLE001 - nothing of this may harm the pool, which tells
            self.trouble = f"reports of others are not read: {type(error).__name__}: {error}"
            self.complete = True
            self.news()

    def _read_all(self, ended: Collection[str]) -> None:
        try:
            files = list(report_files(self.paths, None))
        except HistoryError:
            return  # left for the next time
        for name, path in files:
            if name.partition(".")[0] in ended and self._seems_unchanged(name):
                continue
            for reports in self._new_in(name, path):
                self._take_in(reports)
                if self._closed:
                    return

    def _seems_unchanged(self, name: str) -> bool:
        """Whether nothing has come to a file. At a site, what an ended writer wrote comes late."""
        tail = self._tails.get(name)
        try:
            return tail is not None and tail.seems_unchanged()
        except OSError:
            return True  # gone, or left for the next time

    def _new_in(self, name: str, path: Path) -> Iterator[list[Report]]:
        tail = self._tails.setdefault(name, Tail(path, decode_report, last=FIRST_BYTES))
        try:
            for block in tail.blocks():
                for start in range(0, len(block), AT_ONCE):
                    yield block[start : start + AT_ONCE]
        except OSError:
            return  # left for the next time

    def _take_in(self, reports: list[Report]) -> None:
        with self.lock:
            for report in reports:
                # What runs once more, on all of the sample, say, is no measure for the rest.
                if stage_of(report.tid) == SEARCHING:
                    self.rungs.add(report.tid, report.attempt, report.step, report.values)
