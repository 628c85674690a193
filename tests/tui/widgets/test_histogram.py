import pytest

from trialdeck.core.space import parse_space
from trialdeck.tui.format import width_of
from trialdeck.tui.screens.choose_type import TYPES
from trialdeck.tui.widgets import histogram
from trialdeck.tui.widgets.histogram import dimension_of, histogram_lines

TABLES = {
    "uniform": {"low": -1.5, "high": 2.5},
    "quniform": {"low": 8, "high": 256, "q": 8},
    "uniformint": {"low": 1, "high": 5},
    "loguniform": {"low": 1e-4, "high": 0.1},
    "qloguniform": {"low": 1, "high": 1000, "q": 1},
    "normal": {"mu": 0.0, "sigma": 1.0},
    "qnormal": {"mu": 0, "sigma": 10, "q": 1},
    "lognormal": {"mu": 0.0, "sigma": 1.0},
    "qlognormal": {"mu": 3.0, "sigma": 1.0, "q": 1},
    "randint": {"low": 0, "high": 100},
    "choice": {"options": ["relu", "gelu", True]},
    "pchoice": {"options": ["a", "b"], "probabilities": [0.9, 0.1]},
}


def lines(kind, width=40, height=10, **table):
    space = parse_space({"x": {"type": kind, **TABLES[kind], **table}}, problems := [])
    assert problems == []
    return [line.plain for line in histogram_lines(space["x"], width, height)]


def test_every_distribution_has_its_table_here():
    assert set(TABLES) == set(TYPES)


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize(("width", "height"), [(40, 10), (17, 4), (120, 14)])
def test_every_distribution_is_drawn_in_the_room_there_is(kind, width, height):
    drawn = lines(kind, width, height)
    assert 2 <= len(drawn) <= height
    assert all(width_of(line) <= width for line in drawn)
    assert drawn[0][:10] == TYPES[kind][:10]


def test_the_ends_of_the_axis_are_the_bounds_as_they_are_written():
    drawn = lines("loguniform")
    assert drawn[-2].split() == ["1e-4", "(log)", "0.1"]
    assert drawn[-1].startswith("such as 0.")
    assert lines("uniformint")[-2].split() == ["1", "5"]


def test_a_grid_of_few_values_has_a_bar_for_each():
    top = lines("uniformint", high=4, width=41)[-3]
    assert len(top) == 40
    assert all(len(set(top[n : n + 10])) == 1 for n in range(0, 40, 10))


def test_options_have_their_shares():
    drawn = lines("pchoice")
    assert drawn[1].split()[0] == "a"
    assert 85 < int(drawn[1].split()[-1].rstrip("%")) < 95
    many = lines("choice", options=list(range(30)), height=5)
    assert many[-1] == "and 27 more"


def test_a_dimension_with_a_mistake_is_not_drawn():
    class Row:
        name, table = "x", {"type": "uniform", "low": 2, "high": 1}

    assert dimension_of(Row()) is None
    Row.table = {"type": "uniform", "low": 1, "high": 2}
    assert dimension_of(Row()).bounds == (1, 2)
    assert histogram.HIGHEST >= 3
