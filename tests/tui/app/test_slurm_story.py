"""The whole program in a terminal, on a real Slurm, with the keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from tests.tui.terminal import Terminal, need
from trialdeck.core.params.starter import demo
from trialdeck.core.params.write import set_values
from trialdeck.core.searches import find

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.services.slurm import Slurm

TRIALS = 1000
PARTITIONS = 5  # that there are


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
    terminal.wait_for("Launch cores", "A Slurm cluster", "--cores")
    terminal.press("BTab", "Home", "Down", "Enter")
    terminal.wait_for("partition", "idle")
    go(terminal, "Tab", partition_has_cursor=True)
    for _ in range(PARTITIONS):
        before = picked(terminal)
        if before == partition:
            return
        terminal.press("Right")
        until(lambda before=before: picked(terminal) != before)
    pytest.fail(f"{partition} is not offered:\n{terminal.screen()}")


def go(terminal: Terminal, key: str, *, partition_has_cursor: bool) -> None:
    """Go on in the form, and wait until that has been done: what is typed before may get lost."""
    terminal.press(key)

    def has_cursor() -> bool:
        colours = terminal.tmux("capture-pane", "-ep", "-t", "0")
        return bool(re.search(r"partition.*< \x1b\[1m", colours))  # it is bold then

    until(lambda: has_cursor() is partition_has_cursor, message=terminal.screen)


def picked(terminal: Terminal) -> str:
    """Return the partition in the form."""
    found = re.search(r"partition +< (\w+) *>", terminal.screen())
    return found[1] if found else ""


@pytest.mark.usefixtures("slurm")
def test_a_search_on_slurm(folder: Path, slurm: Slurm) -> None:
    environment = {**slurm.environment, "LANG": "C.UTF-8"}
    with Terminal(folder, 100, 40, environment) as terminal:
        terminal.run("trialdeck")
        terminal.wait_for("Nothing has run yet")
        choose(terminal, "low")
        go(terminal, "BTab", partition_has_cursor=False)
        terminal.type("2")
        terminal.wait_for("cores      2 ", "%2")
        terminal.press("Enter")
        terminal.wait_gone("Launch cores")
        terminal.wait_for("slurm 2", "in reserve")
        until(lambda: progress(terminal) > 1, 30)

        terminal.type("+")
        terminal.wait_for("slurm 3")
        terminal.press("4")
        terminal.wait_for("3 cores", "reserve", "_2")
        assert len(slurm.jobs(states="R")) == 3

        choose(terminal, "short")
        go(terminal, "Tab", partition_has_cursor=False)
        terminal.type("1h")
        terminal.wait_for("✗", "1h", "short")
        assert "anyway" not in terminal.screen()
        terminal.press("Enter")
        terminal.wait_gone("Launching")
        terminal.wait_for("Launch cores", "✗")
        terminal.press("Escape")
        terminal.wait_gone("Launch cores")
        assert len(slurm.jobs(states="R")) == 3

        terminal.press("1")
        terminal.wait_for("slurm 3")
        terminal.press("4", "g", "s")
        terminal.wait_for("Stop the launch slurm")
        terminal.press("y")
        terminal.wait_for("No cores are running", seconds=60)
        until(lambda: not slurm.jobs(), 30, lambda: f"the end of {slurm.jobs()}")
        terminal.press("1")
        terminal.wait_for("No cores are running, ")
        done = progress(terminal)
        terminal.press("q")
        terminal.wait_gone("Overview")
        assert len(find(folder / "params.toml").trials) == done > 1
