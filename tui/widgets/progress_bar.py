"""The progress of a search as a bar: what succeeded, what did not, what runs, what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from trialdeck.tui.glyphs import glyph
from trialdeck.tui.widgets.lines import Lines
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from trialdeck.core.status import Status

PARTS = ("ok", "pruned", "failed", "running")


class ProgressBar(Lines):
    """The length of its first part is the length of the Trials."""

    DEFAULT_CSS = "ProgressBar { height: 1; }"

    _status: Status | None = None

    def show(self, status: Status | None) -> None:
        """Draw where a search stands."""
        self._status = status
        self.redraw()

    def lines(self, width: int) -> list[Content]:
        """Return the bar."""
        if self._status is None:
            return [Content("")]
        pieces = [
            (glyph("done" if name == "ok" else name) * length, STYLES[name])
            for name, length in parts(self._status, width).items()
            if name in PARTS
        ]
        bar = Content.assemble(*pieces)
        return [bar + Content.styled(glyph("left") * (width - len(bar.plain)), MUTED)]


def parts(status: Status, width: int) -> dict[str, int]:
    """Return how many columns each part of the bar takes, the rest as "left".

    What is not nothing takes a column at least, also what is left.
    """
    counts = {name: getattr(status, name) for name in PARTS}
    total = max(status.max_trials, sum(counts.values()), 1)
    counts["left"] = total - sum(counts.values())
    lengths = {n: max(1, width * count // total) if count else 0 for n, count in counts.items()}
    while (spare := width - sum(lengths.values())) != 0:
        # Rounding down leaves columns over; a column for very little may have to come from others.
        widest = max(counts, key=lambda name: lengths[name])
        if spare < 0 and lengths[widest] <= 1:
            break
        lengths["left" if spare > 0 and counts["left"] else widest] += 1 if spare > 0 else -1
    return lengths
