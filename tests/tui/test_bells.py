from __future__ import annotations

from tests.tui.app.scenes import Scene, finished, started, trials
from tests.tui.views.cores_scenes import said_by_status
from trialdeck.tui.bells import news
from trialdeck.tui.seen import Seen


def texts(seen: Seen, before: Seen) -> list[str]:
    return [text for text, _ in news(seen, before)]


def test_what_the_first_look_finds_is_no_news() -> None:
    assert texts(Scene(trials(5)).seen(), Seen()) == []


def test_a_new_best_is_news() -> None:
    before = Scene(trials(5)).seen()
    best = finished(5, loss=-0.999, metrics={"auc": 0.999})
    after = Scene([*trials(5), started(5), best]).seen()
    assert texts(after, before) == ["New best auc 0.999: trial 5"]
    assert texts(after, after) == []


def test_the_end_is_news() -> None:
    before, after = Scene(trials(49)).seen(), Scene([*trials(49), started(49), finished(49)]).seen()
    assert any("is finished: 50 of 50" in text for text in texts(after, before))


def test_the_death_of_a_core_is_news() -> None:
    before = Scene([*trials(3), started(3)]).seen()
    died = finished(3, "failed", cause="killed", message="signal 9")
    after = Scene([*trials(3), started(3), died]).seen()
    assert texts(after, before) == ["A core died with trial 3; it runs again if it may"]


def test_an_error_of_the_objective_is_no_death() -> None:
    before = Scene([*trials(3), started(3)]).seen()
    after = Scene([*trials(3), started(3), finished(3, "failed", cause="error")]).seen()
    assert texts(after, before) == []


def test_a_launch_that_gets_stuck_is_news_once() -> None:
    before = Scene(trials(5)).seen()
    after = said_by_status(before, stuck="2 jobs on slurm cannot start: no such partition")
    assert list(news(after, before)) == [
        ("2 jobs on slurm cannot start: no such partition.", "error")
    ]
    assert texts(said_by_status(before, stuck="1 job cannot start"), after) == []
    assert texts(before, after) == []
