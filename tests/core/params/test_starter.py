from pathlib import Path

import pytest

from trialdeck.core.demo import branin
from trialdeck.core.objective import load
from trialdeck.core.params.read import parse_params, read_params
from trialdeck.core.params.starter import demo, objective_code, starter, starter_for

ROOT = Path(__file__).parents[3]


def test_params_toml_at_the_top_is_the_starter():
    assert (ROOT / "params.toml").read_text() == starter(data="data")
    params = read_params(ROOT / "params.toml")
    assert (params.fixed["data"], params.search.objective) == ("data", "trialdeck.core.fcn:train")


def test_the_starter_of_an_empty_folder_has_the_sample():
    params = parse_params(starter(), "starter", Path("/nowhere"))
    assert params.fixed["data"] == "sample"
    assert params.quick.fixed["jets"] < 5000
    assert starter_for("trialdeck.core.fcn:train") == starter()


@pytest.mark.parametrize(
    ("objective", "name"),
    [
        ("mytrain.py:train", "mytrain"),
        ("code/my train.py:train", "my-train"),
        ("package.module:fit", "package"),
        ("-.py:x", "my-search"),
    ],
)
def test_the_starter_of_ones_own(objective, name):
    params = parse_params(starter_for(objective), "x", Path("/nowhere"), published=True)
    assert (params.search.name, params.search.objective) == (name, objective)
    named = parse_params(starter_for(objective, "other"), "x", Path("/nowhere"), published=True)
    assert named.search.name == "other"


def test_its_code_runs(tmp_path):
    (tmp_path / "mine.py").write_text(objective_code("mine.py:fit"))
    params = parse_params(starter_for("mine.py:fit"), "x", tmp_path)
    function = load("mine.py:fit", tmp_path).function
    reports = []

    class Trial:
        def report(self, step, **metrics):
            reports.append((step, metrics))

    values = function({**params.fixed, "learning_rate": 0.01}, Trial())
    assert values["loss"] == reports[-1][1]["loss"] == 0.1
    assert len(reports) == params.fixed["epochs"]


def test_every_line_that_is_commented_out_works():
    for text in (starter(), starter_for("a.py:b")):
        uncommented = []
        for line in text.splitlines():
            is_key = line.startswith("# ") and " = " in line and not line.startswith("# A")
            uncommented.append(line.removeprefix("# ") if is_key else line)
        assert uncommented != text.splitlines()
        params = parse_params("\n".join(uncommented), "x", Path("/nowhere"), published=True)
        assert params.cores.time_limit == 1800


def test_the_demo():
    params = parse_params(demo(), "demo", Path("/nowhere"))
    assert params.search.name == "demo"
    assert load(params.search.objective, Path("/nowhere")).function is branin
    assert any(dimension.parent for dimension in params.space.dimensions)
