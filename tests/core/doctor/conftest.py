"""Small finished histories for the doctor's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.core.history.making import finished, started
from trialdeck.core.doctor import examination
from trialdeck.core.history import claims
from trialdeck.core.history.journal import Journal
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.history.reports import ReportWriter
from trialdeck.core.history.writers import WriterFile, WriterFiles
from trialdeck.core.params.revisions import publish_script
from trialdeck.core.params.script import Label, Script

if TYPE_CHECKING:
    from pathlib import Path


def record(paths: HistoryPaths, writer: str, tids: range, *, close: bool = True) -> None:
    """Write what a pool writes of some trials: claims, events, reports, its own file."""
    WriterFiles(paths).write(WriterFile(id=writer))
    journal, reports = Journal.create(paths, writer, "pool"), ReportWriter(paths, writer)
    events, about = [], {"writer": writer, "at": 1.0}
    for tid in tids:
        claims.take(paths, tid, 0, writer)
        claims.take(paths, tid, 1, writer)
        reports.add(tid, 0, 0, {"loss": 1.0})
        events += [started(tid, **about), finished(tid, loss=float(tid), **about)]
    journal.append(*events)
    reports.close()
    if close:
        journal.close()


def finished_search(folder: Path, trials: int = 12, writers: int = 3) -> HistoryPaths:
    """Make a search whose trials have all ended."""
    paths = HistoryPaths(folder / "history" / "search")
    paths.create()
    publish_script(paths, Script("f.py:f", trials, [Label("x", "uniform", [0.0, 1.0])]))
    each = trials // writers
    for number in range(writers):
        record(paths, f"writer{number}", range(number * each, (number + 1) * each))
    return paths


@pytest.fixture
def paths(tmp_path: Path) -> HistoryPaths:
    return finished_search(tmp_path)


def seen(paths: HistoryPaths):
    """Return all trials with their events, as a fresh reader sees them."""
    return {t.tid: tuple(t.events) for t in History(paths).refresh().trials.values()}


def findings(paths: HistoryPaths):
    """Return what a fresh examination finds wrong."""
    report = examination.report(examination.look(paths))
    return [finding for finding in report.findings if finding.level != "ok"]
