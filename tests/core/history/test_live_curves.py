from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trialdeck.core.history.live_curves import FIRST_BYTES, GRACE_LOOKS, LiveCurves
from trialdeck.core.history.reports import Curve, ReportWriter

if TYPE_CHECKING:
    from trialdeck.core.history.paths import HistoryPaths


def report(writer: ReportWriter, tid: int, step: int, attempt: int = 0) -> None:
    writer.add(tid, attempt, step, {"loss": float(step)})
    assert writer.flush()


@pytest.fixture
def writer(paths: HistoryPaths) -> ReportWriter:
    return ReportWriter(paths, "w")


def test_a_curve_grows(paths: HistoryPaths, writer: ReportWriter) -> None:
    curves = LiveCurves(paths)
    assert curves.refresh({3: 0}, {"w"}) == {}
    report(writer, 3, 0)
    assert curves.refresh({3: 0}, {"w"}) == {3: Curve((0,), {"loss": (0.0,)})}
    report(writer, 3, 1)
    assert curves.refresh({3: 0}, {"w"}) == {3: Curve((0, 1), {"loss": (0.0, 1.0)})}


def test_what_has_not_changed_is_the_same_object(paths: HistoryPaths, writer: ReportWriter) -> None:
    report(writer, 3, 0)
    report(writer, 4, 0)
    curves = LiveCurves(paths)
    before = curves.refresh({3: 0, 4: 0}, {"w"})
    assert curves.refresh({4: 0, 3: 0}, {"w"}) is before
    report(writer, 5, 0)  # another trial, which is not known to run
    assert curves.refresh({3: 0, 4: 0}, {"w"}) is before
    report(writer, 3, 1)
    after = curves.refresh({3: 0, 4: 0}, {"w"})
    assert after is not before
    assert after[4] is before[4]
    assert len(after[3].steps) == 2


def test_only_what_runs_is_shown_and_the_rest_is_forgotten(
    paths: HistoryPaths, writer: ReportWriter
) -> None:
    report(writer, 3, 0)
    report(writer, 4, 0, attempt=1)
    curves = LiveCurves(paths)
    assert set(curves.refresh({3: 0, 4: 0}, {"w"})) == {3}
    assert set(curves.refresh({4: 1}, {"w"})) == {4}
    for _ in range(GRACE_LOOKS):
        curves.refresh({4: 1}, {"w"})
    assert set(curves._growing) == {(4, 1)}
    assert set(curves.refresh({3: 0}, {"w"})) == set()


def test_a_report_may_come_before_its_trial_is_known_to_run(
    paths: HistoryPaths, writer: ReportWriter
) -> None:
    report(writer, 3, 0)
    curves = LiveCurves(paths)
    assert curves.refresh({}, {"w"}) == {}
    assert curves.refresh({3: 0}, {"w"})[3].steps == (0,)


def test_other_writers_are_not_read(paths: HistoryPaths, writer: ReportWriter) -> None:
    report(writer, 3, 0)
    curves = LiveCurves(paths)
    assert curves.refresh({3: 0}, {"other"}) == {}
    assert set(curves.refresh({3: 0}, {"w", "other"})) == {3}
    assert set(curves._tails) == {"w.jsonl"}


def test_of_a_large_file_only_the_end_is_read(paths: HistoryPaths, writer: ReportWriter) -> None:
    report(writer, 3, 0)
    with (paths.reports / "w.jsonl").open("ab") as file:
        file.write(b"x" * FIRST_BYTES + b"\n")
    report(writer, 3, 1)
    curves = LiveCurves(paths)
    assert curves.refresh({3: 0}, {"w"})[3].steps == (1,)
    report(writer, 3, 2)
    assert curves.refresh({3: 0}, {"w"})[3].steps == (1, 2)
