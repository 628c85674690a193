import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.searched_trials import a_state, begun, ended, the_params
from trialdeck.core.trial_fields import Fields
from trialdeck.core.trial_filter import parse_filter
from trialdeck.core.trial_order import TrialOrder, Wish, comparable

FIELD_NAMES = ("trial", "state", "auc", "time", "x", "optimizer", "started", "host", "note")
FILTERS = ("", "ok", "not failed and x > 0", "optimizer == sgd")


def events_of(tid, kind):
    rng = random.Random(tid * 31 + len(kind))
    point = {"x": rng.choice([-1.0, 0.5, 2.0, 3.25]), "optimizer": rng.choice(["adam", "sgd", 3])}
    start = begun(tid, point=point if tid % 7 else {})
    if kind == "running":
        return [start]
    metrics = {"auc": 0.5, "note": rng.choice(["nan", 2, 0.5])}
    loss = rng.choice([-0.5, -0.75, 0.25]) if kind == "ok" else None
    return [start, ended(tid, kind, loss=loss, metrics=metrics, seconds=float(rng.randint(0, 3)))]


def anew(fields, snapshot, name, text, *, descending):
    """Return the order by the plainest means."""
    test = parse_filter(text, fields).test if text else lambda _: True
    shown = [trial for trial in snapshot.trials.values() if test(trial)]
    value = fields[name].sort_value
    have = [trial for trial in shown if value(trial) is not None]
    have.sort(key=lambda trial: (*comparable(value(trial)), trial.tid), reverse=descending)
    lack = [trial.tid for trial in shown if value(trial) is None]
    return [trial.tid for trial in have] + sorted(lack, reverse=descending)


def wish(fields, name, text, *, descending):
    tests = (parse_filter(text, fields).test,) if text else ()
    return Wish(fields[name], descending, tests)


kinds = st.sampled_from(["running", "ok", "failed", "interrupted", "pruned"])


@settings(deadline=None)
@given(
    st.sampled_from(FIELD_NAMES),
    st.sampled_from(FILTERS),
    st.booleans(),
    st.lists(st.lists(st.tuples(st.integers(0, 30), kinds), max_size=4), max_size=4),
)
def test_single_steps_come_to_what_sorting_anew_does(name, text, descending, changes):
    state = a_state(*(e for tid in range(0, 200, 2) for e in events_of(tid, "ok")))
    snapshot = state.snapshot()
    fields = Fields(the_params())
    fields.see(snapshot, snapshot.trials.values())
    order = TrialOrder(wish(fields, name, text, descending=descending))
    order.show(order.wish, snapshot)
    for change in changes:
        for tid, kind in change:
            state.apply_all(events_of(2 * tid + 1, kind))
        after = state.snapshot()
        fields.see(after, ())
        order.update(after, after.trials.changed_since(snapshot.trials))
        snapshot = after
        expected = anew(fields, snapshot, name, text, descending=descending)
        assert list(order.tids) == expected
    order.show(wish(fields, name, text, descending=not descending), snapshot)
    expected = anew(fields, snapshot, name, text, descending=not descending)
    assert list(order.tids) == expected
    assert len(order) == len(expected)


class Counting:
    """Counts how often a value is asked for."""

    def __init__(self, field):
        self.calls = 0
        self.field = field

    def __call__(self, trial):
        self.calls += 1
        return self.field.sort_value(trial)


@pytest.fixture(scope="module")
def many():
    events = [e for tid in range(100_000) for e in (begun(tid), ended(tid, loss=-(tid % 977) / 7))]
    return a_state(*events)


def test_a_hundred_thousand_trials_are_not_sorted_again_for_one(many):
    snapshot = many.snapshot()
    fields = Fields(the_params())
    counting = Counting(fields["auc"])
    field = fields["auc"].__class__("auc", fields["auc"].value, rank=counting)
    order = TrialOrder(Wish(field))
    order.show(Wish(field), snapshot)
    assert counting.calls == 100_000
    counting.calls = 0
    for tid in range(100_000, 100_025):
        many.apply_all([begun(tid), ended(tid, loss=-float(tid))])
    after = many.snapshot()
    order.update(after, after.trials.changed_since(snapshot.trials))
    assert counting.calls < 25 * 25  # by bisection: 17 steps each
    assert list(order.tids[:25]) == list(range(100_024, 99_999, -1))
    counting.calls = 0
    order.show(Wish(field, descending=False), after)
    assert order.tids[-1] == 100_024
    assert counting.calls == 0  # turning it around sorts nothing
