"""Before a parameter file is saved: what changes in it, and what becomes of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from trialdeck.tui.format import one_line
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.screens.choose import Answer, Answers, difference_content
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.tui.views.space_saving import Plan


class SaveScreen(ModalScreen[str | None]):
    """Shows the difference at once, and when it is known (`show_plan`) what becomes of the history.

    The result is "save", "keep" (the losses, although they mean something else now), "rename" (a
    new search begins), or None.
    """

    DEFAULT_CSS = """
    SaveScreen { align: center middle; }
    SaveScreen > Vertical {
        width: 94%; max-width: 110; height: auto; max-height: 100%;
        background: $surface; padding: 1 2;
    }
    SaveScreen .save--title { text-style: bold; height: 1; }
    SaveScreen VerticalScroll { height: auto; max-height: 45vh; scrollbar-size-vertical: 1; }
    SaveScreen #difference { margin: 1 0; }
    SaveScreen #plan-area { max-height: 30vh; }
    SaveScreen #answers { margin-top: 1; height: auto; }
    SaveScreen .save--keys { color: $text-muted; height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Close", show=False),
        Binding("pagedown,ctrl+d", "page(1)", show=False),
        Binding("pageup,ctrl+u", "page(-1)", show=False),
    ]

    def __init__(self, name: str, difference: str) -> None:
        super().__init__()
        self._file_name = name
        self._difference = difference
        self._plan: Plan | None = None
        self._is_ready = False

    def compose(self) -> ComposeResult:
        """Lay out the difference, the preview, the answers."""
        with Vertical():
            yield Static(f"Save {one_line(self._file_name)}?", markup=False, classes="save--title")
            with VerticalScroll(id="difference", can_focus=False):
                yield Static("", markup=False, id="lines")
            with VerticalScroll(id="plan-area", can_focus=False):
                reading = Content.styled("reading the history" + glyph("cut"), MUTED)
                yield Static(reading, markup=False, id="plan")
            with Vertical(id="answers"):
                yield Answers()
            yield Static("enter chooses, esc goes back", classes="save--keys")

    def on_mount(self) -> None:
        """Show the difference; offer nothing before it is known what follows from it."""
        self.query_one("#lines", Static).update(difference_content(self._difference))
        self._is_ready = True
        if self._plan is not None:
            self.show_plan(self._plan)

    def show_plan(self, plan: Plan) -> None:
        """Show what will become of the history, and offer what can be done."""
        self._plan = plan
        if not self._is_ready:
            return
        self.query_one("#plan", Static).update(_plan_content(plan))
        answers = self.query_one(Answers)
        answers.show(_answers(plan))
        answers.focus()

    def action_page(self, pages: int) -> None:
        """Scroll the difference."""
        area = self.query_one("#difference", VerticalScroll)
        (area.scroll_page_down if pages > 0 else area.scroll_page_up)(animate=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        self.dismiss(event.option.id)


def _plan_content(plan: Plan) -> Content:
    if not plan.revision:
        return Content.styled("The search has not been started: there is no history yet.", MUTED)
    if not plan.publishes:
        text = f"Revision {plan.revision} says the same already: the history is not touched."
        return Content.styled(text, MUTED)
    title = Content.styled("What becomes of the history", MUTED)
    style = STYLES["warning"] if plan.changes_meaning else ""
    lines = [Content.styled(one_line(line), style) for line in plan.lines]
    return Content("\n").join([title, *lines])


def _answers(plan: Plan) -> list[Answer]:
    if plan.changes_meaning:
        return [
            Answer("rename", f"Begin a new search, {plan.free_name}", "the old one stays"),
            Answer("keep", "Keep the losses", "they are compared with the new ones"),
        ]
    if plan.publishes:
        text = f"revision {plan.revision + 1}, for the next trial of each core"
        return [Answer("save", "Save and publish", text)]
    return [Answer("save", "Save")]
