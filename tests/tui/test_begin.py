import json

import pytest

from tests.tui.command_line import run
from trialdeck.core.params.read import read_params
from trialdeck.core.params.starter import starter


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_init_writes_the_default_networks_search_and_what_to_do_next(here):
    text = run("init").output
    assert (here / "params.toml").read_text() == starter()
    for step in ("trialdeck check", "trialdeck run --quick", "trialdeck run "):
        assert f"  {step}" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_init_replaces_a_file_only_when_told_and_keeps_the_old_one(here):
    file = here / "params.toml"
    file.write_text("mine")
    assert "trialdeck init --force" in run("init", rc=2).stderr
    assert file.read_text() == "mine"
    run("init", "--force")
    assert file.read_text() == starter()
    assert (here / "params.toml.old").read_text() == "mine"


def test_init_for_ones_own_function_makes_its_file_only_where_it_is_missing(here):
    run("init", "--objective", "code/train.py:fit")
    assert "def fit(params, trial)" in (here / "code" / "train.py").read_text()
    assert read_params(here / "params.toml").search.objective == "code/train.py:fit"
    (here / "code" / "train.py").write_text("def fit(params): return 1\n")
    assert "train.py" not in run("init", "--force", "--objective", "code/train.py:fit").output
    assert (here / "code" / "train.py").read_text() == "def fit(params): return 1\n"


@pytest.mark.parametrize("objective", ["train.py", "a/b:c", "train.py:not a name", ""])
def test_init_refuses_what_names_no_function_and_writes_nothing(here, objective):
    assert "search.objective" in run("init", "--objective", objective, rc=2).stderr
    assert list(here.iterdir()) == []


def test_check_tells_every_mistake_and_ends_with_exit_code_1(here):
    file = here / "params.toml"
    file.write_text(starter().replace("high = 5 }", "high = 0 }").replace("metric", "metrc"))
    text = run("check", rc=1).output
    assert "✗ " in text
    assert "space.layers" in text
    assert "Did you mean metric?" in text
    assert "1 error, 0 warnings." in text
    findings = json.loads(run("check", "--json", rc=1).output)
    assert [finding["level"] for finding in findings] == ["error"]


def test_check_without_a_file_says_how_to_make_one():
    assert "trialdeck init" in run("check", rc=1).output
