from types import SimpleNamespace

import pytest

from trialdeck.core.pool.deadline import Deadline
from trialdeck.core.pool.errands import JobFacts


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Asked:
    """Errands whose answers are set by the test."""

    knows_time = True
    job = "12_3"

    def __init__(self) -> None:
        self.facts = JobFacts()
        self.questions = 0

    def ask_now(self) -> None:
        self.questions += 1

    def ask_why(self) -> None:
        pass

    def why_ending(self, patience: float) -> str:
        return f"waited {patience:g} s"


class Told(SimpleNamespace):
    def end(self, why: str) -> None:
        self.stop, self.preempted, self.why = "now", True, why


class Scene:
    def __init__(self) -> None:
        self.clock = Clock()
        self.errands = Asked()
        self.orders = Told(stop="", preempted=False, why="", killed_at=None, warned_at=None)
        self.deadline = Deadline(self.errands, self.orders, self.clock)

    def at(self, now: float, grace: float = 30.0) -> str:
        """Look at this time, and return what the pool has been told."""
        self.clock.now = now
        self.deadline.look(grace)
        return self.orders.stop


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_without_an_end_nothing_ends(scene):
    assert scene.deadline.left(30) is None
    assert scene.deadline.total is None
    assert not scene.deadline.is_fresh
    assert scene.at(1e9) == ""
    assert scene.deadline.times(30) == []


def test_trials_stop_by_their_grace_before_the_end(scene):
    scene.errands.facts = JobFacts(1000.0, ends_at=4600.0)
    assert (scene.deadline.total, scene.deadline.left(30)) == (3600.0, 3570.0)
    assert scene.deadline.longest(30) == 3570.0
    assert scene.deadline.times(30) == [4570.0]
    assert scene.at(4569.0) == ""
    assert scene.at(4570.0) == "now"
    assert scene.orders.why == "the job 12_3 reached its time limit"
    assert scene.deadline.stop_by(30) == pytest.approx(4594.0)


def test_of_a_short_job_little_is_kept_back(scene):
    scene.errands.facts = JobFacts(1000.0, ends_at=1100.0)
    assert scene.deadline.left(30) == 90.0
    scene.errands.facts = JobFacts(1000.0, ends_at=1010.0)
    assert scene.deadline.left(30) == 8.0


def test_an_end_that_moves_is_followed(scene):
    scene.errands.facts = JobFacts(1000.0, ends_at=1100.0)
    assert scene.at(1089.0) == ""
    scene.errands.facts = JobFacts(1089.0, ends_at=2000.0)
    assert scene.at(1095.0) == ""


def test_a_job_is_fresh_for_a_tenth_of_its_time(scene):
    scene.errands.facts = JobFacts(1000.0, ends_at=1100.0)
    assert scene.deadline.is_fresh
    scene.clock.now = 1011.0
    assert not scene.deadline.is_fresh


def test_the_kill_is_forestalled(scene):
    scene.errands.facts = JobFacts(1000.0, grace=5.0)
    scene.orders.stop, scene.orders.killed_at = "now", 1500.0
    scene.at(1500.0)
    assert scene.deadline.stop_by(30) == 1504.0
    assert scene.deadline.stop_by(1) == 1501.0
    assert scene.deadline.why(30) == "waited 2 s"


def test_why_is_not_asked_for_beyond_the_kill(scene):
    scene.errands.facts = JobFacts(1000.0, grace=1.0)
    scene.orders.stop, scene.orders.killed_at = "now", 1500.0
    scene.at(1500.5)
    assert scene.deadline.why(30) == "waited 0.3 s"


def test_a_kill_after_the_supposed_end_leaves_a_moment(scene):
    scene.errands.facts = JobFacts(1000.0, ends_at=1100.0)
    scene.orders.stop = "now"
    scene.at(1200.0)
    assert scene.deadline.stop_by(30) == 1201.0


def test_a_kill_without_facts_leaves_the_grace(scene):
    scene.orders.stop, scene.orders.killed_at = "now", 1500.0
    scene.at(1500.0)
    assert scene.deadline.stop_by(30) == 1530.0


class TestWarnings:
    def test_the_end_is_asked_for_anew(self, scene):
        scene.errands.facts = JobFacts(1000.0)
        scene.orders.warned_at = 1500.0
        assert scene.at(1500.0) == ""
        assert scene.errands.questions == 1
        scene.errands.facts = JobFacts(1500.5, ends_at=1560.0)
        assert scene.at(1501.0) == ""
        assert scene.orders.warned_at is None
        assert scene.at(1530.0) == "now"

    def test_without_an_answer_the_job_has_to_end(self, scene):
        scene.errands.facts = JobFacts(1000.0)
        scene.orders.warned_at = 1500.0
        assert scene.at(1504.0) == ""
        assert scene.at(1506.0) == "now"
        assert scene.orders.why == "the job has to end"

    def test_where_nothing_can_be_asked_it_is_an_end(self, scene):
        scene.errands.knows_time = False
        scene.orders.warned_at = 1500.0
        assert scene.at(1500.0) == "now"


def test_a_pool_waits_a_moment_for_what_its_job_knows(scene):
    assert scene.deadline.awaited
    scene.errands.facts = JobFacts(1000.1)
    assert not scene.deadline.awaited
    scene.errands.facts = JobFacts()
    scene.clock.now = 1006.0
    assert not scene.deadline.awaited
    scene.clock.now = 1000.0
    scene.errands.knows_time = False
    assert not scene.deadline.awaited
