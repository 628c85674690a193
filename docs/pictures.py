"""Make the pictures of the documentation from the real program: ``make pictures``.

Each is what a terminal of 80 columns shows, taken from tmux, in a temporary folder.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
PROMPT = "$ "


def tmux(*words: str) -> str:
    """Run a tmux command on a server of our own."""
    done = subprocess.run(
        ["tmux", "-L", "trialdeck-pictures", *words], check=True, capture_output=True, text=True
    )
    return done.stdout


def wait_for(text: str, seconds: float = 60.0) -> None:
    """Wait until the screen shows a text."""
    deadline = time.monotonic() + seconds
    while text not in tmux("capture-pane", "-p", "-t", "0"):
        if time.monotonic() > deadline:
            sys.exit(f"waited in vain for {text!r}:\n{tmux('capture-pane', '-p', '-t', '0')}")
        time.sleep(0.1)


def type_in(line: str) -> None:
    """Type a line as a person would."""
    tmux("send-keys", "-t", "0", line, "Enter")


def save(name: str, title: str) -> None:
    """Save the screen as an SVG."""
    screen = tmux("capture-pane", "-e", "-p", "-t", "0").rstrip("\n")
    console = Console(record=True, width=80, file=Path("/dev/null").open("w"))  # noqa: SIM115
    console.print(Text.from_ansi(screen))
    (HERE / name).write_text(console.export_svg(title=title))


def main() -> None:
    """Make all pictures."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        shell = f"env -i HOME={folder} TERM=tmux-256color LANG=C.UTF-8 PATH={BIN}:/usr/bin:/bin"
        tmux(
            "new-session",
            "-d",
            "-x",
            "80",
            "-y",
            "30",
            "-c",
            folder,
            f"{shell} PS1='$ ' bash --norc -i",
        )
        try:
            type_in("bind 'set enable-bracketed-paste off'; clear")
            type_in("trialdeck demo --trials 200 --cores 2")
            wait_for("of 200")
            time.sleep(6)
            save("running.svg", "trialdeck demo")
            wait_for("surface = ", 120)
            type_in("cd trialdeck-demo; clear; trialdeck trials --sort loss --limit 10")
            wait_for("--limit 0")
            type_in("trialdeck status")
            wait_for("have finished")
            save("trials.svg", "trialdeck trials, trialdeck status")
        finally:
            tmux("kill-server")


if __name__ == "__main__":
    main()
