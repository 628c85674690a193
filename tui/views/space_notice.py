"""What stands in the place of the dimensions when there are none to show, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from trialdeck.tui.format import one_line
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.widgets.lines import hint
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.core.dimension import Dimension
    from trialdeck.core.params.document import Document
    from trialdeck.core.params.model import Params
    from trialdeck.tui.seen import Seen


class SpaceNotice(VerticalScroll):
    """Says what to do next; where the file is no TOML, what is wrong and what it says."""

    DEFAULT_CSS = "SpaceNotice { height: 1fr; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "begin",
            "Begin",
            id="space.begin",
            tooltip="Make a parameter file, or mend the text of one that is broken.",
        )
    ]

    def compose(self) -> ComposeResult:
        """Lay out the text."""
        yield Static("", markup=False)

    def show(self, seen: Seen, document: Document | None, trouble: str) -> None:
        """Draw why there are no dimensions."""
        if document is not None:
            content = _broken(document)
        elif seen.is_of_script and seen.params is not None:
            content = _of_script(seen.params)
        elif trouble:
            content = Content.styled(_tame(trouble), STYLES["failed"])
        elif seen.reading or seen.has_draft or seen.name:
            content = Content.styled("reading" + glyph("cut"), MUTED)
        else:
            words = f"There is no {one_line(seen.file.name)} here: nothing to search yet."
            content = Content("\n").join([Content(words), hint("enter", "makes one to start from")])
        self.query_one(Static).update(content)

    async def action_begin(self) -> None:
        """Offer what to begin with, or open the text of a broken file."""
        from trialdeck.tui.views.space import SpaceView

        view = next(node for node in self.ancestors if isinstance(node, SpaceView))
        if view.document is not None:
            await view.action_text()
        elif view.seen.is_new:
            from trialdeck.tui.screens.first_run import FirstRun

            await self.app.push_screen(FirstRun())


def _broken(document: Document) -> Content:
    """Return the error as the command line has it, and the text."""
    problem = document.problems[0]
    error = _tame(f"{document.path.name}: one mistake\n  {problem}")
    keys = Content("   ").join([hint("F2", "edits the text here"), hint("e", "in your editor")])
    text = Content.styled(_tame(document.text), MUTED)
    return Content("\n\n").join([Content.styled(error, STYLES["failed"]), keys, text])


def _of_script(params: Params) -> Content:
    """Return what a script searches, which only its own text can change."""
    objective = params.script.objective if params.script is not None else ""
    head = Content(one_line(f"{objective} is run by a script, which says what is searched:"))
    width = max((len(one_line(each.name)) for each in params.space.dimensions), default=0)
    return Content("\n").join(
        [head, Content(""), *(_line(each, width) for each in params.space.dimensions)]
    )


def _line(dimension: Dimension, width: int) -> Content:
    parent = dimension.parent
    below = f"with {parent.choice} = {parent.option}" if parent is not None else ""
    name = f"  {one_line(dimension.name):{width}}   "
    said = one_line(dimension.describe())
    return Content.assemble(name, said, (f"   {one_line(below)}" if below else "", MUTED))


def _tame(text: str) -> str:
    """Return the lines with their indentation and without control characters."""
    lines = (line.expandtabs(4) for line in text.splitlines())
    return "\n".join(" " * (len(line) - len(line.lstrip(" "))) + one_line(line) for line in lines)
