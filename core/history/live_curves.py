"""The learning curves of the trials that run now, for somebody who looks again and again."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from trialdeck.core.history.reports import Curve, Growing, Report, decode_report, report_files
from trialdeck.core.history.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from trialdeck.core.history.paths import HistoryPaths

FIRST_BYTES = 4 << 20  # at the first look at a file, so much of its end is read
GRACE_LOOKS = 10  # reports may be seen before it is seen that their trial runs

_Key = tuple[int, int]  # tid, attempt


class LiveCurves:
    """Reads only what is new, and forgets the curves of trials that run no more."""

    def __init__(self, paths: HistoryPaths) -> None:
        self.paths = paths
        self._tails: dict[str, Tail[Report]] = {}
        self._growing: dict[_Key, Growing] = {}
        self._waited: dict[_Key, int] = {}  # looks since the trial was last known to run
        self._curves: dict[_Key, Curve] = {}
        self._shown: Mapping[int, Curve] = MappingProxyType({})

    def refresh(self, running: Mapping[int, int], writers: Collection[str]) -> Mapping[int, Curve]:
        """Return the curves of `running` trials (tid to attempt) that these writers run.

        It is the same mapping as before when nothing is new, and the curve of a trial is the same
        object. A trial without a report is left out.
        """
        news = {(report.tid, report.attempt) for report in self._take(writers)}
        self._forget(set(running.items()))
        for key in running.items():
            if key in news or (key in self._growing and key not in self._curves):
                self._curves[key] = self._growing[key].frozen()
        known = (key for key in sorted(running.items()) if key in self._curves)
        shown = {tid: self._curves[tid, attempt] for tid, attempt in known}
        if shown.keys() != self._shown.keys() or any(
            curve is not self._shown[tid] for tid, curve in shown.items()
        ):
            self._shown = MappingProxyType(shown)
        return self._shown

    def _take(self, writers: Collection[str]) -> Iterator[Report]:
        """Add the reports that are new, and yield them."""
        files = dict(report_files(self.paths, writers))
        known = self._tails
        self._tails = {
            name: known.get(name) or Tail(path, decode_report, last=FIRST_BYTES)
            for name, path in files.items()
        }
        for tail in self._tails.values():
            try:
                reports = tail.read()
            except OSError:
                continue  # left for the next time
            for report in reports:
                key = report.tid, report.attempt
                self._growing.setdefault(key, Growing()).add(report)
                yield report

    def _forget(self, running: set[_Key]) -> None:
        waited = {
            key: 0 if key in running else self._waited.get(key, 0) + 1 for key in self._growing
        }
        for key in [key for key, looks in waited.items() if looks > GRACE_LOOKS]:
            del waited[key], self._growing[key]
            self._curves.pop(key, None)
        self._waited = waited
