"""Shows a search while it runs: lines that are redrawn on a terminal, new lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Protocol

import click

from trialdeck.tui.format import cut
from trialdeck.tui.progress import details, headline, plain
from trialdeck.tui.table import Cell, paint, terminal_width

if TYPE_CHECKING:
    from trialdeck.core.status import Status

PLAIN_SECONDS = 10.0
PLAIN_SHARE = 0.05  # of max_trials


class Display(Protocol):
    """Something that shows a search."""

    def show(self, status: Status, note: str = "") -> None:
        """Show where the search stands, and a note about it."""
        ...

    def say(self, text: str) -> None:
        """Show a text that stays."""
        ...


def display() -> Display:
    """Return what suits the standard output."""
    able = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return Redrawn() if able else Lines()


class Redrawn:
    """Three lines at the end of the terminal's text, drawn over themselves."""

    def __init__(self) -> None:
        self._drawn: list[str] = []

    def show(self, status: Status, note: str = "") -> None:
        """Draw them, if they have changed."""
        width = terminal_width() - 1  # some terminals wrap after the last column
        lines = [headline(status, width), details(status, width)]
        if note:
            lines.append(paint(Cell(cut(note, width), "bright_black")))
        if lines != self._drawn:
            self._replace("", lines)

    def say(self, text: str) -> None:
        """Print a text above them."""
        self._replace(text + "\n", self._drawn)

    def _replace(self, text: str, lines: list[str]) -> None:
        back = f"\x1b[{len(self._drawn)}F\x1b[J" if self._drawn else ""
        self._drawn = list(lines)
        # click would take the cursor's movements for colours, and these away where none belong.
        color = click.get_current_context().color is not False
        drawn = text + "".join(f"{line}\n" for line in lines)
        sys.stdout.write(back + (drawn if color else click.unstyle(drawn)))
        sys.stdout.flush()


class Lines:
    """A line now and then, without control characters."""

    def __init__(self) -> None:
        self._said: tuple[int | str, ...] = ()
        self._progress = 0
        self._note = ""
        self._at = 0.0

    def show(self, status: Status, note: str = "") -> None:
        """Print a line after some progress, and every ten seconds if there is anything new."""
        if note and note != self._note:
            click.echo(f"({note})")
            self._note = note
        says = (status.progress, status.finished, status.running, status.reason)
        if says != self._said and self._due(status):
            self._said, self._at = says, time.monotonic()
            self._progress = status.progress
            click.echo(plain(status))

    def _due(self, status: Status) -> bool:
        grown = status.progress - self._progress
        enough = grown >= max(1, PLAIN_SHARE * status.max_trials)
        late = time.monotonic() - self._at >= PLAIN_SECONDS
        return not self._said or enough or late

    def say(self, text: str) -> None:
        """Print a text."""
        click.echo(text)
