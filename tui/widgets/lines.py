"""A widget of a few lines of text that depend on its width."""

from __future__ import annotations

import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from trialdeck.tui.format import one_line
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.widgets.styles import KEY, MUTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.geometry import Size


class Lines(Widget):
    """As high as its lines; a subclass says what they are.

    Call `redraw` when they may have changed: it costs the terminal nothing when they have not.
    """

    DEFAULT_CSS = "Lines { height: auto; }"

    _shown: Sequence[Content] = ()

    def lines(self, width: int) -> list[Content]:
        """Return the lines for a width in columns."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Paint the lines again if they differ from what is on the screen."""
        if not self.display:
            return  # it is painted when it is shown
        width = self.size.width
        new = self.lines(width) if width else []
        same = (a and b and a.is_same(b) for a, b in zip_longest(new, self._shown))
        if not width or not all(same):
            self.refresh(layout=not width or len(new) != len(self._shown))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Return how many lines there are."""
        return len(self.lines(width))

    def render(self) -> Content:
        """Return the lines."""
        self._shown = self.lines(self.size.width)
        return Content("\n").join(self._shown)


def flow(parts: Iterable[Content], width: int) -> list[Content]:
    """Put parts into lines with a sign between them; a line ends before what does not fit."""
    between = Content.styled(glyph("between"), MUTED)
    lines: list[Content] = []
    for part in parts:
        if lines and lines[-1].cell_length + between.cell_length + part.cell_length <= width:
            lines[-1] += between + part
        else:
            lines.append(part)
    return lines


def wrapped(text: str, width: int, style: str = "") -> list[Content]:
    """Return a text on as many lines as it needs; empty lines are kept, control characters not."""
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(one_line(line), max(1, width)) or [""]
    return [Content.styled(line, style) for line in lines]


def hint(key: str, what: str) -> Content:
    """Return what a key does: "p resumes"."""
    return Content.assemble((key, KEY), (f" {what}", MUTED))


def title(text: str, *more: Content) -> Content:
    """Return the title of a part of the screen, and what stands beside it."""
    return Content("   ").join([Content.styled(text, MUTED), *more])
