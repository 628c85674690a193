import json
import tomllib

import pytest

from tests.searching import a_pool, project, searching
from tests.tui.command_line import a_search, run, some_trials


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_before_the_first_run_the_draft_is_asked_about(tmp_path):
    project(tmp_path, "fine")
    text = run("suggest", "--explain").output
    assert text.startswith("trial 0 would get\n\n  x ")
    assert "Drawn from the space until hyperopt.tpe knows of 20 trials: it knows of 0." in text
    assert "No trial has finished yet" in text
    assert not (tmp_path / "history").exists()


def test_what_is_suggested_can_be_enqueued(tmp_path):
    search = searching(tmp_path, "fine", 10)
    found = json.loads(run("suggest", "-n", "2", "--json").output)
    assert found["algorithm"] == "hyperopt.tpe"
    assert [one["tid"] for one in found["points"]] == [0, 1]
    table = run("suggest", "-n", "2", "--toml").output
    points = tomllib.loads(table)["fixed"]
    assert points == [one["params"] for one in found["points"]]
    run("enqueue", "--file", "-", input=table)
    assert "Before it: 2 waiting trials." in run("suggest").output
    with a_pool(search, 1, trials=2) as pool:
        assert pool.wait(30) == 0
    assert [trial.point for trial in search.snapshot().trials.values()] == points
    assert tomllib.loads(run("suggest", "--toml").output)["fixed"].keys() == {"x"}


def test_an_explanation_in_words(tmp_path):
    a_search(tmp_path, *some_trials(8))
    text = run("suggest", "--explain").output
    assert "trial 8 would get" in text
    assert "Drawn from the space until hyperopt.tpe knows of 20 trials: it knows of 8." in text
    lines = text.splitlines()
    head = next(n for n, line in enumerate(lines) if line.startswith("dimension"))
    assert [line.split()[0] for line in lines[head + 1 : head + 4]] == ["x1", "x2", "surface"]
    assert " of 2 " in lines[head + 1]
    assert "The best are the first 25% of 6 finished trials." in text
    near = next(n for n, line in enumerate(lines) if line.startswith("nearest"))
    assert lines[near].split() == ["nearest", "state", "auc", "distance"]
    assert {int(line.split()[0]) for line in lines[near + 1 : near + 6]} < {0, 1, 2, 5, 6, 7}
    assert all(len(line) <= 80 for line in lines)


def test_wrong_use(tmp_path):
    assert "exclude each other" in run("suggest", "--toml", "--json", rc=2).stderr
    assert "there is no search" in run("suggest", rc=2).stderr


def test_the_first_points_of_ours_are_spread_evenly(tmp_path):
    searching(tmp_path, "fine", 20, search='algorithm = "tpe"')
    text = run("suggest", "--explain").output
    assert "One of the first points, which are spread evenly until 10 trials have finished." in text
