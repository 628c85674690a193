"""CPU seconds of `trialdeck --help` and `trialdeck status`, with ever more trials.

``python -m tests.bench.start [runs]``. Each is a process of its own, in turns, so that what else
the machine does falls on all; the medians are shown. Below LIMIT a command feels instant.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.journal import Journal
from trialdeck.core.params.starter import demo
from trialdeck.core.params.write import set_values
from trialdeck.core.searches import start

RUNS = 7
LIMIT = 0.25  # CPU seconds
TRIALS = (0, 1_000, 100_000)
COMMAND = (sys.executable, "-P", "-c", "from trialdeck.tui.cli import main; main()")


def a_history(folder: Path, count: int) -> Path:
    """Make a search with so many finished trials; return its parameter file."""
    folder.mkdir()
    file = folder / "params.toml"
    file.write_text(set_values(demo(), {"search.max_trials": max(100, count)}))
    paths = start(file).paths
    journal = Journal.create(paths, "0123456789ab", "pool")
    for first in range(0, count, 1000):
        journal.append(*(e for tid in range(first, min(count, first + 1000)) for e in a_trial(tid)))
    journal.close()
    return file


def a_trial(tid: int) -> tuple[Started, Finished]:
    """Return the events of one trial, as long as those of real ones."""
    point = {"x1": tid / 7, "x2": tid / 13, "surface": "rough", "depth": tid / 17}
    about = {"writer": "0123456789ab", "tid": tid}
    begin = Started(**about, at=1e9 + tid, point=point, revision=1, seed=tid, environment="e")
    loss = (tid * 7919) % 10007 / 10007
    end = Finished(
        **about, at=1e9 + tid, outcome="ok", loss=loss, metrics={"loss": loss}, seconds=0.5
    )
    return begin, end


def cpu_seconds(words: tuple[str, ...]) -> float:
    """Return what a command costs, start of Python included."""
    before = os.times()
    subprocess.run([*COMMAND, *words], check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - sum(before[2:4])


def main() -> int:
    """Print a table; return 1 when a command that reads little is above the limit."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory() as folder:
        commands = {"--help": ("--help",), "--version": ("--version",)}
        for count in TRIALS:
            file = a_history(Path(folder) / str(count), count)
            commands[f"status, {count:,} trials"] = ("--params", str(file), "status")
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, words in commands.items():
                taken[name].append(cpu_seconds(words))
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    for name, seconds in medians.items():
        print(f"{name:<30}{seconds:6.2f} s")
    small = [seconds for name, seconds in medians.items() if "100,000" not in name]
    return int(max(small) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
