import pytest

from tests.core.history.making import finished, snapshot_of, started
from tests.core.searched_trials import the_params
from trialdeck.core.suggest.explaining import Evidence
from trialdeck.core.suggest.scale import distance, position

TEXT = """\
[search]
name = "t"
objective = "trialdeck.core.demo:branin"
metric = "auc"
direction = "maximize"

[space]
x = { type = "uniform", low = 0.0, high = 10.0 }
rate = { type = "loguniform", low = 1e-4, high = 1.0 }
noise = { type = "normal", mu = 1.0, sigma = 2.0 }
width = { type = "qlognormal", mu = 0.0, sigma = 1.0, q = 1.0 }
fold = { type = "randint", high = 5 }

[space.kind]
type = "choice"
options = [{ name = "a" }, { name = "b", depth = { type = "uniform", low = 0.0, high = 1.0 } }]
"""
PARAMS = the_params(TEXT)
POINT = {"x": 5.0, "rate": 1e-2, "noise": 1.0, "width": 1.0, "fold": 2, "kind": "a"}


def ran(tid, auc=None, outcome="ok", **values):
    end = {"loss": -auc, "metrics": {"auc": auc}} if auc is not None else {"cause": "error"}
    point = {**POINT, **values}
    return [started(tid, point=point), finished(tid, outcome=outcome, **end)]


def evidence(*trials):
    return Evidence.of(
        PARAMS, snapshot_of(*(event for ran in trials for event in ran)), lambda _: {}
    )


@pytest.mark.parametrize(
    ("name", "value", "where"),
    [
        ("x", 2.5, 0.25),
        ("rate", 1e-2, 0.5),
        ("rate", 1.0, 1.0),
        ("noise", 1.0, 0.5),
        ("noise", 3.0, 0.8413447),
        ("width", 1.0, 0.5),
        ("width", 0.0, 0.0),
    ],
)
def test_a_number_lies_where_its_distribution_has_it(name, value, where):
    assert position(PARAMS.space[name], value) == pytest.approx(where)


def test_the_distance_of_points():
    space = PARAMS.space
    assert distance(space, POINT, POINT) == 0
    assert distance(space, POINT, {**POINT, "x": 8.0}) == pytest.approx((0.3**2 / 6) ** 0.5)
    assert distance(space, POINT, {**POINT, "fold": 3}) == pytest.approx((1 / 6) ** 0.5)
    # Another option, and what only that one carries.
    other = {**POINT, "kind": "b", "depth": 0.5}
    assert distance(space, POINT, other) == distance(space, other, POINT)
    assert distance(space, POINT, other) == pytest.approx((2 / 7) ** 0.5)


def test_a_value_among_the_best_quarter_and_the_rest():
    known = evidence(
        *(ran(tid, 0.5 + tid / 100, x=float(tid)) for tid in range(7)),
        ran(7, outcome="failed", x=5.5),
        [started(8, point=POINT)],
    )
    said = known.explain({**POINT, "x": 5.2})
    assert (said.finished, known.good, known.learnt) == (8, 2, 9)
    x, kind = said.values[0], said.values[-1]
    assert (x.good, x.good_near, x.rest, x.rest_near) == (2, 2, 6, 1 + 0)
    assert x.above == 6 / 8
    assert (kind.name, kind.good_near, kind.rest_near, kind.above) == ("kind", 2, 6, None)


def test_the_nearest_trials_say_what_came_of_them():
    known = evidence(ran(0, 0.5, x=0.0), ran(1, 0.9, x=4.0), ran(2, outcome="failed", x=5.0))
    near = known.explain(POINT).nearest
    assert [(n.tid, n.state, n.value) for n in near] == [
        (2, "failed", None),
        (1, "ok", 0.9),
        (0, "ok", 0.5),
    ]
    assert near[0].distance == 0
    assert near[1].distance == pytest.approx(0.1 / 6**0.5)


def test_a_dimension_is_compared_where_trials_have_it():
    known = evidence(ran(0, 0.5), ran(1, 0.9, kind="b", depth=0.5))
    depth = known.explain({**POINT, "kind": "b", "depth": 0.55}).values[-1]
    assert (depth.name, depth.good, depth.good_near, depth.rest) == ("depth", 1, 1, 0)


def test_failures_are_never_among_the_best():
    known = evidence(ran(0, outcome="failed"), ran(1, outcome="failed"))
    assert known.good == 0
    assert known.explain(POINT).values[0].good == 0
