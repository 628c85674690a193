"""Events in few words, and strategies for messy sets of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from trialdeck.core.history.events import (
    Closed,
    Environment,
    Finished,
    Granted,
    Lost,
    Opened,
    Started,
    Superseded,
    Trouble,
    Voided,
)
from trialdeck.core.history.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialdeck.core.history.events import AnyEvent
    from trialdeck.core.history.snapshot import Snapshot, Trial


def started(tid: int = 0, attempt: int = 0, writer: str = "a", **more: Any) -> Started:
    return Started(
        **{"writer": writer, "tid": tid, "attempt": attempt, "point": {"x": tid}, **more}
    )


def finished(
    tid: int = 0, attempt: int = 0, writer: str = "a", outcome: Any = "ok", **more: Any
) -> Finished:
    return Finished(writer=writer, tid=tid, attempt=attempt, outcome=outcome, **more)


def interrupted(tid: int = 0, attempt: int = 0, writer: str = "a", **more: Any) -> Finished:
    return finished(tid, attempt, writer, "interrupted", **{"cause": "stopped", **more})


def lost(tid: int = 0, attempt: int = 0, holder: str = "a", writer: str = "z", **more: Any) -> Lost:
    return Lost(writer=writer, tid=tid, attempt=attempt, holder=holder, **more)


def snapshot_of(*events: AnyEvent) -> Snapshot:
    state = State()
    state.apply(*events)
    return state.snapshot()


def trial_of(*events: AnyEvent) -> Trial:
    (trial,) = snapshot_of(*events).trials.values()
    return trial


def some_trials(count: int, writer: str = "a") -> list[AnyEvent]:
    """Return the events of `count` finished trials, the best of them the last."""
    return [
        event
        for tid in range(count)
        for event in (
            started(tid, writer=writer, at=1.0),
            finished(tid, writer=writer, at=2.0, loss=float(-tid)),
        )
    ]


def known(snapshot: Snapshot) -> dict[str, Any]:
    """Return what a snapshot says, without how often it has changed."""
    names = (name for name in snapshot.__slots__ if name not in ("version", "damaged"))
    return {name: getattr(snapshot, name) for name in names}


_writers = st.sampled_from("abc")
_trial = {
    "writer": _writers,
    "tid": st.integers(0, 2),
    "attempt": st.integers(0, 2),
    "at": st.sampled_from([1.0, 2.0]),
}
_losses = st.sampled_from([None, 0.0, 1.0, -1.0])
_outcomes = st.sampled_from(["ok", "pruned", "failed", "interrupted"])
_causes = st.sampled_from(["", "killed", "preempted", "stopped"])

_kinds = (
    st.builds(Started, **_trial, point=st.sampled_from([{"x": 1}, {"x": 2}])),
    st.builds(
        Finished,
        **_trial,
        outcome=_outcomes,
        loss=_losses,
        cause=_causes,
        steps=st.integers(0, 2),
    ),
    st.builds(Superseded, **_trial, outcome=_outcomes, loss=_losses),
    st.builds(
        Lost,
        **_trial,
        holder=_writers,
        cause=st.sampled_from(["", "preempted"]),
        message=st.sampled_from(["", "node failure"]),
    ),
    st.builds(Voided, **_trial, to=st.sampled_from(["h1", "h2"])),
    st.builds(Granted, writer=_writers, tid=st.integers(0, 3), to=st.sampled_from(["h1", "h2"])),
    st.builds(Opened, writer=_writers, v=st.just(1), kind=st.sampled_from(["pool", "script"])),
    st.builds(Closed, writer=_writers),
    st.builds(Trouble, writer=_writers, text=st.sampled_from(["disk full", "no GPU"])),
    st.builds(Environment, writer=_writers, id=st.sampled_from("pq"), device=st.sampled_from("cg")),
)
messy_events = st.lists(st.one_of(*_kinds), max_size=24)


@st.composite
def in_another_order(draw: Any, events: Iterable[AnyEvent]) -> list[AnyEvent]:
    """Return the events in any order, some of them several times."""
    all_ = list(events)
    again = draw(st.lists(st.sampled_from(all_), max_size=5)) if all_ else []
    return list(draw(st.permutations(all_ + again)))
