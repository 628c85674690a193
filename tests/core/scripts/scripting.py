"""Starting scripts, for tests."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.search import Search

SCRIPT = Path(__file__).parent / "script.py"


class Scripts:
    """Processes of one script in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *, behind: bool = False, **options) -> subprocess.Popen[str]:
        """Start it, `behind` as by & in a shell script; `options` are those of script.py."""
        command = [sys.executable, str(SCRIPT), str(self.folder), json.dumps(options)]
        if behind:
            command = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)
        self.started.append(process)
        return process

    def run(self, **options) -> dict[str, float]:
        """Run it to its end; return what it printed."""
        return self.result(self.start(**options))

    @staticmethod
    def result(process: subprocess.Popen[str]) -> dict[str, float]:
        """Return what a process prints at its end."""
        out, err = process.communicate(timeout=90)
        assert process.returncode == 0, err
        return json.loads(out)

    @property
    def search(self) -> Search:
        """The search, read anew."""
        return Search(HistoryPaths(self.folder / "history" / "x"))

    def ran(self) -> list[str]:
        """Return a line for each time that the objective began."""
        log = self.folder / "ran.log"
        return log.read_text().splitlines() if log.exists() else []


@contextmanager
def scripts_in(folder: Path):
    """Yield `Scripts`; none of them is left over."""
    scripts = Scripts(folder)
    try:
        yield scripts
    finally:
        for process in scripts.started:
            process.kill()
            process.communicate()
