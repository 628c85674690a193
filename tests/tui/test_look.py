import re
from contextlib import closing

import click
import msgspec
import pytest

from tests.conditions import until
from tests.tui.command_line import Terminal, a_search, run, some_trials
from trialdeck.core.launching import Core
from trialdeck.core.status import Status
from trialdeck.tui.commands.look import core_lines


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_empty_folder_is_told_what_to_do_first():
    text = run().output
    assert "trialdeck demo" in text
    assert "trialdeck init" in text


@pytest.mark.parametrize("name", ["status", "cores", "trials", "best", "searches", "pause"])
def test_without_a_search_there_is_a_cure(name):
    result = run(name, rc=None)
    assert "`trialdeck " in result.output
    assert result.exit_code == (0 if name == "searches" else 2)


def test_the_status_of_a_search(here):
    a_search(here, *some_trials())
    for words in ([], ["status"]):
        text = run(*words).output
        assert "best auc  0.905 (trial 5)" in text
        assert "✓ 3 ok  ✗ 1 failed" in text
        assert "3 of 100 trials" in text
        assert "No cores are running, 96 trials are left; `trialdeck run` goes on." in text
        assert "history/t" in text
        assert re.search(r"takes     \S+ kB \(journal ", text)
        assert all(len(line) <= 80 for line in text.splitlines())
        assert "\x1b" not in text


def test_the_status_for_scripts_is_json(here):
    a_search(here, *some_trials())
    status = msgspec.json.decode(run("status", "--json").output, type=Status)
    assert (status.progress, status.failed, status.state) == (3, 1, "idle")
    assert status.disk.total >= status.disk.kinds["journal"] > 0


def test_colours_go_to_a_terminal_unless_no_color_is_set(here):
    a_search(here, *some_trials())
    assert "\x1b[" in run("status", color=True).output
    result = run("status", color=True, env={"NO_COLOR": "1"})
    assert "\x1b[" not in result.output


def test_watching_ends_with_ctrl_c(here):
    a_search(here, *some_trials())
    with closing(Terminal(here, "status", "--watch")) as terminal:
        until(lambda: "history/t" in terminal.read(), 20, lambda: terminal.text)
        assert terminal.text.startswith("\x1b[H\x1b[J")
        terminal.press(b"\x03")
        until(lambda: terminal.read() and terminal.process.poll() is not None, 10, "the end")
        assert terminal.process.returncode == 0
        assert "Traceback" not in terminal.text


def test_watching_shows_it_again_without_control_characters_on_a_pipe(here, monkeypatch):
    a_search(here, *some_trials())
    waits = []

    def wait(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("trialdeck.tui.commands.look.time.sleep", wait)
    text = run("status", "--watch").output
    assert text.count("3 of 100 trials") == 3
    assert "\x1b" not in text
    assert waits == [2.0] * 3


def test_cores_that_do_not_run_are_told_how_to_start(here):
    a_search(here, *some_trials())
    assert "`trialdeck launch local`" in run("cores").output
    assert run("cores", "--json").output == "[]\n"


def test_every_core_has_a_line_and_every_note_one_below():
    common = {"backend": "local", "job": "1123-204140-488a93", "host": "a-rather-long-name.example"}
    cores = [
        Core(**common, writer="0123456789ab", index=0, state="training", tid=7, since=1.0),
        Core(**common, writer="0123456789ab", index=1, state="idle", beat_age=3.0),
        Core(backend="slurm", host="", job="12", writer="", index=0, state="failed", note="a\nb"),
    ]
    lines = core_lines(cores)
    assert all(len(line) <= 80 for line in map(click.unstyle, lines))
    assert "training" in lines[1]
    assert "01234567" in lines[1]
    assert lines[-3] == "2 cores in 1 pool, 1 core failed"
    assert click.unstyle(lines[-2]) == "✗ 12: a"
    assert lines[-1] == "    b"


def test_the_folder_of_the_parameter_file_counts_and_not_the_current_one(here, monkeypatch):
    a_search(here, *some_trials())
    other = here / "other"
    other.mkdir()
    monkeypatch.chdir(other)
    text = run("--params", "../params.toml", "status").output
    assert str(here / "history" / "t") in text
