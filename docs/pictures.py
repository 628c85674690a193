"""Make the pictures of the documentation from the real program: ``make pictures``.

Each is what a terminal shows, taken from tmux, in a temporary folder.
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
WIDTH, HEIGHT = 100, 30


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


def press(*keys: str) -> None:
    """Press keys, by tmux's names."""
    for key in keys:
        tmux("send-keys", "-t", "0", key)
        time.sleep(0.2)


def type_in(line: str) -> None:
    """Type a line as a person would."""
    tmux("send-keys", "-t", "0", "-l", line)
    press("Enter")


def save(name: str, title: str) -> None:
    """Save the screen as an SVG."""
    screen = tmux("capture-pane", "-eNp", "-t", "0").rstrip("\n")
    console = Console(record=True, width=WIDTH, file=Path("/dev/null").open("w"))  # noqa: SIM115
    console.print(Text.from_ansi(screen))
    (HERE / name).write_text(console.export_svg(title=title))


def main() -> None:
    """Make all pictures."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        about = f"HOME={folder} TERM=tmux-256color COLORTERM=truecolor LANG=C.UTF-8"
        shell = f"env -i {about} PATH={BIN}:/usr/bin:/bin PS1='$ ' bash --norc -i"
        size = ("-x", str(WIDTH), "-y", str(HEIGHT))
        tmux("-f", "/dev/null", "new-session", "-d", *size, "-c", folder, shell)
        try:
            command_line()
            application()
        finally:
            tmux("kill-server")


def command_line() -> None:
    """Picture what commands print."""
    type_in("bind 'set enable-bracketed-paste off'; clear")
    type_in("trialdeck demo --trials 60 --cores 2")
    wait_for("surface = ", 120)
    type_in("cd trialdeck-demo; clear; trialdeck trials --sort loss --limit 10")
    wait_for("--limit 0")
    type_in("trialdeck status")
    wait_for("have finished")
    save("trials.svg", "trialdeck trials, trialdeck status")


def application() -> None:
    """Picture the views of the application, on the demonstration while it runs."""
    type_in("clear; sed -i 's/seconds = 0.1/seconds = 2.0/; s/= 100/= 120/' params.toml")
    type_in("trialdeck launch local --cores 3 --keep-losses; trialdeck")
    wait_for("3 training")
    time.sleep(10)
    wait_for("behind")  # a learning curve
    save("overview.svg", "trialdeck")
    press("2")
    wait_for("newest first")
    save("trials-view.svg", "trialdeck: Trials")
    press("4")
    wait_for("3 cores in 1 pool")
    save("cores.svg", "trialdeck: Cores")
    press("3")
    wait_for("params.toml")
    press("j", "]")
    press(*["BSpace"] * 6, "-", "1")
    wait_for("1 mistake")
    save("space.svg", "trialdeck: Space")
    press("Escape", "S")
    wait_for("(y)")
    press("y", "4")
    wait_for("No cores")  # nothing of ours outlives the folder


if __name__ == "__main__":
    main()
