"""What a trial says to its pool while it trains, and what it waits for."""

from __future__ import annotations

from multiprocessing import Pipe
from threading import Thread

import pytest

from trialdeck.core.pool import messages, talk
from trialdeck.core.pool.messages import Reported, StopTrial, Verdict
from trialdeck.core.pool.talk import Talk
from trialdeck.core.pruning import Rule

RULE = Rule(algorithm="asha", metrics=(("loss", False),), reduction_factor=3)


@pytest.fixture
def ends():
    one, other = Pipe()
    yield one, other
    one.close()
    other.close()


def said(pool) -> list[Reported]:
    heard = []
    while pool.poll():
        heard.append(messages.from_core(pool.recv_bytes()))
    return heard


def say(pool, message) -> None:
    pool.send_bytes(messages.encode(message))


def test_only_the_first_report_at_a_rung_asks(ends, monkeypatch):
    monkeypatch.setattr(talk, "PATIENCE", 0.0)
    trial = Talk(ends[0], RULE)
    for step in (0, 1, 2, 4, 5, 6, 9, 30):
        trial.report(step, {"loss": 1.0})
    assert [report.step for report in said(ends[1]) if report.asks] == [1, 4, 9, 30]


def test_without_a_rule_or_the_metric_none_does(ends):
    Talk(ends[0]).report(1, {"loss": 1.0})
    Talk(ends[0], RULE).report(1, {"accuracy": 1.0})
    assert [report.asks for report in said(ends[1])] == [False, False]


@pytest.mark.parametrize("why", ["", "pruned at step 3"])
def test_it_waits_for_the_answer(ends, why):
    def answer():
        asked = messages.from_core(ends[1].recv_bytes())
        say(ends[1], Verdict(step=asked.step, why=why))

    pool = Thread(target=answer)
    pool.start()
    trial = Talk(ends[0], RULE)
    trial.report(3, {"loss": 1.0})
    assert (trial._answered, trial.why_prune(), trial.asked_to_stop()) == (3, why, False)
    assert (trial.pruned_at is not None) == bool(why)
    pool.join()


def test_a_late_answer_counts(ends, monkeypatch):
    monkeypatch.setattr(talk, "PATIENCE", 0.0)
    trial = Talk(ends[0], RULE)
    trial.report(1, {"loss": 1.0})
    assert not trial.why_prune()
    say(ends[1], Verdict(step=1, why="pruned at step 1"))
    assert trial.why_prune() == "pruned at step 1"


def test_the_answer_to_an_earlier_question_is_not_the_one(ends):
    trial = Talk(ends[0], RULE)
    for step in (1, 3):  # the first one came late
        say(ends[1], Verdict(step=step))
    trial.report(3, {"loss": 1.0})
    assert trial._answered == 3


def test_a_stop_ends_the_wait(ends):
    say(ends[1], StopTrial())
    trial = Talk(ends[0], RULE)
    trial.report(1, {"loss": 1.0})
    assert trial.asked_to_stop()
    assert not trial.why_prune()


def test_numbers_that_are_not_finite_are_texts(ends):
    Talk(ends[0]).report(1, {"loss": float("nan"), "other": float("-inf"), "fine": 1.5})
    [report] = said(ends[1])
    assert report.values == {"loss": "nan", "other": "-inf", "fine": 1.5}
