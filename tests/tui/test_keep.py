import json
import pickle

import pytest

from tests.conditions import until
from tests.tui.command_line import PARAMS, Terminal, a_search, run, some_trials
from trialdeck.core.params.read import read_params
from trialdeck.core.searches import find, names
from trialdeck.tui.format import width_of


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def search(here):
    return a_search(here, *some_trials())


def test_the_list_has_every_search_with_its_best(here, search):
    a_search(here, name="another-search-with-a-very-long-name-that-does-not-fit-in-its-column")
    text = run("searches").output
    assert all(width_of(line) <= 80 for line in text.splitlines())
    assert "t                " in text
    assert "3 of 100  0.905  auc" in text
    listed = json.loads(run("searches", "--json").output)
    assert {info["name"]: info["status"]["progress"] for info in listed}["t"] == 3


def test_a_broken_search_does_not_hide_the_others(here, search):
    a_search(here, name="u")
    (search.paths.params / "0002.toml").write_text("broken")
    text = run("searches").output
    assert "unreadable" in text
    assert "! t: " in text
    assert "0 of 100" in text


def test_a_folder_without_searches_says_how_to_start_one():
    assert "`trialdeck run` starts one" in run("searches").output


def test_renaming_changes_the_parameter_file_too(here, search):
    run("searches", "rename", "t", "better")
    assert names(here / "history") == ["better"]
    assert read_params(here / "params.toml").search.name == "better"
    assert "3 of 100 trials" in run("status").output


def test_renaming_another_search_leaves_the_parameter_file_alone(here, search):
    a_search(here, name="u")
    run("searches", "rename", "t", "better")
    assert read_params(here / "params.toml").search.name == "u"


def test_archiving_puts_it_out_of_sight(here, search):
    assert ".archive/t" in run("searches", "archive", "t").output
    assert names(here / "history") == []


def test_deleting_wants_a_yes(here, search):
    assert "say --yes" in run("searches", "delete", "t", rc=2).stderr
    assert names(here / "history") == ["t"]
    run("searches", "delete", "t", "--yes")
    assert names(here / "history") == []


@pytest.mark.parametrize(("answer", "left"), [(b"n\n", ["t"]), (b"y\n", [])])
def test_deleting_asks_on_a_terminal(here, search, answer, left):
    terminal = Terminal(here, "searches", "delete", "t")
    until(lambda: "4 finished trials for ever?" in terminal.read(), 10, lambda: terminal.text)
    terminal.press(answer)
    until(lambda: terminal.read() and terminal.process.poll() is not None, 10, "the end")
    assert names(here / "history") == left
    assert terminal.process.returncode == (4 if left else 0)
    terminal.close()


@pytest.mark.parametrize("words", [["rename", "x", "y"], ["archive", "x"], ["delete", "x"]])
def test_a_search_that_is_not_there(search, words):
    assert 'no search "x"' in run("searches", *words, rc=2).stderr


@pytest.mark.parametrize("name", ["out.csv", "out.json"])
def test_what_is_exported_can_be_imported(here, search, name):
    assert f"6 trials in {name}" in run("export", "--to", name).output
    assert "--force" in run("export", "--to", name, rc=2).stderr
    run("export", "--to", name, "--force")
    other = here / "other"
    other.mkdir()
    (other / "params.toml").write_text(PARAMS)
    text = run("--params", "other/params.toml", "import", name).output
    assert text.startswith("✓ ")
    counts = find(other / "params.toml").snapshot().counts
    assert (counts.ok, counts.failed) == (3, 1)


def test_an_export_needs_an_ending_that_is_known(search):
    assert "must end in .p, .csv, .json" in run("export", "--to", "out.xlsx", rc=2).output


def test_a_file_that_is_no_trials_file_is_refused(here, search):
    (here / "bad.p").write_bytes(pickle.dumps(print))
    assert "bad.p" in run("import", "bad.p", rc=2).stderr
    assert "none.p" in run("import", "none.p", rc=2).stderr
