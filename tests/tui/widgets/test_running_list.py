from __future__ import annotations

import math

from tests.tui.app.scenes import NOW, Scene, core, trials
from trialdeck.core.history.reports import Curve
from trialdeck.tui.table import Cell
from trialdeck.tui.widgets.running_list import RunningList, running, told_of

SCENE = Scene(
    trials(13, running=(10, 11, 12)),
    cores=(core(0, tid=12, since=NOW + 90), core(1, tid=10, since=NOW + 100)),
    curves={
        10: Curve((1, 2, 3), {"auc": (0.91, math.nan, 0.95), "loss": (0.3, 0.2, 0.1)}),
        12: Curve((1, 2), {"auc": (0.95, 0.99)}),
    },
)


def cells(scene: Scene) -> dict[int, list[str]]:
    widget = RunningList(clock=lambda: NOW + 200)
    widget.show_seen(scene.seen())
    return {tid: [cell.text for cell in widget._cells(tid)] for tid in widget._runs}


def test_the_longest_running_trial_is_the_first() -> None:
    runs = running(SCENE.seen())
    assert [(run.trial.tid, run.since - NOW) for run in runs] == [(12, 90), (10, 100), (11, 110)]
    assert [run.core.index if run.core else None for run in runs] == [0, 1, None]


def test_a_row_says_where_how_long_and_how_far() -> None:
    rows = cells(SCENE)
    assert rows[10][:5] == ["▸ 10", "amber 1", "1 m 40 s", "3", "0.95"]
    assert rows[11] == ["▸ 11", "amber 2", "1 m 30 s", "—", "—", ""]


def test_the_curve_says_how_far_the_best_is() -> None:
    rows = cells(SCENE)
    assert rows[10][5].endswith("0.029 behind")
    assert rows[12][5].endswith("★ ahead")


def test_a_smaller_value_is_ahead_when_the_metric_is_minimised() -> None:
    scene = Scene(
        SCENE.events,
        cores=SCENE.cores,
        curves={10: Curve((1,), {"auc": (0.5,)}), 12: Curve((1,), {"auc": (0.99,)})},
        params=Scene().params.replace('direction = "maximize"\n', ""),
    )
    rows = cells(scene)
    assert rows[10][5].endswith("ahead")
    assert "behind" in rows[12][5]


def test_without_a_best_trial_there_is_the_curve_alone() -> None:
    scene = Scene(trials(1, running=(0,)), curves={0: Curve((1, 2), {"auc": (0.1, 0.2)})})
    widget = RunningList(clock=lambda: NOW)
    widget.show_seen(scene.seen())
    assert widget._cells(0)[5] == Cell(widget._cells(0)[5].text)
    assert "ahead" not in widget._cells(0)[5].text


def test_only_finite_values_of_the_metric_are_told() -> None:
    assert told_of(SCENE.curves[10], "auc") == [0.91, 0.95]
    assert told_of(SCENE.curves[10], "f1") == []
    assert told_of(None, "auc") == []
