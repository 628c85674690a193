import subprocess
from importlib.metadata import version

import pytest

from tests.tui.command_line import COMMAND, PARAMS, a_search, environment, python, run, some_trials
from trialdeck.core import searches
from trialdeck.core.errors import HistoryError, LaunchError, ParamsError, Problem, SearchError
from trialdeck.tui import cli as command
from trialdeck.tui.exits import MEANINGS, Exit

HEAVY = ["torch", "hyperopt", "scipy", "numpy", "paramiko", "textual", "rich", "tomlkit"]
HEAVY += ["multiprocessing", "asyncio", "subprocess"]
ALL = list(command._ENTRIES)


def test_the_help_lists_every_command_and_exit_code_and_fits():
    text = run("--help").output
    for name, entry in command._ENTRIES.items():
        assert f"  {name} " in text
        assert entry.text in text
    for code in Exit:
        assert f"  {int(code)}  {MEANINGS[code]}" in text
    assert all(len(line) <= 80 for line in text.splitlines())


@pytest.mark.parametrize("name", ALL)
def test_every_command_explains_itself_and_takes_the_global_options(name):
    text = run(name, "-h").output
    assert text.startswith(f"Usage: cli {name} ")
    assert "--params FILE" in text
    assert "--search NAME" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_the_version_is_that_of_the_package():
    assert run("--version").output.strip().endswith(version("trialdeck"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["stauts"], "Did you mean status?"),
        (["xyzzy"], "`trialdeck --help` lists them."),
        (["--bad"], "No such option"),
        (["show", "many"], "is not a valid integer"),
        (["trials", "--limit", "-1"], "-1 is not in the range"),
    ],
)
def test_wrong_use_is_exit_code_2(words, said):
    assert said in run(*words, rc=2).output


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SearchError("no such search"), 2),
        (ParamsError("params.toml", [Problem("space", "there is nothing to search")]), 2),
        (HistoryError("the disk is gone"), 5),
        (LaunchError("the place is closed"), 5),
    ],
)
def test_our_errors_are_their_text_on_stderr_and_an_exit_code(monkeypatch, error, code):
    def fail(*_given):
        raise error

    monkeypatch.setattr(searches, "find", fail)
    result = run("status", rc=code)
    assert result.stderr == f"{error}\n"
    assert result.stdout == ""


def test_an_unexpected_exception_keeps_its_traceback(monkeypatch):
    def fail(*_given):
        raise ZeroDivisionError

    monkeypatch.setattr(searches, "find", fail)
    with pytest.raises(ZeroDivisionError):
        run("status")


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["status"], ["trials"], []])
def test_nothing_heavy_is_loaded(tmp_path, words):
    a_search(tmp_path, *some_trials())
    code = f"""
import sys
from trialdeck.tui.cli import cli
try:
    cli.main({words!r})
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *(name for name in {HEAVY!r} if name in sys.modules))
"""
    assert python(code, tmp_path).stdout.splitlines()[-1] == "LOADED"


def test_the_help_loads_no_command_and_no_engine(tmp_path):
    code = """
import sys
from trialdeck.tui.cli import cli
try:
    cli.main(["--help"])
except SystemExit:
    print("LOADED", *(n for n in sys.modules if n.startswith("trialdeck.") and
                      (".commands" in n or ".history" in n or n.endswith(".search"))))
"""
    assert python(code, tmp_path).stdout.splitlines()[-1] == "LOADED"


@pytest.mark.parametrize("place", ["before", "behind"])
def test_the_global_options_stand_before_or_behind_the_command(tmp_path, place):
    a_search(tmp_path, *some_trials())
    options = ["--params", str(tmp_path / "params.toml"), "--search", "t"]
    words = [*options, "best"] if place == "before" else ["best", *options]
    assert "trial 5" in run(*words).output


def test_output_that_the_terminal_cannot_show_is_replaced(tmp_path):
    a_search(tmp_path, *some_trials(), text=PARAMS.replace('"smooth"', '"ruhig 語"'))
    result = subprocess.run(
        [*COMMAND, "params"],
        cwd=tmp_path,
        env=environment(PYTHONIOENCODING="latin-1", LANG="C"),
        capture_output=True,
        check=True,
    )
    assert b"ruhig ?" in result.stdout


def test_a_closed_pipe_is_no_traceback(tmp_path):
    a_search(tmp_path, *some_trials(300))
    listing = subprocess.Popen(
        [*COMMAND, "trials", "--json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert listing.stdout is not None
    assert listing.stdout.read(1) == b"["
    listing.stdout.close()
    assert listing.stderr is not None
    with listing.stderr:
        assert listing.stderr.read() == b""
    listing.wait()
