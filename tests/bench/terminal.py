"""What the application costs: until its first paint, at work on a long history, and when idle.

    python -m tests.bench.terminal [--trials 100000] [--seconds 20]

The whole program in a pseudo-terminal of 120 by 40. "Changes" are events of trials that begin and
end, written to the journal as a pool writes them. Key to paint is the time from a key on its way
in to the first byte of what it changes on its way out, with the changes going on.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tests.bench.start import a_history, a_trial
from trialdeck.core.history.journal import Journal, new_writer_id
from trialdeck.core.history.paths import HistoryPaths

if TYPE_CHECKING:
    from typing import Self

    from trialdeck.core.history.events import TrialEvent

COMMAND = (sys.executable, "-P", "-c", "from trialdeck.tui.cli import main; main()")
TICKS = os.sysconf("SC_CLK_TCK")
RUNS = 5
CHANGES = 50  # a second
KEYS = 60
# First paint in CPU seconds, share of a core with changes and without, key to paint in seconds,
# bytes of memory: what is promised.
LIMITS = {"paint": 0.8, "busy": 0.15, "idle": 0.01, "key": 0.05, "memory": 150e6}


class Screen:
    """The application in a pseudo-terminal; a thread reads what it draws."""

    def __init__(self, file: Path) -> None:
        self.first_paint = 0.0  # CPU seconds
        self.bytes = 0
        self.drawn = threading.Event()
        self._file = file

    def __enter__(self) -> Self:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        environment = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": str(self._file.parent)}
        self.process = subprocess.Popen(
            [*COMMAND, "--params", str(self._file)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={"PATH": os.environ["PATH"], **environment},
        )
        os.close(theirs)
        self._terminal = ours
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._terminal)

    def _read(self) -> None:
        text = b""
        with suppress(OSError):
            while data := os.read(self._terminal, 65536):
                if not self.first_paint:
                    text += data
                    self.first_paint = self.cpu() if b"Overview" in text else 0.0
                self.bytes += len(data)
                self.drawn.set()

    def cpu(self) -> float:
        """Return the CPU seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> int:
        """Return the highest number of bytes that it had in memory."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
        return 0

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._terminal, keys.encode())

    def wait_quiet(self, seconds: float = 1.5) -> None:
        """Wait until nothing has been drawn for so long."""
        while True:
            self.drawn.clear()
            if not self.drawn.wait(seconds):
                return

    def wait_painted(self) -> None:
        """Wait for the first paint."""
        end = time.monotonic() + 60
        while not self.first_paint and time.monotonic() < end:
            self.drawn.wait(0.01)
            self.drawn.clear()


class Changing(threading.Thread):
    """Writes the events of trials that begin and end, so many a second."""

    def __init__(self, file: Path, first: int) -> None:
        super().__init__(daemon=True)
        self.over = threading.Event()
        paths = HistoryPaths(file.parent / "history" / "demo")
        self._journal = Journal.create(paths, new_writer_id(), "pool")
        self._tid = first

    def run(self) -> None:
        """Write until it is over."""
        while not self.over.wait(0.1):
            tids = range(self._tid, self._tid + CHANGES // 20)
            self._tid = tids.stop
            self._journal.append(*(self._mine(event) for tid in tids for event in a_trial(tid)))

    def _mine(self, event: TrialEvent) -> TrialEvent:
        return msgspec.structs.replace(event, writer=self._journal.writer)


def share(screen: Screen, seconds: float) -> tuple[float, int]:
    """Return the share of a core, and the bytes drawn, over some seconds."""
    cpu, drawn = screen.cpu(), screen.bytes
    start = time.monotonic()
    threading.Event().wait(seconds)
    return (screen.cpu() - cpu) / (time.monotonic() - start), screen.bytes - drawn


def key_to_paint(screen: Screen) -> float:
    """Return the median time from a key to what it changes, in the table of trials."""
    taken = []
    for number in range(KEYS):
        screen.wait_quiet(0.03)
        screen.drawn.clear()
        start = time.perf_counter()
        screen.press("j" if number % 2 == 0 else "k")
        screen.drawn.wait(5)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> int:
    """Print the figures beside what is promised; return 1 when a promise is not kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few, many = a_history(folder / "few", 10), a_history(folder / "many", given.trials)
        for label, file in (("few", few), (f"{given.trials:,}", many)):
            paints = []
            for _ in range(RUNS):
                with Screen(file) as screen:
                    screen.wait_painted()
                    paints.append(screen.first_paint)
            print(f"first paint, {label} trials: {statistics.median(paints):.2f} s CPU")
            found["paint"] = max(found.get("paint", 0), statistics.median(paints))
        with Screen(many) as screen:
            screen.wait_painted()
            screen.wait_quiet(6)  # all is read and drawn
            found["idle"], drawn = share(screen, given.seconds)
            print(f"idle: {found['idle']:.2%} of a core, {drawn} bytes in {given.seconds:g} s")
            for view, key in (("overview", "1"), ("trials", "2")):
                screen.press(key)
                screen.wait_quiet()
                changing = Changing(many, given.trials + (1000 if key == "2" else 0))
                changing.start()
                cost, drawn = share(screen, given.seconds)
                print(
                    f"{view}, {CHANGES} changes a second: {cost:.1%} of a core, "
                    f"{drawn / given.seconds / 1000:.1f} kB/s"
                )
                found["busy"] = max(found.get("busy", 0), cost)
                if key == "2":
                    found["key"] = key_to_paint(screen)
                    print(f"key to paint: {found['key'] * 1000:.0f} ms median")
                changing.over.set()
                changing.join()
            found["memory"] = screen.memory()
            print(f"memory: {found['memory'] / 1e6:.0f} MB at most")
    broken = [name for name, limit in LIMITS.items() if found[name] > limit]
    print(f"promises broken: {', '.join(broken) or 'none'}")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
