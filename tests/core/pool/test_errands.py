import threading
import time

import pytest

from tests.conditions import until
from trialdeck.backends.base import Handle, LaunchError, OwnJob, SingleJobs, State, Status
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.writers import JobEnd, Liveness, WriterFile
from trialdeck.core.launches import Launch, Launches
from trialdeck.core.pool.errands import Errands, end_of


class Place(SingleJobs):
    """Answers what the test says, or raises it."""

    name = "p"

    def __init__(self, *, scarce=True, left=None, said=None):
        self.scarce = scarce
        self.left = left
        self.said = said or {}
        self.asked = []
        self.own = Own(self)

    def own_job(self, _job):
        return self.own

    def poll(self, handles):
        self.asked.append(list(handles))
        if isinstance(self.said, Exception):
            raise self.said
        return {handle: self.said.get(handle, Status(State.UNKNOWN)) for handle in handles}


class Own(OwnJob):
    def __init__(self, place):
        self.place = place

    def seconds_left(self):
        if isinstance(self.place.left, Exception):
            raise self.place.left
        return self.place.left


@pytest.fixture
def paths(tmp_path):
    paths = HistoryPaths(tmp_path / "history" / "t")
    paths.create()
    return paths


def errands_at(paths, place, job="7_1"):
    heard = threading.Event()
    errands = Errands(paths, place, job, Liveness(paths), heard.set)
    errands.start()
    return errands, heard


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "errands"]


def test_a_place_that_knows_nothing_costs_no_thread(paths):
    before = len(threads())
    place = Place(scarce=False)
    place.own = OwnJob()
    errands, _ = errands_at(paths, place)
    assert not errands.knows_time
    assert not errands_at(paths, None)[0].knows_time
    assert len(threads()) == before
    assert errands.why_ending(5.0) == ""


def test_the_time_that_is_left_is_known_soon_and_asked_for_anew(paths):
    place = Place(left=100.0)
    errands, heard = errands_at(paths, place)
    assert heard.wait(10)
    assert errands.facts.ends_at == pytest.approx(time.monotonic() + 100, abs=5)
    place.left = 1000.0
    errands.ask_now()
    until(lambda: errands.facts.ends_at > time.monotonic() + 900)


def test_without_an_answer_what_was_known_holds(paths):
    place = Place(left=100.0)
    errands, heard = errands_at(paths, place)
    assert heard.wait(10)
    before = errands.facts
    place.left = LaunchError("no answer")
    errands.ask_now()
    until(lambda: errands.facts.asked > before.asked)
    assert errands.facts.ends_at == before.ends_at


def test_a_mistake_in_a_place_is_told_and_harms_nothing(paths):
    errands, heard = errands_at(paths, Place(left=ZeroDivisionError("oh")))
    assert heard.wait(10)
    assert errands.trouble == "7_1 cannot ask its place: ZeroDivisionError: oh"


class TestOthers:
    def doubted(self, paths, place, file):
        errands, _ = errands_at(paths, place)
        assert not errands.awaits_word_of(file.id)
        errands.doubt({file.id: file})
        until(lambda: not errands.awaits_word_of(file.id), 15)
        return errands.liveness.job_end(file.id)

    def test_the_launch_that_was_noted_is_asked_about(self, paths):
        noted = Launch(name="n", backend="p", cores=1, at=0.0, job="a_b")
        Launches(paths.launches).write(noted)
        lost = Status(State.FAILED, "NODE_FAIL", taken=True)
        handle = Handle("p", "a_b")
        place = Place(said={handle: Status(State.RUNNING, jobs={"a_b_3": lost})})
        file = WriterFile(id="w", backend="p", job="a_b_3", name="n")
        assert self.doubted(paths, place, file) == JobEnd("NODE_FAIL", blameless=True)
        assert place.asked == [[handle]]

    def test_what_was_submitted_by_hand_is_found_by_the_jobs_name(self, paths):
        place = Place(said={Handle("p", "12"): Status(State.VANISHED)})
        file = WriterFile(id="w", backend="p", job="12_3", name="unknown")
        assert self.doubted(paths, place, file) == JobEnd()

    def test_a_place_that_does_not_know_yet_is_asked_again(self, paths):
        handle = Handle("p", "12")
        place = Place(said={handle: Status(State.RUNNING)})
        file = WriterFile(id="w", backend="p", job="12_3")
        errands, _ = errands_at(paths, place)
        errands.doubt({"w": file})
        until(lambda: place.asked)
        assert errands.awaits_word_of("w")
        place.said = {handle: Status(State.ENDED, "cancelled", taken=True)}
        until(lambda: not errands.awaits_word_of("w"), 5)
        assert errands.liveness.job_end("w") == JobEnd("cancelled", blameless=True)

    @pytest.mark.parametrize("said", [LaunchError("no"), {}])
    def test_it_is_not_waited_for_longer_than_a_moment(self, paths, said, monkeypatch):
        monkeypatch.setattr("trialdeck.core.pool.errands.WORD_SECONDS", 0.5)
        file = WriterFile(id="w", backend="p", job="12_3")
        assert self.doubted(paths, Place(said=said), file) is None


@pytest.mark.parametrize(
    ("own", "launch", "end"),
    [
        (None, State.RUNNING, None),
        (None, State.UNKNOWN, None),
        (None, State.VANISHED, JobEnd("whole")),
        (State.RUNNING, State.RUNNING, None),
        (State.UNKNOWN, State.ENDED, JobEnd("whole")),
        (State.FAILED, State.RUNNING, JobEnd("own")),
        (State.QUEUED, State.RUNNING, JobEnd("own", blameless=True)),
    ],
)
def test_what_is_said_of_a_job_that_has_begun(own, launch, end):
    jobs = {"7_1": Status(own, "own")} if own else {}
    assert end_of("7_1", Status(launch, "whole", jobs=jobs)) == end
