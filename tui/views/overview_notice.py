"""What is said where there is no trial to show yet, and what somebody has to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trialdeck.tui.glyphs import glyph
from trialdeck.tui.overview import sentence
from trialdeck.tui.sites import asks, away, is_away
from trialdeck.tui.widgets.lines import Lines, flow, hint, wrapped
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from textual.content import Content

    from trialdeck.core.links import SiteRow
    from trialdeck.tui.seen import Seen

LAUNCH = ("n", "launches cores")
EDIT = ("3", "edits the space")
CORES = ("4", "shows the cores")
ANSWER = ("a", "answers")
START = (LAUNCH, EDIT)


class Said(NamedTuple):
    """A text, its style, and the keys that go on from there."""

    text: str
    style: str
    keys: tuple[tuple[str, str], ...] = ()


class Notice(Lines):
    """Says why there is nothing to see or what cannot go on, and which keys change that."""

    DEFAULT_CSS = """
    Notice { padding: 1 0; }
    Notice.-tight { padding: 0; }
    """

    _says: tuple[Said, ...] = ()

    def show(self, seen: Seen) -> None:
        """Draw what there is to say."""
        says = (*alerts(seen), *beginning(seen))
        if says != self._says:
            self._says = says
            self.set_class(bool(seen.snapshot.trials), "-tight")
            self.redraw()

    @property
    def says_something(self) -> bool:
        """Whether there is anything to be shown."""
        return bool(self._says)

    def lines(self, width: int) -> list[Content]:
        """Return the texts, each with its keys below it."""
        return [line for said in self._says for line in _lines(said, width)]


def _lines(said: Said, width: int) -> list[Content]:
    return [
        *wrapped(said.text, width, said.style),
        *flow([hint(*key) for key in said.keys], width),
    ]


def alerts(seen: Seen) -> list[Said]:
    """Return what cannot start before somebody mends something, and what cannot be asked.

    What keeps everything from running is the reason in the line of the state already.
    """
    status = seen.status
    if status is None:
        return []
    found = []
    if status.stuck and status.stuck not in status.reason:
        found.append(Said(f"{glyph('failed')} {sentence(status.stuck)}", STYLES["failed"]))
    found += [_of_site(row) for row in seen.sites if is_away(row)]
    if status.silent:
        found.append(Said(f"{glyph('warning')} {sentence(status.silent)}", STYLES["warning"]))
    if status.unpruned:
        found.append(Said(f"{glyph('warning')} {sentence(status.unpruned)}", STYLES["warning"]))
    return found


def _of_site(row: SiteRow) -> Said:
    """Return what is wrong with the way to another machine."""
    if row.question is not None:
        return Said(f"{glyph('warning')} {asks(row)}", STYLES["warning"], (ANSWER,))
    return Said(f"{glyph('warning')} {away(row)}", STYLES["warning"])


def beginning(seen: Seen) -> list[Said]:
    """Return what is said where there is no trial yet."""
    if seen.trouble:
        return [Said(seen.trouble, STYLES["failed"], (("e", "opens the parameter file"), EDIT))]
    if seen.reading:
        return [Said("Reading the history …", MUTED)]
    if seen.status is not None:
        starts = any(core.writer or core.state == "starting" for core in seen.cores)
        if seen.snapshot.trials or not starts:
            return []
        return [Said("The first trials are about to start.", MUTED, (CORES,))]
    if seen.has_draft:
        return [Said("Nothing has run yet.", "", START)]
    return [Said("There is no parameter file here yet.", "", (("3", "begins one"),))]
