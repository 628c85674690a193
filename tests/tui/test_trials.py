import csv
import io
import json

import pytest

from tests.tui.command_line import WRITER, a_curve, a_search, run, some_trials
from trialdeck.tui.format import width_of


@pytest.fixture(autouse=True)
def search(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return a_search(tmp_path, *some_trials())


def rows(text):
    return [line.split() for line in text.splitlines() if line.strip()]


def test_the_table_has_state_metric_and_hyperparameters():
    text = run("trials").output
    assert all(width_of(line) <= 80 for line in text.splitlines())
    table = rows(text)
    titles = ["trial", "state", "auc", "time", "x1", "x2", "surface", "depth"]
    assert table[0] == titles
    assert [row[0] for row in table[1:]] == ["0", "1", "2", "3", "4", "5"]
    assert " ".join(table[3]) == "2 ✓ ok 0.90200 1 m 30 s 2.25 2e-5 rough 7.5"
    assert table[6][:4] == ["5", "★", "best", "0.90500"]
    assert table[2][1:3] == ["✗", "failed"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("tid", "012345"),
        ("-tid", "543210"),
        ("auc", "520134"),
        ("loss", "520134"),
        ("-auc", "025134"),
        ("x1", "012345"),
        ("-x1", "543210"),
        ("state", "143025"),
        ("depth", "201345"),
    ],
)
def test_trials_are_sorted_by_any_column(sort, order):
    table = rows(run("trials", "--sort", sort).output)
    found = "".join(row[0] for row in table[1:])
    assert found == order or (sort == "state" and sorted(found) == sorted(order))


def test_an_unknown_column_is_told_what_was_meant():
    assert "did you mean depth?" in run("trials", "--sort", "depht", rc=2).output


def test_a_limit_takes_the_newest_or_the_first_of_an_order():
    assert [row[0] for row in rows(run("trials", "--limit", "2").output)[1:3]] == ["4", "5"]
    best_first = run("trials", "--limit", "2", "--sort", "auc").output
    assert [row[0] for row in rows(best_first)[1:3]] == ["5", "2"]
    assert "2 of 6 trials; --limit 0 shows all." in best_first


def test_a_state_chooses():
    assert [row[0] for row in rows(run("trials", "--state", "failed").output)[1:]] == ["1"]
    assert "None of the 6 trials is pruned." in run("trials", "--state", "pruned").output


def test_an_expression_chooses():
    found = rows(run("trials", "--where", "auc > 0.901 and x1 < 5 or failed").output)
    assert [row[0] for row in found[1:]] == ["1", "2"]
    both = ("trials", "--where", "x1 > 1", "--state", "ok", "--json")
    assert [trial["tid"] for trial in json.loads(run(*both).output)] == [2, 5]
    assert "None of the 6 trials is so." in run("trials", "--where", "x1 > 99").output


def test_a_mistake_in_an_expression_is_shown_in_its_place():
    first, second = run("trials", "--where", "x1 > 1 and dept < 3", rc=2).output.splitlines()
    assert first == "x1 > 1 and dept < 3"
    assert second == " " * 11 + '^ there is no name "dept". Did you mean depth?'


def test_what_does_not_fit_is_said_and_not_shown():
    text = run("trials", env={"COLUMNS": "48"}).output
    assert all(width_of(line) <= 48 for line in text.splitlines()[:7])
    assert "more hyperparameters: `trialdeck show TID`" in text


def test_scripts_get_all_as_json_or_csv():
    listed = json.loads(run("trials", "--json").output)
    assert [trial["tid"] for trial in listed] == [0, 1, 2, 3, 4, 5]
    assert listed[2]["params"] == {"x1": 2.25, "x2": 2e-5, "surface": "rough", "depth": 7.5}
    lines = list(csv.DictReader(io.StringIO(run("trials", "--csv").output)))
    assert lines[2]["params.depth"] == "7.5"
    assert len(lines) == 6


def test_showing_a_trial_has_everything(search):
    a_curve(search, 2, [5.0, 4.0, 3.0, 2.5])
    text = run("show", "2").output
    assert all(width_of(line) <= 80 for line in text.splitlines())
    assert text.splitlines()[0].startswith("trial 2  ✓ ok ")
    assert text.splitlines()[0].endswith("auc 0.902")
    assert "  surface  rough\n    depth  7.5\n" in text
    assert "learning curve\n  loss\n" in text
    assert "commit     c0ffeec0ffee, with changes that are not committed" in text
    assert "msgspec 0.22.0" in text
    assert WRITER[:8] in text


def test_showing_a_failed_trial_has_its_traceback_without_control_characters():
    text = run("show", "1").output
    assert 'error\n  Traceback:\n    File "a.py"\n  ValueError: ?[31mboom\n' in text
    assert json.loads(run("show", "1", "--json").output)["cause"] == "error"


@pytest.mark.parametrize("name", ["show", "log"])
def test_a_trial_that_is_not_there(name):
    assert "there is no trial 6; the last is 5" in run(name, "6", rc=2).output


def write_log(search, text, core=0):
    path = search.paths.log(WRITER, core)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_log_is_that_of_the_trial(search):
    write_log(search, "--- trial 0 attempt 0 ---\na\n--- trial 2 attempt 0 ---\nb\x1b[1m é\nc\n")
    assert run("log", "0").output == "a\n"
    assert run("log", "2").output == "b\x1b[1m é\nc\n"
    assert run("log", "2", "--follow").output == "b\x1b[1m é\nc\n"
    assert run("log", "--core", "0123/0").output.startswith("--- trial 0")


def test_a_log_that_is_not_there_says_which(search):
    write_log(search, "--- trial 0 attempt 0 ---\n")
    assert run("log", "0").stderr == "It has printed nothing.\n"
    assert "is not here" in run("log", "2", rc=2).output
    assert "trial 0 has no attempt 7" in run("log", "0", "--attempt", "7", rc=2).output
    assert "no pool is running" in run("log", "--core", "0", rc=2).output
    assert 'no pool is called "f"' in run("log", "--core", "f/0", rc=2).output
    assert "is no core" in run("log", "--core", "x", rc=2).output
    assert "say which" in run("log", rc=2).output


def test_the_best_is_a_table_and_a_toml_table():
    text = run("best").output
    assert text.startswith("★ best auc 0.905, trial 5\n")
    assert "  also  loss 0.125" in text
    toml = run("best", "--toml").output
    assert toml == '[fixed]\nx1 = 5.25\nx2 = 5e-5\nsurface = "smooth"\n'
    assert json.loads(run("best", "--json").output)["tid"] == 5


def test_where_the_network_of_the_best_is(search):
    assert "network" not in run("best").output
    assert json.loads(run("best", "--json").output)["network"] is None
    folder = search.paths.model(5, 0)
    folder.mkdir(parents=True)
    for name in ("weights.pt", "vocabulary.json", ".half.tmp"):
        (folder / name).touch()
    line = "  network  history/t/models/5/0: vocabulary.json, weights.pt"
    assert run("best").output.splitlines()[-1] == line
    assert run("show", "5").output.splitlines()[-1] == line
    for words in (("best", "--json"), ("show", "5", "--json")):
        network = json.loads(run(*words).output)["network"]
        assert network["folder"] == str(folder)
        assert network["files"] == ["vocabulary.json", "weights.pt"]
    assert json.loads(run("show", "2", "--json").output)["network"] is None


def test_no_best_is_exit_code_1(tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    a_search(other, *some_trials()[:2])
    monkeypatch.chdir(other)
    assert "No trial has succeeded yet" in run("best", rc=1).stderr
    assert run("best", "--json", rc=1).output == "null\n"
