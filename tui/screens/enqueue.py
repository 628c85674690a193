"""The form for a point that is to be tried first: each dimension with its value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from trialdeck.core.enqueuing import enqueue
from trialdeck.core.errors import KnownPoints
from trialdeck.core.log_text import tame_text
from trialdeck.tui.format import one_line
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.point_form import PointForm, gap
from trialdeck.tui.widgets.form_field import FormInput, problem_lines
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.core.dimension import Dimension
    from trialdeck.core.errors import Problem
    from trialdeck.core.params.model import Params
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.session import Session

QUEUE, AGAIN = "Enqueue (enter)", "Run it again (enter)"
HELP = "It runs before anything is suggested, and counts towards max_trials."


class PointLine(Vertical):
    """One dimension: its name, its value, what it may be, and below it what is wrong."""

    DEFAULT_CSS = """
    PointLine, PointLine > Horizontal { height: auto; }
    PointLine .label { width: 22; color: $text-muted; text-overflow: ellipsis; text-wrap: nowrap; }
    PointLine FormInput { width: 1fr; margin-right: 2; }
    PointLine .about {
        width: 1fr; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    PointLine .wrong { height: auto; padding-left: 2; }
    """

    def __init__(self, dimension: Dimension, text: str) -> None:
        super().__init__()
        self.dimension = dimension
        self.value = FormInput(gap(dimension))
        self.value.value = text
        self._wrong = Static("", markup=False, classes="wrong")

    def compose(self) -> ComposeResult:
        """Lay out the line and what is below it."""
        depth = "  " if self.dimension.parent is not None else ""
        name, about = self.dimension.name, self.dimension.describe()
        with Horizontal():
            yield Static(f"{depth}{one_line(name)}", markup=False, classes="label")
            yield self.value
            yield Static(one_line(about), markup=False, classes="about")
        yield self._wrong

    def complain(self, problem: Problem | None) -> None:
        """Show what is wrong and the cure, or that nothing is."""
        self._wrong.display = problem is not None
        if problem is not None:
            self._wrong.update(Content("\n").join(problem_lines(problem)))


class EnqueueScreen(ModalScreen[None]):
    """Has a point tried first. Nothing that was typed is lost when it cannot be queued."""

    DEFAULT_CSS = """
    EnqueueScreen { align: center middle; }
    EnqueueScreen > Vertical {
        width: 94%; max-width: 90; height: auto; max-height: 100%;
        background: $surface; padding: 1 2;
    }
    EnqueueScreen .title { text-style: bold; margin-bottom: 1; }
    EnqueueScreen VerticalScroll { height: auto; max-height: 70vh; scrollbar-size-vertical: 1; }
    EnqueueScreen #said { height: auto; max-height: 6; margin-top: 1; }
    EnqueueScreen .buttons { height: 1; margin-top: 1; align-horizontal: right; }
    EnqueueScreen Button { margin-left: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="enqueue.close", tooltip="Enqueue nothing."),
        Binding("down", "step(1)", "Next value", show=False, id="enqueue.next", tooltip="Go on."),
        Binding("up", "step(-1)", "Last value", show=False, id="enqueue.last", tooltip="Go back."),
    ]

    def __init__(self, params: Params, point: Mapping[str, Any], title: str) -> None:
        super().__init__()
        self._form = PointForm(params, point)
        self._values = [PointLine(d, self._form.texts[d.name]) for d in params.space.dimensions]
        self._heading = title
        self._again = False  # the user has been told that it has run, and may say so once more
        self._busy = False

    def compose(self) -> ComposeResult:
        """Lay out the values, what is said about them, the buttons."""
        with Vertical():
            yield Static(self._heading, markup=False, classes="title")
            with VerticalScroll(can_focus=False):
                yield from self._values
            yield Static(HELP, id="said", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel (esc)", id="cancel", compact=True)
                yield Button(QUEUE, "primary", id="enqueue", compact=True)

    def on_mount(self) -> None:
        """Begin with the first value."""
        self._check()
        self._values[0].value.focus()

    # -- what stands in the form ------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self) -> None:
        for line in self._values:
            self._form.texts[line.dimension.name] = line.value.value
        self._check()

    def _check(self) -> None:
        """Show the values that the point has, and what is wrong with them."""
        active = {dimension.name for dimension in self._form.active()}
        problems = self._form.problems()
        for line in self._values:
            line.display = line.dimension.name in active
            line.complain(problems.get(line.dimension.name))
        self._offer(again=False)
        self.query_one("#enqueue", Button).disabled = bool(problems)
        self._say(Content.styled(HELP, MUTED))

    def _offer(self, *, again: bool) -> None:
        self._again = again
        self.query_one("#enqueue", Button).label = AGAIN if again else QUEUE

    def _say(self, text: Content) -> None:
        self.query_one("#said", Static).update(text)

    def action_step(self, by: int) -> None:
        """Go to the value above or below; the ends are ends."""
        shown = [line.value for line in self._values if line.display]
        here = self.focused
        there = shown.index(here) + by if isinstance(here, FormInput) and here in shown else 0
        if 0 <= there < len(shown):
            shown[there].focus()

    # -- enqueuing --------------------------------------------------------------------------

    @on(Input.Submitted)
    @on(Button.Pressed, "#enqueue")
    def _enqueue(self) -> None:
        if self._busy or self._form.problems():
            return
        self._busy = True
        wanted, again = self._form.wanted, self._again

        def work(session: Session) -> int | str:
            """Return the number of the new trial, or why it would be another of its kind."""
            try:
                return enqueue(session.search, [wanted], again=again).queued[0].tid
            except KnownPoints as known:
                return str(known).partition(",")[0]

        cast("TrialdeckApp", self.app).ask(work, self._done, self._failed)

    def _done(self, result: int | str) -> None:
        self._busy = False
        app = cast("TrialdeckApp", self.app)
        if isinstance(result, int):
            when = "" if app.seen.cores else " once there are cores: n launches some"
            app.say(f"Trial {result} will run at this point{when}.")
            if self.is_attached:
                self.dismiss()
        elif self.is_attached:
            self._say(Content.styled(f"{glyph('warning')} {result}.", STYLES["warning"]))
            self._offer(again=True)

    def _failed(self, text: str) -> None:
        self._busy = False
        if self.is_attached:
            self._say(Content.styled(f"{glyph('failed')} {tame_text(text)}", STYLES["failed"]))
        else:
            cast("TrialdeckApp", self.app).say(text, "error")

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss()
