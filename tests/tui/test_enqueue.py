import json

import pytest

from tests.searching import finish, project, searching
from tests.tui.command_line import run
from trialdeck.core.searches import find


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_first_point_starts_the_search(tmp_path):
    file = project(tmp_path, "fine", 5)
    assert "x: 9 is above 5.0" in run("enqueue", "x=9", rc=2).stderr
    assert not (tmp_path / "history").exists()
    text = run("enqueue", "x=1.5").output
    assert "trial 0 will run at x = 1.5\nNo cores are running" in text
    assert "trial 0 has that point already (waiting)" in run("enqueue", "x=1.5", rc=2).stderr
    assert find(file).status().interrupted == 1


def test_points_of_files_and_of_other_searches(tmp_path):
    search = searching(tmp_path, "fine", 3)
    finish(search)
    run("export", "--to", "e.csv")
    (tmp_path / "best.toml").write_text(run("best", "--toml").output)
    file = tmp_path / "params.toml"
    file.write_text(file.read_text().replace('name = "t"', 'name = "u"').replace("= 3\n", "= 9\n"))
    best = search.snapshot().trials[search.snapshot().best].point
    done = json.loads(run("enqueue", "--file", "best.toml", "--json").output)
    assert done["queued"] == [
        {"tid": 0, "params": best, "origin": "enqueue best.toml"}
        | {"defaults": [], "drawn": [], "ignored": []}
    ]
    text = run("enqueue", "--file", "e.csv", "--new").output
    assert "! trial 0 has that point already (waiting)" in text
    assert text.count("will run at") == 2
    assert "1 of 1 " not in run("enqueue", "--from-search", "t", "--top", "1", rc=2).stderr
    assert "will run at" in run("enqueue", "--from-search", "t", "--top", "1", "--again").output
    known = run("enqueue", "--from-search", "t", "--new").output
    assert "Nothing is queued: all of these points are known." in known
    assert (
        'no search is called "v"; there is t, u'
        in run("enqueue", "--from-search", "v", rc=2).stderr
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "say which points"),
        (["x=1", "--file", "a.csv"], "say which points"),
        (["x=1", "--top", "2"], "--top is for"),
        (["x=1", "--again", "--new"], "exclude each other"),
        (["x"], "x: is no NAME=VALUE"),
    ],
)
def test_wrong_use_says_what_is_right(tmp_path, words, said):
    project(tmp_path, "fine")
    assert said in run("enqueue", *words, rc=2).stderr
