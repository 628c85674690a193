import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.history.making import finished, interrupted, lost, snapshot_of, started
from trialdeck.core.course import Course, Spans


def ran(tid, loss, at, outcome="ok", **more):
    end = {"loss": loss, "at": at, "seconds": 1.0, "outcome": outcome, **more}
    return [started(tid, at=at - 1.0), finished(tid, **end)]


def a_course(*snapshots):
    course = Course()
    for snapshot in snapshots:
        course.follow(snapshot)
    return course


def events_of(losses):
    return [e for n, loss in enumerate(losses) for e in ran(n, loss, 10.0 * n)]


def naive(losses, patience):
    best, row = math.inf, 0
    for loss in losses:
        row = 0 if loss < best else row + 1
        best = min(best, loss)
        if row >= patience:
            return True
    return False


@given(st.lists(st.integers(0, 4).map(float), max_size=12), st.integers(1, 5), st.randoms())
def test_it_stands_still_as_by_the_plainest_means_in_whatever_order_it_is_read(
    losses, patience, rng
):
    events = events_of(losses)
    rng.shuffle(events)
    some = events[: rng.randrange(len(events) + 1)]
    course = a_course(snapshot_of(*some), snapshot_of(*events))
    assert course.stood_still(patience) == naive(losses, patience)
    assert course.stood_still(patience + 1) == naive(losses, patience + 1)


def test_the_order_is_that_of_the_ends():
    late = ran(0, 0.1, at=100.0)  # the best, and the last to end
    course = a_course(snapshot_of(*late, *ran(1, 1.0, 10.0), *ran(2, 2.0, 20.0)))
    assert not course.stood_still(2)
    course = a_course(snapshot_of(*late, *(e for n in (1, 2, 3) for e in ran(n, 1.0 * n, 9.0 * n))))
    assert course.stood_still(2)  # what comes after does not take it back


def test_failures_and_what_was_imported_do_not_wear_patience_out():
    events = ran(0, 1.0, 10.0)
    events += [e for n in (1, 2) for e in ran(n, None, 10.0 + n, "failed", cause="error")]
    imported = [started(3, at=20.0, origin="import"), finished(3, loss=5.0, at=21.0)]
    assert not a_course(snapshot_of(*events, *imported)).stood_still(1)
    assert a_course(snapshot_of(*events, *ran(4, None, 30.0, "pruned"))).stood_still(1)


def test_time_counts_while_anything_ran_and_not_at_night():
    day = [e for n in range(4) for e in ran(n, 1.0, 1000.0 + 30 * n, seconds=40.0)]
    assert a_course(snapshot_of(*day)).ran.total == pytest.approx(130.0)
    imported = [started(9, at=0.0, origin="import"), finished(9, loss=1.0, at=9e4, seconds=9e4)]
    assert a_course(snapshot_of(*day, *imported)).ran.total == pytest.approx(130.0)
    night = 8 * 3600.0
    morning = ran(4, 1.0, 1000.0 + night, seconds=10.0)
    assert a_course(snapshot_of(*day, *morning)).ran.total == pytest.approx(140.0)


def test_an_attempt_that_was_interrupted_ran_and_one_that_was_lost_is_not_known_to_have():
    stopped = [started(0, at=0.0), interrupted(0, at=50.0, seconds=50.0)]
    assert a_course(snapshot_of(*stopped)).ran.total == 50.0
    found = [started(1, at=0.0), lost(1, at=30000.0)]
    assert a_course(snapshot_of(*stopped, *found)).ran.total == 50.0


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=12), st.randoms())
def test_spans_are_a_union_whatever_the_order(pairs, rng):
    spans = Spans(gap=1.5)
    for begin, length in rng.sample(pairs, len(pairs)) * 2:
        spans.add(float(begin), float(begin + length))
    covered = {second for begin, length in pairs for second in range(begin, begin + length)}
    # A second between two that are covered is less than the gap.
    covered |= {second + 1 for second in covered if second + 2 in covered}
    assert spans.total == len(covered)
