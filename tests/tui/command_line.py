"""The command line under test: in this process, in a process of its own, and on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

from click.testing import CliRunner, Result

from trialdeck.core.history.events import Environment, Event, Finished, Started
from trialdeck.core.history.journal import Journal
from trialdeck.core.history.reports import ReportWriter
from trialdeck.core.searches import start
from trialdeck.tui.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.search import Search

ENVIRONMENT = {"LANG": "C.UTF-8", "LC_ALL": "", "LC_CTYPE": "", "NO_COLOR": "", "COLUMNS": "80"}
PARAMS = """\
[search]
name = "t"
objective = "trialdeck.core.demo:branin"
metric = "auc"
direction = "maximize"
max_trials = 100

[fixed]
seconds = 0.0

[space]
x1 = { type = "uniform", low = -5.0, high = 10.0 }
x2 = { type = "uniform", low = 0.0, high = 15.0 }

[space.surface]
type = "choice"
options = [
  { name = "smooth" },
  { name = "rough", kind = "hills", depth = { type = "uniform", low = 0.0, high = 20.0 } },
]

[cores]
preload = []
"""
WRITER = "0123456789ab"


def run(*words: str, rc: int | None = 0, **more) -> Result:
    """Run a command in this process; its output is as on a pipe unless `color` is given."""
    result = CliRunner(env=ENVIRONMENT).invoke(cli, list(words), **more)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert rc is None or result.exit_code == rc, result.output
    return result


def python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own."""
    words = [sys.executable, "-P", "-c", code]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True)


COMMAND = [sys.executable, "-P", "-c", "from trialdeck.tui.cli import main; main()"]
# Makes the terminal the controlling one, so that Ctrl+C arrives.
ON_TERMINAL = [
    *COMMAND[:-1],
    "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); " + COMMAND[-1],
]


def environment(**more: str) -> dict[str, str]:
    """Return the environment of commands in processes of their own."""
    return {**os.environ, **ENVIRONMENT, **more}


class Terminal:
    """A command on a terminal of its own; `text` is all that it has written so far."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.text = ""
        ours, theirs = pty.openpty()
        self.fd = ours
        self.process = subprocess.Popen(
            [*ON_TERMINAL, *words],
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env=environment(TERM="xterm-256color"),
        )
        os.close(theirs)
        os.set_blocking(ours, False)

    def read(self) -> str:
        """Return all text after taking in what is new."""
        try:
            while new := os.read(self.fd, 65536):
                self.text += new.decode(errors="replace")
        except (BlockingIOError, OSError):
            pass
        return self.text

    def press(self, key: bytes) -> None:
        """Type something."""
        os.write(self.fd, key)

    def close(self) -> None:
        """End the command and the terminal."""
        self.process.kill()
        self.process.wait()
        os.close(self.fd)


def a_search(folder: Path, *events: Event, text: str = PARAMS, name: str = "t") -> Search:
    """Return a published search with these events in its history."""
    file = folder / "params.toml"
    file.write_text(text.replace('name = "t"', f'name = "{name}"'))
    search = start(file)
    journal = Journal.create(search.paths, WRITER, "pool")
    journal.append(*events)
    journal.close()
    return search


def some_trials(count: int = 6) -> list[Event]:
    """Return events of `count` trials: 1 failed, 3 is running, 4 was interrupted, the rest ok."""
    events: list[Event] = [
        Environment(
            writer=WRITER,
            id="e",
            objective="trialdeck.core.demo:branin",
            objective_hash="ab" * 32,
            git_commit="c0ffee" * 6,
            git_dirty=True,
            python="3.11.7",
            versions={"msgspec": "0.22.0"},
            host="node1",
            device="cpu",
        )
    ]
    for tid in range(count):
        point = {"x1": tid + 0.25, "x2": 1e-5 * tid, "surface": "smooth"}
        if tid == 2:
            point |= {"surface": "rough", "depth": 7.5}
        about = {"writer": WRITER, "tid": tid}
        events.append(Started(**about, at=1e9, point=point, revision=1, environment="e", core=0))
        if tid == 3:
            continue
        if tid == 1:
            end = {"outcome": "failed", "cause": "error", "message": "ValueError: boom\nmore"}
            end["traceback"] = 'Traceback:\n  File "a.py"\nValueError: \x1b[31mboom'
        elif tid == 4:
            end = {"outcome": "interrupted", "cause": "stopped"}
        else:
            auc = 0.9 + tid / 1000
            end = {"outcome": "ok", "loss": -auc, "metrics": {"auc": auc, "loss": 0.125}}
        events.append(Finished(**about, at=1e9 + 90, seconds=90.0, **end))
    return events


def a_curve(search: Search, tid: int, losses: list[float]) -> None:
    """Report losses of the first attempt at a trial."""
    writer = ReportWriter(search.paths, WRITER)
    for step, loss in enumerate(losses):
        writer.add(tid, 0, step, {"loss": loss})
    writer.close()
