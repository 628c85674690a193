from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from tests.core.history.disks import files_up_to, filled, small_disk
from tests.core.history.making import interrupted, started, trial_of
from trialdeck.core.errors import HistoryError
from trialdeck.core.history import reports
from trialdeck.core.history.codec import encode
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reports import (
    Curve,
    Curves,
    Report,
    ReportWriter,
    curve_of,
    decode_report,
    read_reports,
)

if TYPE_CHECKING:
    from pathlib import Path


def steps(paths: HistoryPaths, writer: str = "a") -> list[int]:
    return [report.step for report in read_reports(paths, writer)]


def test_reports_are_on_the_disk_after_a_flush(paths: HistoryPaths) -> None:
    writer = ReportWriter(paths, "a")
    assert writer.flush()
    assert list(paths.reports.iterdir()) == []
    writer.add(7, 0, 0, {"loss": 0.5, "note": "warm"})
    writer.add(7, 0, 1, {"loss": math.nan})
    assert writer.pending == 2
    assert writer.flush()
    assert writer.pending == 0
    first, second = read_reports(paths, "a")
    assert (first.tid, first.attempt, first.step, first.values) == (
        7,
        0,
        0,
        {"loss": 0.5, "note": "warm"},
    )
    assert second.values == {"loss": "nan"}
    assert read_reports(paths, "b") == []


def test_a_full_disk_keeps_the_newest(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        paths = HistoryPaths(disk / "history" / "search")
        paths.create()
        writer = ReportWriter(paths, "a", kept=100)
        writer.add(1, 0, 0, {"loss": 0.5})
        assert writer.flush()
        with filled(disk):
            for step in range(1, 121):
                writer.add(1, 0, step, {"loss": 0.5})
            assert not writer.flush()
            assert "the disk is full" in writer.trouble
        assert (writer.pending, writer.dropped) == (100, 20)
        assert writer.close()
        assert steps(paths) == [0, *range(21, 121)]


def test_after_a_short_write_a_new_part_begins(paths: HistoryPaths) -> None:
    writer = ReportWriter(paths, "a")
    writer.add(1, 0, 0, {"loss": 0.5})
    writer.flush()
    size = (paths.reports / "a.jsonl").stat().st_size
    writer.add(1, 0, 1, {"loss": 0.5})
    writer.add(1, 0, 2, {"loss": 0.5})
    with files_up_to(size + size + 10):  # the next line and a part of the one after it
        assert not writer.flush()
    assert steps(paths) == [0, 1]
    assert writer.flush()
    assert steps(paths) == [0, 1, 2]
    curves = Curves(paths)
    curves.refresh()
    assert curves.curve(1, 0).steps == (0, 1, 2)


def test_curves_grow(paths: HistoryPaths) -> None:
    writer = ReportWriter(paths, "a")
    curves = Curves(paths)
    assert curves.refresh() == set()
    writer.add(1, 0, 0, {"loss": 0.5})
    writer.add(2, 1, 0, {"loss": 0.25})
    writer.flush()
    assert curves.refresh() == {(1, 0), (2, 1)}
    writer.add(1, 0, 2, {"loss": "inf", "auc": 0.9, "note": "text"})
    writer.flush()
    assert curves.refresh() == {(1, 0)}
    curve = curves.curve(1, 0)
    assert curve.steps == (0, 2)
    assert curve.values["loss"] == (0.5, math.inf)
    assert curve.values["auc"][1] == 0.9
    assert math.isnan(curve.values["auc"][0])
    assert set(curve.values) == {"loss", "auc"}
    assert curves.curve(3, 0) == Curve()
    assert curves.refresh() == set()


def test_steps_may_come_out_of_order_and_again(paths: HistoryPaths) -> None:
    writer = ReportWriter(paths, "a")
    for step, loss in [(5, 0.5), (1, 0.1), (5, 0.6), (3, 0.3)]:
        writer.add(1, 0, step, {"loss": loss})
    writer.flush()
    curves = Curves(paths)
    curves.refresh()
    assert curves.curve(1, 0) == Curve((1, 3, 5), {"loss": (0.1, 0.3, 0.6)})


def test_only_the_writers_asked_for_are_read(paths: HistoryPaths) -> None:
    for tid, name in enumerate("ab"):
        writer = ReportWriter(paths, name)
        writer.add(tid, 0, 0, {"loss": 0.5})
        writer.close()
    curves = Curves(paths)
    assert curves.refresh({"b"}) == {(1, 0)}
    assert curves.refresh() == {(0, 0)}


def test_damage_is_passed_over(paths: HistoryPaths) -> None:
    good = [encode(Report(1, 0, step, {"loss": 0.5})) for step in range(3)]
    foreign = encode(Report(1, 0, 3, {})).replace(b"tid", b"cat")
    data = good[0] + b"\0" * 50 + b"\n" + good[1] + foreign + good[2] + good[0][:20]
    (paths.reports / "a.jsonl").write_bytes(data)
    assert steps(paths) == [0, 1, 2]
    assert decode_report(good[0].strip()).step == 0


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "reports").touch()
    with pytest.raises(HistoryError, match="reports cannot be read"):
        read_reports(HistoryPaths(tmp_path), "a")


def test_the_curve_of_one_attempt_is_read_on_demand(
    paths: HistoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trialdeck.core.history.reports.BLOCK", 100)  # lines lie across blocks
    writer = ReportWriter(paths, "a")
    for step in range(20):
        for tid, attempt in ((7, 0), (17, 0), (7, 1), (70, 0)):
            writer.add(tid, attempt, step, {"loss": tid + attempt + step / 100})
    assert writer.flush()
    path = paths.reports / "a.jsonl"
    good = path.read_bytes()
    path.write_bytes(
        b'{"tid":7,"attempt":1,"step":99}\n' + good + b'{"tid":7,"attempt":1,"step":98'
    )
    trial = trial_of(started(7), interrupted(7), started(7, attempt=1))
    steps = tuple(range(20))
    expected = {attempt: tuple(7 + attempt + step / 100 for step in steps) for attempt in (0, 1)}
    assert curve_of(paths, trial) == Curve(steps, {"loss": expected[1]})
    assert curve_of(paths, trial, 0) == Curve(steps, {"loss": expected[0]})
    assert curve_of(paths, trial, 2) == Curve()


def test_only_the_lines_of_the_attempt_are_decoded(
    paths: HistoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = ReportWriter(paths, "a")
    for tid in range(50):
        writer.add(tid, 0, 0, {"loss": 1.0})
    assert writer.flush()
    decoded: list[bytes] = []
    decode = reports.decode_report
    monkeypatch.setattr(reports, "decode_report", lambda line: decoded.append(line) or decode(line))
    assert curve_of(paths, trial_of(started(7))).steps == (0,)
    assert len(decoded) == 1
