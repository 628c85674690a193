"""Opens the application on a deck, where there is a terminal for it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from trialdeck.tui.exits import Exit

if TYPE_CHECKING:
    from trialdeck.tui.deck import Deck


def has_terminal() -> bool:
    """Whether there is a terminal that an application can be drawn on and steered from."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(stream.isatty() for stream in streams) and os.environ.get("TERM") != "dumb"


def open_app(deck: Deck) -> NoReturn:
    """Run the application until the user leaves it. Raises ParamsError for wrong settings.

    Ends the process at once then: threads that wait for a disk or a scheduler keep nobody waiting.
    """
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.config import read_config
    from trialdeck.tui.feed import LiveFeed
    from trialdeck.tui.session import Session

    app = TrialdeckApp(LiveFeed(Session(deck)), read_config())
    app.run()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(Exit.FAILED) if app.return_code else int(Exit.FINE))
