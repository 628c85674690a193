from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.history.making import finished, interrupted, lost, started, trial_of
from trialdeck.core.history.attempts import attempts_of
from trialdeck.core.history.codec import decode, encode
from trialdeck.core.history.folding import fold
from trialdeck.core.history.packing import PackedTrial, Packer
from trialdeck.core.history.trial import Trial, WholeTrial

if TYPE_CHECKING:
    from trialdeck.core.history.events import Finished, Started, TrialEvent

_numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_texts = st.text(st.characters(codec="utf-8"), max_size=5)
_plain = st.none() | st.booleans() | _numbers | _texts
_values = _plain | st.lists(_plain, max_size=2) | st.dictionaries(_texts, _plain, max_size=2)
_tables = st.dictionaries(_texts, _values, max_size=3)
_times = st.floats(0.0, 1e10)
_of_both = st.fixed_dictionaries(
    {
        "tid": st.integers(0, 2**70),
        "attempt": st.integers(0, 3),
        "writer": _texts,
        "site": _texts,
        "epoch": st.integers(0, 3),
        "stage": st.integers(0, 3),
    }
)
_of_start = st.fixed_dictionaries(
    {
        "at": _times,
        "point": _tables,
        "revision": st.integers(0, 9),
        "core": st.integers(0, 9),
        "seed": st.integers(0, 2**31),
        "environment": _texts,
        "origin": _texts,
    }
)
_of_end = st.fixed_dictionaries(
    {
        "at": _times,
        "outcome": st.sampled_from(["ok", "pruned", "failed"]),
        "loss": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "metrics": _tables,
        "cause": st.sampled_from(["", "error", "killed"]),
        "message": _texts,
        "traceback": _texts,
        "seconds": _times,
        "steps": st.integers(0, 9),
    }
)
NAMES = [name for name, what in vars(Trial).items() if isinstance(what, property)]


def read_back(event: Any) -> Any:
    return decode(encode(event)[:-1])


@settings(max_examples=50)
@given(_of_both, _of_start, _of_end)
def test_a_packed_trial_says_what_its_events_say(
    of_both: dict[str, Any], of_start: dict[str, Any], of_end: dict[str, Any]
) -> None:
    start: Started = read_back(started(**of_both, **of_start))
    end: Finished = read_back(finished(**of_both, **of_end))
    packed, whole = Packer().pack([end, start]), fold([start, end])
    assert isinstance(whole, WholeTrial)
    if packed is None:  # a number that does not fit
        assert any(abs(number) >= 2**63 for number in _whole_numbers([start.point, end.metrics]))
        return
    assert {"point", "metrics", "attempts", "runners", "deaths"} <= set(NAMES)
    for name in (*Trial.__struct_fields__, *NAMES):
        assert getattr(packed, name) == getattr(whole, name), name
    assert [type(value) for value in packed.point.values()] == [
        type(value) for value in start.point.values()
    ]
    assert packed.attempts == attempts_of(whole.events, whole.end)


def _whole_numbers(value: Any) -> list[int]:
    if isinstance(value, dict):
        return _whole_numbers(list(value.values()))
    if isinstance(value, list):
        return [number for inner in value for number in _whole_numbers(inner)]
    return [value] if isinstance(value, int) else []


@pytest.mark.parametrize(
    "events",
    [
        [started()],
        [finished()],
        [started(), interrupted()],
        [started(), lost()],
        [started(), started(writer="b")],
        [started(), finished(writer="b")],
        [started(), finished(attempt=1)],
        [started(), finished(site="elsewhere")],
        [started(), finished(epoch=1)],
        [started(), finished(stage=1)],
        [started(point={"x": 2**70}), finished()],
        [started(), interrupted(), started(attempt=1)],
    ],
)
def test_what_is_not_plain_is_kept_whole(events: list[TrialEvent]) -> None:
    assert Packer().pack(events) is None
    trial = trial_of(*events)
    assert isinstance(trial, WholeTrial)
    assert set(map(encode, trial.events)) == set(map(encode, events))


def test_another_event_unpacks_a_trial() -> None:
    plain = [started(), finished(loss=1.0, outcome="failed")]
    assert isinstance(trial_of(*plain), PackedTrial)
    assert isinstance(trial_of(*plain, *plain), PackedTrial)
    better = finished(attempt=1, loss=2.0)
    trial = trial_of(*plain, better)
    assert isinstance(trial, WholeTrial)
    assert (trial.state, trial.loss, len(trial.events)) == ("ok", 2.0, 3)


def test_trials_alike_share_what_they_have_in_common() -> None:
    packer = Packer()
    one, two, other = (
        packer.pack([started(tid, core=core), finished(tid, loss=math.pi)])
        for tid, core in ((1, 0), (2, 0), (3, 1))
    )
    assert one is not None
    assert two is not None
    assert other is not None
    assert one.shared is two.shared
    assert one.shared is not other.shared
