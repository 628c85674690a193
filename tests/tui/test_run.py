"""Whole searches from the command line: real pools, real terminals."""

import os
import re
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conditions import until
from tests.searching import project, searching
from tests.tui.command_line import (
    COMMAND,
    PARAMS,
    Terminal,
    a_search,
    environment,
    run,
    some_trials,
)
from trialdeck.core.following import Following, pools_here
from trialdeck.core.history.events import Finished, Started
from trialdeck.core.launching import Launcher
from trialdeck.core.searches import find


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for file in tmp_path.glob("**/params.toml"):
        if (file.parent / "history").is_dir():
            search = find(file)
            Following(search, writers=[pool.id for pool in pools_here(search)]).stop(now=True)


def start(folder: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    """Start a command in a process of its own, on pipes."""
    return subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


class Ended(NamedTuple):
    """A command that has ended."""

    folder: Path
    said: str
    code: int


@pytest.fixture(scope="module")
def ended(tmp_path_factory) -> dict[str, Ended]:
    """Three searches at the same time: they mostly wait for their pools."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("demo", "own", "broken")}
    own, broken = folders["own"] / "params.toml", folders["broken"]
    run("--params", str(own), "init", "--objective", "mine.py:train")
    own.write_text(own.read_text().replace("[cores]", "[cores]\npreload = []"))
    project(broken, "fine")
    (broken / "odd.py").write_text("import no_such_module\n\ndef fine(params): ...\n")
    started = {
        "demo": start(folders["demo"], "demo", "--cores", "2", "--trials", "3", LANG="C"),
        "own": start(folders["own"], "run", "--cores", "2", "--max-trials", "4"),
        "broken": start(broken, "run", "--cores", "1"),
    }
    said = {name: process.communicate(timeout=60)[0] for name, process in started.items()}
    return {n: Ended(folders[n], said[n], started[n].returncode) for n in started}


def test_from_nothing_to_the_best_values(ended, monkeypatch):
    folder, said, code = ended["own"]
    assert code == 0, said
    assert not re.search(r"[^\n\x20-\x7e\u2500-\u2bff—…·]", said)
    lines = said.splitlines()
    assert "Searching mine on 2 cores of this machine." in lines
    assert "4 of 4 trials, best loss" in said
    assert "✓ mine is finished: 4 of 4 trials succeeded." in lines
    assert lines[-2] == "[fixed]"
    assert lines[-1].startswith("learning_rate = 0.0")
    monkeypatch.chdir(folder)
    assert run("run").output.startswith("✓ mine is finished")


def test_the_demo_lives_in_a_folder_of_its_own_and_loads_no_torch(ended, monkeypatch):
    folder, said, code = ended["demo"]
    assert code == 0, said
    assert said.isascii()
    assert "+ demo is finished: 3 of 3 trials succeeded." in said
    search = find(folder / "trialdeck-demo" / "params.toml")
    (found,) = search.snapshot().environments.values()
    assert "torch" not in found.versions
    monkeypatch.chdir(folder)
    assert "There is no params.toml" in run().output


def test_a_search_that_pauses_itself_says_why_and_is_exit_code_3(ended, monkeypatch):
    folder, said, code = ended["broken"]
    assert code == 3, said
    assert "No module named 'no_such_module'" in said
    assert "Traceback" in said
    assert "When it is mended, `trialdeck run` goes on." in said
    assert pools_here(find(folder / "params.toml")) == []
    monkeypatch.chdir(folder)
    assert "paused" in run("status").output
    assert "✗ the objective odd.py:fine cannot run" in run("check", rc=1).output


def test_a_search_without_any_success_is_exit_code_1(here):
    about = {"writer": "w", "outcome": "failed", "cause": "error", "message": "boom"}
    starts = [Started(writer="w", tid=tid, point={"x1": 1.0}) for tid in range(2)]
    ends = [Finished(tid=tid, **about) for tid in range(2)]
    a_search(here, *starts, *ends, text=PARAMS.replace("100", "2"))
    said = run("run", rc=1).output
    assert said == "✗ t is finished: 0 of 2 trials succeeded, 2 failed.\n"


def test_a_changed_objective_asks_what_becomes_of_the_losses(here):
    a_search(here, *some_trials())
    file = here / "params.toml"
    file.write_text(PARAMS.replace("seconds = 0.0", "seconds = 0.5"))
    assert "--keep-losses" in run("run", rc=2).stderr


@pytest.mark.parametrize(("presses", "rc"), [(1, 4), (2, 4), (3, 4)])
def test_ctrl_c_stops_after_the_running_trials_then_now_then_leaves(here, presses, rc):
    objective = "slow" if presses == 1 else "hangs" if presses == 3 else "until_stopped"
    search = searching(here, objective, max_trials=500, fixed="seconds = 0.3", cores="grace = 1")
    with closing(Terminal(here, "run", "--cores", "1")) as terminal:
        text = terminal.read
        until(lambda: "▸ 1 running" in text(), 20, lambda: terminal.text)
        assert "Ctrl+C stops after the running trials" in terminal.text
        notes = ["stopping after the running trials", "stopping now"]
        for number in range(presses):
            terminal.press(b"\x03")
            if number < 2:
                until(lambda n=number: notes[n] in text(), 10, lambda: terminal.text)
        until(lambda: text() and terminal.process.poll() is not None, 20, lambda: terminal.text)
        assert terminal.process.returncode == rc
        if presses == 3:
            assert "The cores go on" in terminal.text
        else:
            assert re.search(r"Stopped; \d+ trials are left", terminal.text)
            assert pools_here(search) == []
        if presses == 2:
            assert search.snapshot().counts.interrupted == 1
        assert "Traceback" not in terminal.text
        assert "\x1b[3F\x1b[J" in terminal.text


def test_launched_cores_are_watched_steered_and_stopped(here):
    project(here, "slow", max_trials=500, fixed="seconds = 0.05")
    preview = run("launch", "local", "--cores", "2", "--dry-run").output
    assert "-m trialdeck.core" in preview
    assert not (here / "history").exists()
    assert "Started 2 cores on local for t: job " in run("launch", "local", "--cores", "2").output
    search = find(here / "params.toml")
    until(lambda: search.snapshot().counts.ok, 20, lambda: run("status").output)
    assert "has cores:" in run("searches", "delete", "t", "--yes", rc=2).output
    cores = run("cores").output
    assert "2 cores in 1 pool" in cores
    (pool,) = pools_here(search)
    assert "no pool is called" in run("stop", "zzz", rc=2).output
    watching = start(here, "run")
    assert watching.stdout is not None
    assert watching.stdout.readline() == "t runs on 2 cores of this machine already: watching.\n"
    assert "1 pool told to stop now" in run("stop", "--now", pool.id[:6]).output
    said, _ = watching.communicate(timeout=20)
    assert "Stopped;" in said
    assert watching.returncode == 4


def test_a_pool_that_is_killed_is_exit_code_5(here):
    search = searching(here, "slow", max_trials=500, fixed="seconds = 0.05")
    running = start(here, "run", "--cores", "1")
    until(lambda: search.snapshot().counts.ok, 20, "a trial")
    (pool,) = pools_here(search)
    os.kill(pool.identity.pid, signal.SIGKILL)
    said, _ = running.communicate(timeout=20)
    assert "The pool of cores ended unexpectedly" in said
    assert running.returncode == 5


def test_a_pool_that_cannot_start_shows_what_it_printed(here, monkeypatch):
    searching(here, "fine").pause("for lunch")
    plan = Launcher._plan

    def broken(self, *given, **more):
        words = (sys.executable, "-c", "import sys; sys.exit('no room on this machine')")
        place, spec = plan(self, *given, **more)
        return place, replace(spec, argv=words)

    monkeypatch.setattr(Launcher, "_plan", broken)
    result = run("run", "--cores", "1", rc=5)
    assert result.output.startswith("The search was paused (for lunch); it goes on.\n")
    assert "The pool of cores ended unexpectedly:\n  no room on this machine\n" in result.output
