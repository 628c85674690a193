import pytest

from tests.core.history.making import finished, interrupted, snapshot_of, started
from trialdeck.core.timing import durations, lead, longest_of, share_longer


def trials(*seconds, **more):
    return [
        event
        for tid, took in enumerate(seconds)
        for event in (started(tid, **more), finished(tid, seconds=took, loss=1.0))
    ]


def test_durations_are_those_of_trials_that_ended_ok_sorted():
    snapshot = snapshot_of(
        *trials(3.0, 1.0, 2.0),
        *(started(3), finished(3, outcome="failed", seconds=9.0)),
        *(started(4), finished(4, outcome="pruned", seconds=8.0)),
        *(started(5), interrupted(5, seconds=7.0), started(6)),
        *(started(7, origin="import"), finished(7, seconds=6.0, loss=1.0)),
        *(started(8, writer="b"), finished(8, writer="b", seconds=5.0, loss=1.0)),
    )
    assert durations(snapshot) == [1.0, 2.0, 3.0, 5.0]
    assert durations(snapshot, by={"b"}) == [5.0]


def test_only_the_newest_count():
    snapshot = snapshot_of(*trials(*(float(n) for n in range(300))))
    assert durations(snapshot) == [float(n) for n in range(100, 300)]
    assert durations(snapshot, 2) == [298.0, 299.0]


@pytest.mark.parametrize("few", [[], [1.0], [1.0, 2.0]])
def test_a_few_say_nothing(few):
    assert longest_of(few) is None
    assert share_longer(few, 1.5) is None


def test_nine_tenths_end_within_the_longest():
    assert longest_of([1.0, 2.0, 3.0]) == 3.0
    ten = [float(n) for n in range(1, 11)]
    assert longest_of(ten) == 9.0
    assert longest_of(ten, 0.5) == 5.0
    assert longest_of(ten, 1.0) == 10.0


def test_the_share_that_takes_longer():
    ten = [float(n) for n in range(1, 11)]
    assert share_longer(ten, 0.5) == 1.0
    assert share_longer(ten, 8.0) == pytest.approx(0.2)
    assert share_longer(ten, 10.0) == 0.0


def test_the_lead_is_the_grace_or_a_tenth_of_the_job_and_never_nothing():
    assert lead(30, 3600) == 30
    assert lead(30, 100) == 10
    assert lead(30, 10) == 2
    assert lead(0, 3600) == 2
    assert lead(30, float("inf")) == 30
