"""What the launch form looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.app.scenes import an_app
from tests.tui.views.cores_scenes import bare, seen_with
from trialdeck.backends.base import Choice
from trialdeck.core.check import Finding
from trialdeck.tui import launching
from trialdeck.tui.launching import Place, Plan, Remarks

if TYPE_CHECKING:
    from textual.pilot import Pilot

__all__ = ["bare"]
pytestmark = pytest.mark.usefixtures("bare")

COMMAND = (
    "cd /home/me/tagging && setsid /usr/bin/python3 -P -m trialdeck.core "
    "/home/me/tagging/history/tagging --cores 4 --backend local --name 1123-142200-4f2a90 "
    "</dev/null >>/home/me/tagging/history/tagging/logs/pool-1123-142200-4f2a90.log 2>&1 &"
)
SCRIPT = """\
#!/bin/sh
#SBATCH --job-name=1123-142200-4f2a90
#SBATCH --array=0-159%16
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --cpus-per-task=1
#SBATCH --partition=short
#SBATCH --time=1-00:00:00
exec /usr/bin/python3 -P -m trialdeck.core /home/me/tagging/history/tagging --cores 1"""
LOCAL = Place("local", "This machine: a pool is a process that outlives the terminal.", 4)
SLURM = Place("slurm", "A cluster with Slurm: a launch is a job array.", 16, many=True)
CHOICES = [
    Choice(
        "partition",
        "short",
        "where the jobs wait",
        {
            "main": "no time limit, 2 of 2 nodes idle, 8 CPUs, 15.6 GB each, GPUs gpu:2",
            "short": "up to 10:00, 1 of 1 nodes idle, 8 CPUs, 15.6 GB each, the default",
        },
    ),
    Choice("time", "1-00:00:00", 'of one job, as "4h" or "1-12:00:00"'),
    Choice("gpus", "0", 'of one job, as "1" or "a100:1"'),
]
REFUSAL = (
    "1-00:00:00 is longer than the 10:00 that the partition short allows: set a shorter time, or "
    "choose the partition main"
)


def offering(
    monkeypatch: pytest.MonkeyPatch, places: list[Place], found: list[Finding], command: str
) -> None:
    monkeypatch.setattr(launching, "places", lambda _: places)
    monkeypatch.setattr(launching, "findings", lambda _: found)
    monkeypatch.setattr(launching, "plan", lambda *_: Plan(command))
    monkeypatch.setattr(launching, "choices", lambda _, place: CHOICES if place == "slurm" else [])


def test_the_launch_form(snap_compare: Any, monkeypatch: pytest.MonkeyPatch):
    found = [
        Finding("error", "the objective train.py:train cannot run: ModuleNotFoundError: torch"),
        Finding("warning", "history/tagging: only 812 MiB of disk are free"),
    ]
    offering(monkeypatch, [LOCAL], found, COMMAND)
    warnings = ("4 cores share 2 CPUs: each trial takes longer.",)
    monkeypatch.setattr(launching, "remarks", lambda *_: Remarks(warnings))

    async def prepare(pilot: Pilot[None]) -> None:
        await pilot.press("4", "n")
        await pilot.pause()
        await pilot.pause()

    session: Any = object()
    app = an_app(seen_with(()), session)
    assert snap_compare(app, terminal_size=(80, 24), run_before=prepare)


@pytest.mark.parametrize("size", [(80, 24), (60, 15)], ids=["usual", "small"])
def test_a_place_with_choices_that_refuses(
    snap_compare: Any, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
):
    offering(monkeypatch, [LOCAL, SLURM], [], SCRIPT)
    monkeypatch.setattr(launching, "remarks", lambda *_: Remarks((), REFUSAL))

    async def prepare(pilot: Pilot[None]) -> None:
        await pilot.press("4", "n")
        await pilot.pause()
        await pilot.press("shift+tab", "j", "enter", "tab")
        await pilot.pause()
        await pilot.pause()

    session: Any = object()
    app = an_app(seen_with(()), session)
    assert snap_compare(app, terminal_size=size, run_before=prepare)
