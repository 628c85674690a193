from __future__ import annotations

import threading
import time

import pytest

from tests.conditions import until
from trialdeck.backends.base import Handle, State, Status
from trialdeck.core.asking import WAIT_SECONDS, Asking, handle_of
from trialdeck.core.errors import LaunchError
from trialdeck.core.launches import Launch

QUEUED = Status(State.QUEUED, "Priority")
BEING_ASKED = Status(State.UNKNOWN, "being asked")
PATIENCE = 0.001  # any answer is too old at the next look, and nobody waits


def launch(name: str, backend: str = "b", **more) -> Launch:
    return Launch(**{"name": name, "backend": backend, "cores": 2, "at": 0.0, "job": name, **more})


class Place:
    """Answers with `says` (or raises it), once `open` is set; counts the questions."""

    def __init__(self) -> None:
        self.says: Status | Exception = QUEUED
        self.open = threading.Event()
        self.open.set()
        self.asked: list[tuple[str, list[str]]] = []

    def poll(self, backend, handles):
        self.asked.append((backend, sorted(handle.job for handle in handles)))
        assert self.open.wait(60)
        if isinstance(self.says, Exception):
            raise self.says
        return dict.fromkeys(handles, self.says)


@pytest.fixture
def place() -> Place:
    return Place()


@pytest.fixture
def asking(place) -> Asking:
    return Asking(place.poll)


def test_without_patience_it_waits_for_every_backend(asking, place):
    launches = [launch("1"), launch("2"), launch("3", "c")]
    assert asking.ask(launches) == dict.fromkeys("123", QUEUED)
    assert place.asked == [("b", ["1", "2"]), ("c", ["3"])]


def test_with_patience_an_answer_does_for_a_while(asking, place):
    assert asking.ask([launch("1")]) == {"1": QUEUED}
    assert asking.ask([launch("1")], 60.0) == {"1": QUEUED}
    assert len(place.asked) == 1
    assert asking.ask([launch("1"), launch("2")], 60.0)["2"] in (QUEUED, BEING_ASKED)
    until(lambda: place.asked[1:] == [("b", ["2"])])


def test_a_place_that_hangs_holds_up_nobody(asking, place):
    place.open.clear()
    began = time.monotonic()
    assert asking.ask([launch("1")], PATIENCE) == {"1": BEING_ASKED}
    assert WAIT_SECONDS <= time.monotonic() - began < 10 * WAIT_SECONDS
    for _ in range(20):  # a question that hangs is not waited for again, nor asked again
        assert asking.ask([launch("1")], PATIENCE) == {"1": BEING_ASKED}
    assert time.monotonic() - began < 10 * WAIT_SECONDS
    assert len(place.asked) == 1
    place.open.set()
    until(lambda: asking.ask([launch("1")], PATIENCE) == {"1": QUEUED})


def test_a_place_that_takes_long_is_said_to_be_silent(asking, place, monkeypatch):
    monkeypatch.setattr("trialdeck.core.asking.SLOW_SECONDS", 0.0)
    place.open.clear()
    asking.ask([launch("1")], PATIENCE)
    assert asking.silent(["b"]) == "b cannot be asked: there has been no answer for some time"
    place.open.set()
    until(lambda: not asking.silent(["b"]))


def test_what_was_known_is_kept_while_a_place_cannot_be_asked(asking, place):
    asking.ask([launch("1")])
    place.says = LaunchError("squeue: no reply in 10 s")
    assert asking.ask([launch("1"), launch("2")]) == {
        "1": QUEUED,
        "2": Status(State.UNKNOWN, "squeue: no reply in 10 s"),
    }
    silent = asking.silent(["b", "c"])
    assert silent.startswith("b cannot be asked: squeue: no reply in 10 s; shown is what was known")
    asking.ask([launch("1")])
    assert asking.silent(["b"]) == silent  # what is shown does not change by itself
    assert asking.silent(["c"]) == ""
    place.says = QUEUED
    assert asking.ask([launch("1"), launch("2")]) == {"1": QUEUED, "2": QUEUED}
    assert asking.silent(["b"]) == ""


def test_a_place_that_names_itself_is_not_named_twice(asking, place):
    place.says = LaunchError("B does not answer")
    asking.ask([launch("1")])
    assert asking.silent(["b"]) == "B does not answer"


def test_an_error_of_a_program_is_told_and_not_lost_in_the_thread(asking, place):
    place.says = ZeroDivisionError("by zero")
    asking.ask([launch("1")], PATIENCE)
    until(lambda: "ZeroDivisionError: by zero" in asking.silent(["b"]))
    place.says = QUEUED
    until(lambda: asking.ask([launch("1")], PATIENCE) == {"1": QUEUED})


def test_an_end_is_asked_for_no_more_unless_there_are_several_jobs(asking, place):
    place.says = Status(State.VANISHED)
    launches = [launch("1"), launch("2", many=True), launch("3", job="")]
    asking.ask(launches)
    asking.ask(launches)
    assert place.asked == [("b", ["1", "2", "3"]), ("b", ["2", "3"])]


def test_a_launch_whose_reply_was_lost_is_asked_for_by_its_name():
    assert handle_of(launch("n", job="")) == Handle("b", "n")
    assert handle_of(launch("n", job="12")) == Handle("b", "12")
