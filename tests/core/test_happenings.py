from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hypothesis import given

from tests.core.history.making import (
    finished,
    interrupted,
    lost,
    messy_events,
    snapshot_of,
    some_trials,
    started,
)
from trialdeck.core.happenings import KEPT, Happening, Happenings
from trialdeck.core.history.events import Closed, Opened, Trouble
from trialdeck.core.history.state import State

if TYPE_CHECKING:
    from trialdeck.core.history.events import AnyEvent


class Life:
    """A search that is looked at after every few events."""

    def __init__(self) -> None:
        self.state = State()
        self.happenings = Happenings()

    def after(self, *events: AnyEvent) -> tuple[Happening, ...]:
        self.state.apply(*events)
        return self.happenings.update(self.state.snapshot())

    def texts(self, *events: AnyEvent) -> list[str]:
        return [one.text for one in self.after(*events)]


def test_the_life_of_trials_in_sentences() -> None:
    life = Life()
    life.after(started(0, at=1.0), started(1, at=2.0), started(2, at=3.0), started(3, at=4.0))
    life.after(finished(0, at=5.0, loss=1.0))
    life.after(finished(1, at=6.0, loss=2.0))
    life.after(
        finished(2, at=7.0, outcome="failed", cause="error", message="\n no\x1b[31m \nmore"),
        interrupted(3, at=8.0, cause="preempted"),
    )
    life.after(started(3, attempt=1, at=9.0), started(4, at=10.0))
    found = life.after(
        finished(4, at=11.0, outcome="pruned", message="pruned at step 3: 2nd of 2 at rung 3"),
        *(started(5, at=12.0, origin="retry 2"), interrupted(5, at=13.0, cause="queued")),
    )
    assert [(one.at, one.kind, one.tid, one.text) for one in found] == [
        (1.0, "running", 0, "trial 0 has started"),
        (2.0, "running", 1, "trial 1 has started"),
        (3.0, "running", 2, "trial 2 has started"),
        (4.0, "running", 3, "trial 3 has started"),
        (5.0, "best", 0, "trial 0 is the best so far"),
        (6.0, "ok", 1, "trial 1 has finished"),
        (7.0, "failed", 2, "trial 2 has failed (error): no [31m"),
        (8.0, "interrupted", 3, "trial 3 was interrupted (preempted)"),
        (9.0, "running", 3, "trial 3 has started, attempt 1"),
        (10.0, "running", 4, "trial 4 has started"),
        (11.0, "pruned", 4, "trial 4 was pruned at step 3: 2nd of 2 at rung 3"),
        (13.0, "interrupted", 5, "trial 5 waits to run (retry 2)"),
    ]


def test_each_new_best_is_told_also_when_several_come_at_once() -> None:
    life = Life()
    life.after(started(0), finished(0, at=1.0, loss=5.0))
    found = life.after(
        *(finished(1, at=4.0, loss=1.0), finished(2, at=2.0, loss=3.0)),
        *(finished(3, at=3.0, loss=4.0), finished(4, at=5.0, loss=1.0)),
    )
    assert [(one.tid, one.kind) for one in found] == [
        (0, "best"),
        (2, "best"),
        (3, "ok"),
        (1, "best"),
        (4, "ok"),
    ]


def test_pools_come_and_go() -> None:
    life = Life()
    assert life.texts(
        Opened(writer="a", v=1, kind="pool", host="near", at=1.0),
        Opened(writer="b", v=1, kind="pool", host="far", at=2.0),
        Opened(writer="c", v=1, kind="controller", host="near", at=3.0),
    ) == ["a pool on near has begun", "a pool on far has begun"]
    assert life.texts(Closed(writer="a", at=4.0))[2:] == ["the pool on near has ended"]
    life.after(started(0, writer="b", at=4.0), started(1, writer="b", at=4.0))
    found = life.after(lost(0, holder="b"), lost(1, holder="b"))
    assert [one.text for one in found if one.kind == "pool"].count("the pool on far was lost") == 1


def test_what_the_place_did_is_told_with_its_reason() -> None:
    life = Life()
    life.after(Opened(writer="b", v=1, kind="pool", host="far", at=2.0), started(0, writer="b"))
    reason = "node failure (NODE_FAIL)"
    found = life.texts(lost(0, holder="b", at=3.0, cause="preempted", message=reason))
    assert f"trial 0 was lost: {reason}" in found
    assert f"the pool on far was lost: {reason}" in found
    stopped = interrupted(1, cause="preempted", message="the job 12_3 reached its time limit")
    found = life.texts(started(1), stopped)
    assert "trial 1 was interrupted: the job 12_3 reached its time limit" in found


def test_trouble_is_told_once() -> None:
    life = Life()
    trouble = Trouble(writer="a", at=3.0, text="the disk is full\nreally")
    assert life.after(trouble) == (Happening(3.0, "trouble", None, "the disk is full"),)
    assert len(life.after(trouble, Trouble(writer="a", at=4.0, text="no GPU"))) == 2


def test_it_is_the_same_tuple_while_nothing_is_new() -> None:
    life = Life()
    before = life.after(started(0), finished(0, loss=1.0))
    assert life.after() is before
    # What is said of the trial is the same after another's opinion of it.
    assert life.after(lost(0)) is before


def test_only_the_newest_are_kept_and_a_long_history_costs_little() -> None:
    happenings = Happenings()
    state = State()
    state.apply(*some_trials(20_000), finished(20_001, outcome="failed", at=3.0))
    snapshot = state.snapshot()
    start = time.process_time()
    found = happenings.update(snapshot)
    assert time.process_time() - start < 0.1
    assert len(found) == KEPT
    assert found == tuple(sorted(found, key=lambda one: (one.at, one.tid)))
    assert {"best", "ok", "failed"} == {one.kind for one in found}
    state.apply(*(finished(tid, loss=0.0, at=5.0) for tid in range(30_000, 30_000 + KEPT - 1)))
    found = happenings.update(state.snapshot())
    assert len(found) == KEPT
    assert found[0] == Happening(3.0, "failed", 20_001, "trial 20001 has failed")


@given(messy_events)
def test_whatever_happens_can_be_told(events: list[AnyEvent]) -> None:
    life = Life()
    for event in events:
        found = life.after(event)
        assert found == tuple(sorted(found, key=lambda one: one.at))
        assert all(one.text.isprintable() for one in found)
    one_look = Happenings().update(snapshot_of(*events))
    assert {one.tid for one in one_look} <= {one.tid for one in found} if events else not one_look
