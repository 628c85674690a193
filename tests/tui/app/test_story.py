"""The whole program in a terminal, with the keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from tests.tui.terminal import Terminal, need
from trialdeck.core.searches import find

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRIALS = 40


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    need("tmux")
    yield tmp_path
    if (tmp_path / "history").is_dir():
        find(tmp_path / "params.toml").stop(now=True)


def progress(terminal: Terminal) -> int:
    """Return the number of finished trials on the screen, -1 when there is none."""
    found = re.search(rf"(\d+) of {TRIALS} trials", terminal.screen())
    return int(found[1]) if found else -1


def write_a_space(terminal: Terminal) -> None:
    """From an empty folder to a saved space; one bound is wrong at first."""
    terminal.run("trialdeck")
    terminal.wait_for("What shall be searched?")
    terminal.press("j", "j", "Enter")
    terminal.wait_for("surface", "depth", "uniform")
    terminal.press("]")
    terminal.wait_for("esc Back")
    terminal.type("-9")
    terminal.wait_for("low = -5.0 is above high = -9", "1 mistake")
    terminal.press("C-s")
    terminal.wait_for("Not saved")
    terminal.press("Escape")
    terminal.wait_gone("Not saved")
    terminal.press("C-t")
    terminal.wait_gone("1 mistake")
    terminal.press("Escape")
    terminal.wait_gone("esc Back")
    terminal.press("j", "]")
    terminal.wait_for("esc Back", "high         15.0")
    terminal.type("12.0")
    terminal.wait_for("0.0 … 12.0")
    terminal.press("F2")
    terminal.wait_for("[space]")
    terminal.press(*["Up"] * 5, "Home")
    terminal.wait_for("seconds = 0.1")
    terminal.press("C-k")
    terminal.wait_gone("seconds = 0.1")
    terminal.type("seconds = 0.8")
    terminal.wait_for("seconds = 0.8")
    terminal.press(*["Up"] * 3, "Home")
    terminal.wait_for("max_trials = 100")
    terminal.press("C-k")
    terminal.wait_gone("max_trials = 100")
    terminal.type(f"max_trials = {TRIALS}")
    terminal.wait_for(f"max_trials = {TRIALS}")
    terminal.press("F2")
    terminal.wait_for("0.0 … 12.0")
    terminal.press("C-s")
    terminal.wait_for("+seconds = 0.8", "has not been started")
    terminal.press("Enter")
    terminal.wait_gone("Save params.toml?")
    until(lambda: "seconds = 0.8" in (terminal.folder / "params.toml").read_text())


def test_a_search_from_an_empty_folder_to_its_best_point(folder: Path) -> None:
    with Terminal(folder) as terminal:
        write_a_space(terminal)
        text = (folder / "params.toml").read_text()
        assert 'x1 = { type = "uniform", low = -9, high = -5.0 }' in text
        assert "# An option may carry dimensions of its own." in text

        terminal.press("n")
        terminal.wait_for("Launch cores", "Launch (enter)")
        terminal.wait_gone("checking the search")
        terminal.press("Up")
        terminal.wait_for("cores      3")
        terminal.press("Enter")
        terminal.wait_gone("Launch cores")
        terminal.press("1")
        terminal.wait_for("3 cores")
        until(lambda: progress(terminal) > 0, 30)
        terminal.type("-")
        terminal.wait_for("local 2")
        terminal.type("+")
        terminal.wait_for("local 3")

        terminal.press("q")
        terminal.wait_gone("Overview")
        before = len(find(folder / "params.toml").trials)
        terminal.run("trialdeck")
        until(lambda: progress(terminal) >= before, 30)
        with Terminal(folder) as second:
            second.run("trialdeck")
            second.wait_for("running", "best loss")
            terminal.wait_for("finished", seconds=60)
            second.wait_for("finished", f"{TRIALS} of {TRIALS} trials")
        until(lambda: progress(terminal) == TRIALS, 30)
        assert len(find(folder / "params.toml").trials) == TRIALS

        terminal.press("y")
        terminal.wait_for("Copied")
        assert terminal.clipboard().startswith("[fixed]\nx1 = -")
        terminal.press("q")
        terminal.wait_gone("Overview")


def test_it_works_in_screen_and_without_unicode_and_in_a_small_terminal(folder: Path) -> None:
    need("screen")
    with Terminal(folder, environment={"LANG": "C", "NO_COLOR": "1"}) as terminal:
        terminal.run("screen -q -c /dev/null trialdeck")
        terminal.wait_for("What shall be searched?")
        terminal.press("j", "j", "Enter")
        terminal.wait_for("surface", "depth", "uniform")
        assert terminal.screen().isascii()
        terminal.resize(60, 15)
        terminal.press("1")
        terminal.wait_for("Nothing has run yet")
        terminal.press("q")
        terminal.wait_gone("Overview")
