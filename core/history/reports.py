"""Learning curves: what objectives report while they train. Suggesting never reads them.

A report that is lost costs a point of a curve, never a trial, so reports are written in batches,
and when they cannot be written only the newest are kept.
"""

from __future__ import annotations

import math
import time
from array import array
from bisect import bisect_left
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import disk
from trialdeck.core.history.codec import BadLine, check, encode, number
from trialdeck.core.history.parts import PACK, Parts, part_of
from trialdeck.core.history.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.trial import Trial

BLOCK = 1 << 20  # bytes read at once
KEPT = 100_000  # reports in memory while they cannot be written, some 20 MB


class Report(msgspec.Struct, frozen=True, gc=False):
    """What one attempt reported at one step; numbers that are not finite as texts."""

    tid: int
    attempt: int
    step: int
    values: dict[str, float | str]
    at: float = 0.0


class ReportWriter:
    """Writes the reports of one writer; `add` is quick, `flush` goes to the disk."""

    def __init__(self, paths: HistoryPaths, writer: str, *, kept: int = KEPT) -> None:
        self.trouble = ""  # why reports could not be written
        self.dropped = 0  # reports given up because too many could not be written
        self._parts = Parts(paths.reports, writer)
        self._pending: deque[bytes] = deque(maxlen=kept)

    @property
    def pending(self) -> int:
        """How many reports are not known to be on the disk."""
        return len(self._pending)

    def add(self, tid: int, attempt: int, step: int, values: Mapping[str, float | str]) -> None:
        """Keep a report for the next flush."""
        self.dropped += len(self._pending) == self._pending.maxlen
        report = Report(tid, attempt, step, dict(values), round(time.time(), 3))
        self._pending.append(encode(report))

    def flush(self) -> bool:
        """Try once to write what is pending; return whether nothing is left."""
        if self._pending:
            try:
                self._parts.write(b"".join(self._pending))
            except OSError as error:
                self.trouble = disk.explain(error)
                return False
            self._pending.clear()
        self.trouble = ""
        return True

    def close(self) -> bool:
        """Write what is pending and end; return whether everything is on the disk."""
        written = self.flush()
        self._parts.close()
        return written


_decoder = msgspec.json.Decoder(Report)


def decode_report(line: bytes) -> Report:
    """Return the report of a line without its newline. Raises `BadLine`."""
    check(line)
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadLine(f"it is no report: {error}") from error


def read_reports(paths: HistoryPaths, writer: str) -> list[Report]:
    """Return all reports of one writer, in the order of writing; torn lines are left out."""
    reports: list[Report] = []
    for _, path in report_files(paths, {writer}):
        try:
            reports.extend(Tail(path, decode_report).read())
        except FileNotFoundError:
            continue
        except OSError as error:
            raise HistoryError(f"reports cannot be read: {disk.explain(error)}") from error
    return list({(r.tid, r.attempt, r.step, r.at): r for r in reports}.values())


@dataclass(frozen=True, slots=True)
class Curve:
    """The reports of one attempt by step, ascending; NaN where a step has no such value."""

    steps: tuple[int, ...] = ()
    values: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


class Curves:
    """Learning curves, read bit by bit. Texts among the values are left out."""

    def __init__(self, paths: HistoryPaths) -> None:
        self.paths = paths
        self._tails: dict[str, Tail[Report]] = {}
        self._curves: dict[tuple[int, int], Growing] = {}

    def refresh(self, writers: Collection[str] | None = None) -> set[tuple[int, int]]:
        """Read what is new, of these writers or of all; return the (tid, attempt) with news.

        A file that cannot be read now is left for the next time.
        """
        changed = set()
        for name, path in report_files(self.paths, writers):
            tail = self._tails.setdefault(name, Tail(path, decode_report))
            try:
                reports = tail.read()
            except OSError:
                continue
            for report in reports:
                key = report.tid, report.attempt
                self._curves.setdefault(key, Growing()).add(report)
                changed.add(key)
        return changed

    def curve(self, tid: int, attempt: int) -> Curve:
        """Return what this attempt has reported."""
        growing = self._curves.get((tid, attempt))
        return growing.frozen() if growing is not None else Curve()


class Growing:
    """A curve in the making, in 8 bytes a number: there may be millions."""

    __slots__ = ("_steps", "_values")

    def __init__(self) -> None:
        self._steps = array("q")
        self._values: dict[str, array[float]] = {}

    def add(self, report: Report) -> None:
        """Add a step, or write over it: after a failed write a report may come twice."""
        at = bisect_left(self._steps, report.step)
        if at == len(self._steps) or self._steps[at] != report.step:
            self._steps.insert(at, report.step)
            for column in self._values.values():
                column.insert(at, math.nan)
        for name, value in report.values.items():
            try:
                plain = number(value)
            except ValueError:
                continue
            if name not in self._values:
                self._values[name] = array("d", [math.nan]) * len(self._steps)
            self._values[name][at] = plain

    def frozen(self) -> Curve:
        """Return what is known now."""
        return Curve(tuple(self._steps), {n: tuple(v) for n, v in self._values.items()})


def curve_of(paths: HistoryPaths, trial: Trial, attempt: int | None = None) -> Curve:
    """Return what an attempt (the one that counts by default) has reported.

    Only its own lines are decoded. Files that are not here have nothing to tell.
    """
    number = trial.attempt if attempt is None else attempt
    writers = {one.writer for one in trial.attempts if one.attempt == number}
    growing = Growing()
    for _, path in report_files(paths, writers, packed=True):
        for line in _lines_of(path, trial.tid, number):
            with suppress(BadLine):
                growing.add(decode_report(line))
    return growing.frozen()


def _lines_of(path: Path, tid: int, attempt: int) -> Iterator[bytes]:
    """Yield the whole lines about one attempt, by what every such line begins with."""
    wanted = b'\n{"tid":%d,"attempt":%d,' % (tid, attempt)
    rest = b"\n"  # what is not a whole line yet, and the newline before it
    for block in _blocks(path):
        text = rest + block
        last = text.rfind(b"\n")
        start = text.find(wanted, 0, last)
        while start >= 0:
            end = text.find(b"\n", start + 1)
            yield text[start + 1 : end]
            start = text.find(wanted, end, last)
        rest = text[last:]


def _blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                yield block
    except FileNotFoundError:
        return
    except OSError as error:
        raise HistoryError(f"reports cannot be read: {disk.explain(error)}") from error


def report_files(
    paths: HistoryPaths, writers: Collection[str] | None, *, packed: bool = False
) -> Iterator[tuple[str, Path]]:
    """Yield the names and paths of the parts of these writers, in order.

    With `packed` also of the files into which those of ended writers may have been put together.
    """
    try:
        names = sorted(path.name for path in paths.reports.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise HistoryError(f"reports cannot be read: {disk.explain(error)}") from error
    parts = sorted((part, name) for name in names if (part := part_of(name)))
    for (writer, _), name in parts:
        if writers is None or writer in writers or (packed and writer.startswith(PACK)):
            yield name, paths.reports / name
