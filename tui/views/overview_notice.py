"""What is said where there is no trial to show yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.tui.widgets.lines import Lines, flow, hint, wrapped
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from textual.content import Content

    from trialdeck.tui.seen import Seen

LAUNCH = ("n", "launches cores")
EDIT = ("3", "edits the space")
START = (LAUNCH, EDIT)


class Notice(Lines):
    """Says why there is nothing to see, and which keys change that."""

    DEFAULT_CSS = "Notice { padding: 1 0; }"

    _says: tuple[str, str, tuple[tuple[str, str], ...]] = ("", "", ())

    def show(self, seen: Seen) -> None:
        """Draw what there is to say."""
        says = notice(seen)
        if says != self._says:
            self._says = says
            self.redraw()

    def lines(self, width: int) -> list[Content]:
        """Return the text and the keys below it."""
        text, style, keys = self._says
        return [*wrapped(text, width, style), *flow([hint(*key) for key in keys], width)]


def notice(seen: Seen) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Return a text, its style, and the keys that go on from there."""
    if seen.trouble:
        return seen.trouble, STYLES["failed"], (("e", "opens the parameter file"), EDIT)
    if seen.reading:
        return "Reading the history …", MUTED, ()
    if seen.status is not None:
        return "The first trials are about to start.", MUTED, (("4", "shows the cores"),)
    if seen.has_draft:
        return "Nothing has run yet.", "", START
    return "There is no parameter file here yet.", "", (("3", "begins one"),)
