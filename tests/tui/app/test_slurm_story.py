"""The whole program in a terminal, on a real Slurm, with the keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from tests.tui.terminal import Terminal, need
from trialdeck.core.params.starter import demo
from trialdeck.core.params.write import set_values
from trialdeck.core.search import find

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.services.slurm import Slurm

TRIALS = 1000


@pytest.fixture
def folder(tmp_path: Path, slurm: Slurm) -> Iterator[Path]:
    need("tmux")
    text = set_values(demo(), {"search.max_trials": TRIALS, "fixed.seconds": 1.0})
    (tmp_path / "params.toml").write_text(text)
    yield tmp_path
    if (tmp_path / "history").is_dir():
        find(tmp_path / "params.toml").stop(now=True)
    until(lambda: not slurm.jobs(), 30, lambda: f"the end of {slurm.jobs()}")


def progress(terminal: Terminal) -> int:
    """Return the number of finished trials on the screen, -1 when there is none."""
    found = re.search(rf"(\d+) of {TRIALS} trials", terminal.screen())
    return int(found[1]) if found else -1


def choose(terminal: Terminal, partition: str) -> None:
    """Open the form, go to Slurm, and choose a partition there; the cursor is on it then."""
    terminal.press("n")
    terminal.wait_for("Launch cores", "slurm")
    terminal.wait_for("cores ")
    terminal.press("BTab", "End", "Enter")
    terminal.wait_for("partition", "idle")
    terminal.press("Tab", "Enter")
    terminal.wait_for("partition: ", "lowc")
    terminal.press("Home")
    for _ in range(10):
        here = terminal.tmux("capture-pane", "-ep", "-t", "0")
        if any(re.search(rf"\x1b\[[\d;]*48;[\d;]*m\s*{partition}\b", x) for x in here.split("\n")):
            break
        terminal.press("j")
    terminal.press("Enter")
    terminal.wait_for(f"< {partition}")


@pytest.mark.usefixtures("slurm")
def test_a_search_on_slurm(folder: Path, slurm: Slurm) -> None:
    environment = {**slurm.environment, "LANG": "C.UTF-8"}
    with Terminal(folder, 100, 30, environment) as terminal:
        terminal.run("trialdeck")
        terminal.wait_for("Nothing has run yet")
        choose(terminal, "low")
        terminal.press("BTab")
        terminal.type("2")
        terminal.wait_for("--array", "low")
        terminal.press("Enter")
        terminal.wait_gone("Launch cores")
        terminal.wait_for("2 training", "in reserve")
        until(lambda: progress(terminal) > 1, 30)

        terminal.type("+")
        terminal.wait_for("3 training")
        terminal.press("4")
        terminal.wait_for("3 cores", "reserve", "_2")
        assert len(slurm.jobs(states="R")) == 3

        choose(terminal, "short")
        terminal.press("Tab")
        terminal.type("1h")
        terminal.wait_for("✗", "short", "10")
        assert "anyway" not in terminal.screen()
        terminal.press("Enter")
        terminal.wait_gone("Launching")
        terminal.wait_for("Launch cores", "✗")
        terminal.press("Escape")
        terminal.wait_gone("Launch cores")
        assert len(slurm.jobs(states="R")) == 3

        terminal.press("1")
        terminal.wait_for("3 training")
        terminal.press("4", "g", "s")
        terminal.wait_for("Stop the launch slurm")
        terminal.press("y")
        terminal.wait_for("No cores are running", seconds=60)
        until(lambda: not slurm.jobs(), 30, lambda: f"the end of {slurm.jobs()}")
        terminal.press("1")
        terminal.wait_for("no cores are running")
        done = progress(terminal)
        terminal.press("q")
        terminal.wait_gone("Overview")
        assert len(find(folder / "params.toml").trials) == done > 1
