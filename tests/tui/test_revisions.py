import pytest

from tests.tui.command_line import PARAMS, a_search, run, some_trials
from trialdeck.core.searches import start


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    a_search(tmp_path, *some_trials())
    return tmp_path / "params.toml"


def test_the_newest_revision_is_shown_as_it_is(file):
    assert run("params").output == PARAMS
    start(file, overrides={"search.max_trials": 7})
    assert "max_trials = 7\n" in run("params").output
    assert run("params", "--revision", "1").output == PARAMS
    assert "the newest is 2" in run("params", "--revision", "3", rc=2).stderr


def test_the_history_of_revisions_says_what_changed(file):
    start(file, overrides={"search.max_trials": 7})
    text = run("params", "--history").output
    assert "revision 1" in text
    assert "  search.max_trials was 100 and is 7" in text


def test_the_difference_and_pulling_it(file):
    assert "says what the newest revision says" in run("params", "--diff").output
    start(file, overrides={"search.max_trials": 7})
    assert "-max_trials = 7" in run("params", "--diff").output
    text = run("params", "--pull").output
    assert "is revision 2 now" in text
    assert "params.toml.old" in text
    assert "max_trials = 7\n" in file.read_text()
    assert file.with_name("params.toml.old").read_text() == PARAMS


def test_two_wishes_are_one_too_many():
    assert "do not go together" in run("params", "--diff", "--revision", "1", rc=2).output
