"""The first line of the space's view: the file, what is wrong in it, the revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from trialdeck.tui.format import one_line, plural
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.widgets.lines import Lines, flow
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from trialdeck.core.params.document import Document
    from trialdeck.tui.seen import Seen


class SpaceLine(Lines):
    """Says how the document stands to its file and to the search."""

    _parts: tuple[Content, ...] = ()

    def show(self, document: Document | None, seen: Seen, *, foreign: bool) -> None:
        """Draw it; `foreign` says that another program has changed the file meanwhile."""
        name = Content.styled(one_line(seen.file.name), "bold")
        parts = [name, *_state(document, seen)] if document is not None else [name]
        if foreign:
            text = "changed by another program meanwhile"
            parts.append(Content.styled(f"{glyph('warning')} {text}", STYLES["warning"]))
        self._parts = tuple(parts)
        self.redraw()

    def lines(self, width: int) -> list[Content]:
        """Return the parts on as many lines as they need."""
        return flow(self._parts, width)


def _state(document: Document, seen: Seen) -> list[Content]:
    parts = []
    if document.changed:
        parts.append(Content.styled("changed, ctrl+s saves", STYLES["warning"]))
    if document.problems:
        text = f"{glyph('failed')} {plural(len(document.problems), 'mistake')}"
        parts.append(Content.styled(text, STYLES["failed"]))
    name = document.value("search.name")
    if seen.name and isinstance(name, str) and name != seen.name:
        text = f"{glyph('warning')} of the search {one_line(name)}, not of {one_line(seen.name)}"
        parts.append(Content.styled(text, STYLES["warning"]))
    elif seen.revision:
        parts.append(Content.styled(f"revision {seen.revision}", MUTED))
    elif document.problems or not seen.name:
        parts.append(Content.styled("not started yet", MUTED))
    return parts
