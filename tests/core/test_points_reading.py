import pytest

from trialdeck.core.errors import TrialsFileError
from trialdeck.core.points_reading import read_file, read_points

POINT = {"x": 1.5, "kind": "a"}
TRIALS = """[
{"tid": 0, "state": "ok", "loss": 2.0, "params": {"x": 2}},
{"tid": 1, "state": "failed", "loss": null, "params": {"x": 3}},
{"tid": 2, "state": "ok", "loss": 1.0, "params": {"x": 1}},
{"tid": 3, "state": "ok", "loss": 1.5, "params": {"x": 1}}]"""
CSV = """tid,state,loss,params.x,params.kind,metrics.x
0,ok,2.0,2,a,7
1,failed,,3,,
2,ok,1.0,1,b,9
"""


def points(text, name="points", top=None):
    return [one.values for one in read_points(name, text.encode(), top)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("one.json", '{"x": 1.5, "kind": "a"}'),
        ("several.json", '[{"x": 1.5, "kind": "a"}]'),
        ("best.json", '{"tid": 3, "loss": 0.1, "params": {"x": 1.5, "kind": "a"}}'),
        ("suggested.json", '{"algorithm": "tpe", "points": [{"params": {"x": 1.5, "kind": "a"}}]}'),
        ("best.toml", '[fixed]\nx = 1.5\nkind = "a"\n'),
        ("several.toml", '[[fixed]]\nx = 1.5\nkind = "a"\n'),
        ("bare.toml", 'x = 1.5\nkind = "a"\n'),
        ("plain.csv", "x;kind\n1.5;a\n"),
        ("export.csv", "tid,state,loss,params.x,params.kind\n0,ok,3,1.5,a\n"),
    ],
)
def test_every_form_of_a_point(name, text):
    assert points(text, name) == [POINT]
    assert points(text) == [POINT]  # whose form has to be seen, as with the standard input
    assert points("\ufeff" + text, name) == [POINT]


def test_the_rows_of_an_export_are_its_points():
    assert points(CSV, "e.csv") == [{"x": 2, "kind": "a"}, {"x": 3}, {"x": 1, "kind": "b"}]
    assert points(TRIALS, "e.json") == [{"x": 2}, {"x": 3}, {"x": 1}, {"x": 1}]


def test_the_best_are_those_of_the_lowest_losses_each_once():
    assert points(TRIALS, "e.json", top=2) == [{"x": 1}, {"x": 2}]
    assert points(CSV, "e.csv", top=1) == [{"x": 1, "kind": "b"}]


def test_a_point_says_where_it_is_from(tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("x\n1\n2\n")
    assert [one.origin for one in read_file(file)] == ["enqueue mine.csv"] * 2
    assert [one.place for one in read_file(file)] == [f"row {n} of {file}" for n in (1, 2)]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "[1, 2]", "has something else than points"),
        ("a.json", '{"x": ', "is JSON with a mistake"),
        ("a.json", '[{"params": 3}]', "its params are no table"),
        ("a.toml", "x = ", "is TOML with a mistake"),
        ("a.csv", "x,kind\n", "has no points"),
        ("a.json", "[]", "has no points"),
        ("a.p", "\x80\x04]", "has no points"),
    ],
)
def test_what_has_no_points_says_what_is_wanted(name, text, said):
    with pytest.raises(TrialsFileError, match=said):
        read_points(name, text.encode())


def test_the_best_of_points_without_losses_are_not_known():
    with pytest.raises(TrialsFileError, match="has no losses"):
        points("x\n1\n", "a.csv", top=1)
    with pytest.raises(TrialsFileError, match="is no text"):
        read_points("Trials.p", b"\x80\x04\xff")
