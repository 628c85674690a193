import pytest

from tests.searching import finish
from tests.tui.command_line import a_search, run, some_trials
from trialdeck.core.following import Following
from trialdeck.core.searches import start


@pytest.fixture(autouse=True)
def search(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return a_search(tmp_path, *some_trials())


def test_pausing_keeps_the_reason_until_resumed(search):
    assert "`trialdeck resume` goes on" in run("pause", "the", "disk", "is", "full").output
    assert Following(search).paused.reason == "the disk is full"
    assert "the disk is full" in run("status").output
    assert "The search goes on. No cores are running" in run("resume").output
    assert Following(search).paused is None
    assert run("resume").output == "The search was not paused.\n"


def test_retrying_makes_new_trials_with_the_same_points(search):
    text = run("retry", "1", "2").output
    assert "trial 6 will run at the point of trial 1\n" in text
    assert "trial 7 will run at the point of trial 2\n" in text
    assert "No cores are running" in text
    trials = search.snapshot().trials
    assert trials[6].point == trials[1].point
    assert trials[7].origin == "retry 2"
    assert "there is no trial 99" in run("retry", "99", rc=2).stderr


def test_stopping_where_nothing_runs_says_so():
    assert run("stop").output == "No cores are running.\n"
    assert "no pool is running" in run("stop", "abc", rc=2).stderr


@pytest.mark.parametrize("words", [["launch", "lokal"], ["launch", "lokal", "--dry-run"]])
def test_an_unknown_backend_is_told_what_was_meant(words):
    assert "did you mean local?" in run(*words, rc=5).stderr


def test_launching_a_finished_search_starts_nothing(search):
    file = search.paths.project / "params.toml"
    start(file, overrides={"search.max_trials": 1})
    finish(search)
    text = run("launch", "local", "--cores", "1").output
    assert "is finished" in text
    assert "a higher max_trials" in text
    assert not search.launcher.launches()
