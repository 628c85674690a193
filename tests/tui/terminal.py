"""The whole program in a real terminal: tmux, of our own server, steered by keys alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until

if TYPE_CHECKING:
    from typing import Self

BIN = Path(sys.executable).parent
SECONDS = 30.0


def need(program: str) -> None:
    """Skip on a machine without tmux, say; there must be one where everything is to be tested."""
    if shutil.which(program) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{program} is missing: apt-get install {program}")
        pytest.skip(f"{program} is not installed")


@dataclass
class Terminal:
    """A terminal of `width` by `height`, in `folder`, with a shell in it."""

    folder: Path
    width: int = 80
    height: int = 24
    environment: dict[str, str] = field(default_factory=dict)
    server: str = field(default_factory=lambda: f"trialdeck-test-{uuid.uuid4().hex[:10]}")

    def __enter__(self) -> Self:
        need("tmux")
        about = {
            "HOME": str(self.folder),
            "TERM": "tmux-256color",
            "LANG": "C.UTF-8",
            "PATH": f"{BIN}:/usr/bin:/bin",
            "PS1": "$ ",
            "XDG_CONFIG_HOME": str(self.folder / ".config"),
            **self.environment,
        }
        words = " ".join(f"'{name}={value}'" for name, value in about.items())
        size = ("-x", str(self.width), "-y", str(self.height))
        shell = f"env -i {words} bash --norc --noprofile -i"
        self.tmux("-f", "/dev/null", "new-session", "-d", *size, "-c", str(self.folder), shell)
        self.tmux("set-option", "-g", "set-clipboard", "on")
        self.wait_for("$")
        return self

    def __exit__(self, *_error: object) -> None:
        subprocess.run(["tmux", "-L", self.server, "kill-server"], check=False, capture_output=True)

    def tmux(self, *words: str) -> str:
        """Run a command of tmux; return what it prints."""
        command = ["tmux", "-L", self.server, *words]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)
        return done.stdout

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names, one after the other."""
        for key in keys:
            self.tmux("send-keys", "-t", "0", key)

    def type(self, text: str) -> None:
        """Type a text."""
        self.tmux("send-keys", "-t", "0", "-l", "--", text)

    def run(self, line: str) -> None:
        """Give the shell a line."""
        self.type(line)
        self.press("Enter")

    def screen(self) -> str:
        """Return what is on the screen."""
        return self.tmux("capture-pane", "-p", "-t", "0")

    def wait_for(self, *texts: str, seconds: float = SECONDS) -> str:
        """Wait until all these texts are on the screen; return it."""
        try:
            until(lambda: all(text in self.screen() for text in texts), seconds)
        except AssertionError:
            pytest.fail(f"waited in vain for {texts!r}:\n{self.screen()}")
        return self.screen()

    def wait_gone(self, text: str, seconds: float = SECONDS) -> None:
        """Wait until a text is not on the screen any more."""
        try:
            until(lambda: text not in self.screen(), seconds)
        except AssertionError:
            pytest.fail(f"{text!r} stays:\n{self.screen()}")

    def resize(self, width: int, height: int) -> None:
        """Change the size of the terminal."""
        self.tmux("resize-window", "-t", "0", "-x", str(width), "-y", str(height))

    def clipboard(self) -> str:
        """Return what was copied last, as OSC 52 brought it to tmux."""
        return self.tmux("show-buffer")
