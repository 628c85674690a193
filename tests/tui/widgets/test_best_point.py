from __future__ import annotations

from tests.tui.app.scenes import Scene, trials
from trialdeck.tui.widgets.best_point import BestPoint


def best_point(scene: Scene) -> BestPoint:
    seen, widget = scene.seen(), BestPoint()
    assert seen.status is not None
    assert seen.params is not None
    widget.show(seen.status, seen.params.space)
    return widget


def test_it_has_the_value_and_the_point() -> None:
    lines = [line.plain for line in best_point(Scene(trials(6))).lines(60)]
    assert lines == [
        "★ best auc 0.9795, trial 5   y copies it",
        "  layers         1",
        "  learning_rate  0.0001611",
        "  activation     gelu",
        "  optimizer      adam",
        "    beta2        0.905",
    ]


def test_what_there_is_no_room_for_is_a_key_away() -> None:
    widget = best_point(Scene(trials(6)))
    widget.room = 4
    lines = [line.plain for line in widget.lines(60)]
    assert len(lines) == 4
    assert lines[-1] == "b shows 3 more"


def test_without_a_success_there_is_nothing() -> None:
    assert best_point(Scene(trials(2, failed=(0, 1)))).lines(60) == []
