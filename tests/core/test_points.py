import pytest

from tests.core.searched_trials import the_params
from trialdeck.core.errors import PointsError
from trialdeck.core.points import Wanted, meant, problems_of, typed_values, whole

PARAMS = the_params("""\
[search]
name = "t"
objective = "trialdeck.core.demo:branin"

[fixed]
epochs = 10

[space]
layers = { type = "uniformint", low = 1, high = 6 }
nodes = { type = "quniform", low = 8, high = 64, q = 8, default = 32 }
rate = { type = "loguniform", low = 1e-4, high = 1e-1 }
width = { type = "choice", options = [1, "1", "wide"] }

[space.optimizer]
type = "choice"
options = [
  { name = "adam", beta = { type = "uniform", low = 0.9, high = 0.999 } },
  { name = "sgd", nesterov = true, momentum = { type = "uniform", low = 0.0, high = 0.99 } },
]
""")
GIVEN = {"layers": 3, "nodes": 16, "rate": 1e-3, "width": "wide", "optimizer": "adam", "beta": 0.95}


def one(values, **how):
    (point,) = whole(PARAMS, [Wanted(values, **how)], 0)
    return point


def wrong(values, **how):
    return [str(problem) for problem in problems_of(PARAMS, Wanted(values, **how))]


def test_a_whole_point_stays_as_it_is():
    point = one(GIVEN)
    assert point.params == GIVEN
    assert (point.defaults, point.drawn, point.ignored) == ((), (), ())


def test_gaps_have_their_default_or_are_drawn():
    point = one({"layers": 3})
    assert point.params["nodes"] == 32.0
    assert point.defaults == ("nodes",)
    assert point.drawn[:3] == ("rate", "width", "optimizer")
    assert PARAMS.space.check(point.params) == []
    assert one({"layers": 3}) == point
    (other,) = whole(PARAMS, [Wanted({"layers": 3})], 1)
    assert other.params["rate"] != point.params["rate"]


def test_what_only_an_option_carries_says_the_option():
    point = one({**GIVEN, "momentum": 0.5} | {"optimizer": "sgd"}, lenient=True)
    assert point.ignored == ("beta",)
    left = {name: GIVEN[name] for name in ("layers", "nodes", "rate", "width")}
    assert one({**left, "momentum": 0.5}).params["optimizer"] == "sgd"
    assert one({**left, "momentum": 0.5}).drawn == ()


def test_what_is_so_anyway_may_be_said():
    sgd = {**GIVEN, "optimizer": "sgd", "momentum": 0.5}
    del sgd["beta"]
    assert one({**sgd, "epochs": 10, "nesterov": True}).params == sgd


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"layers": 9}, "layers: 9 is above 6. Write layers=6, the nearest that fits"),
        ({"nodes": 30}, "nodes: 30 is between the steps, not 32. Write nodes=32, the nearest"),
        ({"rate": "x"}, 'rate: "x" is not a number. Write rate=… (a number, 1e-4 … 0.1 (log))'),
        ({"width": "wid"}, 'width: "wid" is not one of 1, "1", "wide". Did you mean wide?'),
        ({"momentum": 0.5}, 'momentum: goes with optimizer = "sgd" only. Write optimizer=sgd, or'),
        ({"layer": 3}, "layer: 3 is for no dimension of the space. Did you mean layers?"),
        ({"epochs": 20}, "epochs: 20 is not 10, at which it is fixed. Leave epochs out"),
    ],
)
def test_what_does_not_fit_is_told_with_its_cure(values, problem):
    (text,) = wrong({**GIVEN, **values})
    assert text.startswith(problem)


def test_every_problem_of_every_point_is_told_at_once():
    points = [Wanted({**GIVEN, "layers": 0, "nodes": 9}, "row 1"), Wanted(GIVEN, "row 2")]
    with pytest.raises(PointsError) as told:
        whole(PARAMS, [*points, Wanted({**GIVEN, "rate": 1}, "row 3")], 0)
    assert [(place, len(found)) for place, found in told.value.wrong] == [
        ("row 1", 2),
        ("row 3", 1),
    ]
    assert str(told.value).startswith("row 1 does not fit, so nothing is queued:\n  layers: 0 is")


def test_values_of_another_space_must_fit_where_they_are_used():
    assert one({**GIVEN, "dropout": 0.5, "epochs": 5}, lenient=True).ignored == (
        "dropout",
        "epochs",
    )
    (text,) = wrong({**GIVEN, "dropout": 0.5, "layers": 9}, lenient=True)
    assert text.startswith("layers: 9 is above 6")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("layers", "3", 3),
        ("rate", ".01", 0.01),
        ("rate", "1e-3", 0.001),
        ("width", "1", 1),
        ("width", '"1"', "1"),
        ("width", "wide", "wide"),
        ("optimizer", " adam ", "adam"),
    ],
)
def test_a_typed_text_means_a_value_of_its_dimension(name, text, value):
    found = meant(text, PARAMS.space[name].distribution)
    assert (found, type(found)) == (value, type(value))


def test_words_are_names_and_values():
    assert typed_values(["layers=3", "name = a=b"]) == {"layers": "3", "name": "a=b"}
    with pytest.raises(PointsError) as told:
        typed_values(["layers", "nodes=", "rate=1", "rate=2"])
    assert [problem.key for problem in told.value.wrong[0][1]] == ["layers", "nodes=", "rate"]
