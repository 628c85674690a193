"""The form that launches cores: where, how many, what exactly runs, and what is wrong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, Static

from trialdeck.core.log_text import tame_text
from trialdeck.tui import launching
from trialdeck.tui.feed import Job
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.screens.choose import Answer, Answers, Choose
from trialdeck.tui.widgets.styles import MUTED, STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from trialdeck.core.check import Finding
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.launching import Outcome, Place, Plan

_WAYS_OUT = {
    launching.KEEP_LOSSES: Answer(
        "keep_losses", "Keep the losses", "they count as if they had been measured like new ones"
    ),
    launching.FORCE: Answer(
        "force", "Publish mine", "the draft replaces the newest revision, which stays readable"
    ),
}
_CANCEL = Answer("cancel", "Cancel", "launch nothing")


def _scrolls(key: str, what: str, pages: int, tooltip: str) -> Binding:
    name = f"launch.{what}_{'on' if pages > 0 else 'back'}"
    text = tooltip.partition(" in ")[0]
    return Binding(key, f"page('{what}', {pages})", text, show=False, id=name, tooltip=tooltip)


class Count(Input):
    """A field for a number from 1; the up and down keys change it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "change(1)", "More", show=False, id="launch.more", tooltip="One more."),
        Binding("down", "change(-1)", "Fewer", show=False, id="launch.fewer", tooltip="One less."),
    ]

    @property
    def number(self) -> int | None:
        """The number, None when there is none."""
        return int(self.value) if self.value.isdecimal() and int(self.value) > 0 else None

    def action_change(self, by: int) -> None:
        """Make the number larger or smaller."""
        self.value = str(max(1, (self.number or 0) + by))
        self.cursor_position = len(self.value)


class LaunchScreen(ModalScreen[None]):
    """Launches cores. Nothing that was typed is lost when a launch is refused."""

    DEFAULT_CSS = """
    LaunchScreen { align: center middle; }
    LaunchScreen > Vertical {
        width: 94%; max-width: 110; height: auto; max-height: 100%;
        background: $surface; padding: 1 2;
    }
    LaunchScreen .title { text-style: bold; height: 1; }
    LaunchScreen Answers { margin: 1 0; max-height: 5; }
    LaunchScreen .field { height: 1; }
    LaunchScreen .field Static { width: 8; }
    LaunchScreen .field .about { width: 1fr; color: $text-muted; }
    LaunchScreen Count { width: 9; margin-right: 2; background: $panel; padding: 0 1; }
    LaunchScreen VerticalScroll { height: auto; scrollbar-size-vertical: 1; }
    LaunchScreen #command { max-height: 21vh; margin-top: 1; }
    LaunchScreen #notes { max-height: 21vh; margin-top: 1; }
    LaunchScreen .buttons { height: 1; margin-top: 1; align-horizontal: right; }
    LaunchScreen Button { margin-left: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="launch.close", tooltip="Launch nothing."),
        _scrolls("pagedown", "notes", 1, "Read on in what is said about the launch."),
        _scrolls("pageup", "notes", -1, "Read back in it."),
        _scrolls("ctrl+down", "command", 1, "Read on in what would run."),
        _scrolls("ctrl+up", "command", -1, "Read back in it."),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._places: list[Place] = []
        self._asked: object = None  # the launch whose plan was asked for last
        self._plan: Plan | None = None
        self._trouble = ""  # why there is no plan
        self._refused = ""  # why the last launch was none
        self._findings: Sequence[Finding] | None = None
        self._launching = False
        self._ways: tuple[str, ...] = ()  # out of refusals, which the user has chosen

    @property
    def _deck_app(self) -> TrialdeckApp:
        return cast("TrialdeckApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out the fields, what runs, what is said about it."""
        with Vertical():
            yield Static("Launch cores", classes="title")
            yield Answers()
            with Horizontal(classes="field"):
                yield Static("cores")
                yield Count(id="cores", type="integer", max_length=5, compact=True)
                yield Static("so many trials at once", classes="about")
            with Horizontal(classes="field"):
                yield Static("trials")
                yield Count(id="trials", type="integer", max_length=7, compact=True)
                yield Static("at most; empty: as many as the search needs", classes="about")
            with VerticalScroll(id="command", can_focus=False):
                yield Static(id="runs", markup=False)
            with VerticalScroll(id="notes", can_focus=False):
                yield Static(id="said", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Cancel (esc)", id="cancel", compact=True)
                yield Button("Launch (enter)", "primary", id="launch", compact=True)

    def on_mount(self) -> None:
        """Ask what there is to choose, and what is wrong with the search."""
        self.query_one("#cores").focus()
        app = self._deck_app
        app.ask(launching.places, self._take_places, self._no_findings)
        self._tell()

    def _take_places(self, places: list[Place]) -> None:
        if not self.is_attached:
            return
        self._places = places
        self.query_one(Answers).show([Answer(p.name, p.name, p.about) for p in places])
        self._ask_plan()
        check = Job(launching.findings, self._take_findings, self._no_findings, apart=True)
        self._deck_app.feed.do(check)

    # -- choosing ---------------------------------------------------------------------------

    @property
    def _place(self) -> Place | None:
        at = self.query_one(Answers).highlighted
        return self._places[at] if at is not None and at < len(self._places) else None

    @on(OptionList.OptionHighlighted)
    def _other_place(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        place, field = self._place, self.query_one("#cores", Count)
        if place is not None and field.value in {"", *(str(p.cores) for p in self._places)}:
            field.value = str(place.cores)  # unless somebody has typed another number
            field.select_all()  # a number that is typed takes its place
        self._ask_plan()

    @on(OptionList.OptionSelected)
    def _place_chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.query_one("#cores").focus()

    @on(Input.Changed)
    def _ask_plan(self) -> None:
        """Have worked out what would run."""
        wanted = self._wanted
        if wanted is None:
            self._plan, self._asked = None, None
            self._trouble = "A launch needs at least one core." if self._places else ""
            self._tell()
        elif wanted != self._asked:
            self._asked = wanted
            self._deck_app.ask(
                lambda session: launching.plan(session, *wanted),
                partial(self._take_plan, wanted),
                self._take_trouble,
            )

    @property
    def _wanted(self) -> tuple[str, int, int | None] | None:
        """The backend, the cores, and the most trials; None while they make no launch."""
        cores = self.query_one("#cores", Count).number
        if self._place is None or cores is None:
            return None
        return self._place.name, cores, self.query_one("#trials", Count).number

    def _take_plan(self, wanted: object, plan: Plan) -> None:
        if wanted == self._asked:
            self._plan, self._trouble = plan, ""
            self._tell()

    def _take_trouble(self, text: str) -> None:
        self._trouble = text
        self._tell()

    def _take_findings(self, findings: Sequence[Finding]) -> None:
        self._findings = findings
        self._tell()

    def _no_findings(self, text: str) -> None:
        self._findings = ()
        self._take_trouble(text)

    # -- what is said -----------------------------------------------------------------------

    def _tell(self) -> None:
        """Show what is known now."""
        if not self.is_attached:
            return
        command = self._plan.command if self._plan is not None else ""
        self.query_one("#runs", Static).update(Content.styled(tame_text(command), MUTED))
        self.query_one("#said", Static).update(Content("\n").join(self._notes()))
        button = self.query_one("#launch", Button)
        label = "Launch anyway (enter)" if self._errors() else "Launch (enter)"
        label = "Launching" + glyph("cut") if self._launching else label
        if str(button.label) != label:
            button.label = label
            button.refresh(layout=True)

    def _errors(self) -> list[str]:
        found = [f.text for f in self._findings or () if f.level == "error"]
        return list(dict.fromkeys(filter(None, [self._refused, self._trouble, *found])))

    def _warnings(self) -> list[str]:
        known = self._plan.warnings if self._plan is not None else ()
        found = [f.text for f in self._findings or () if f.level == "warning"]
        return list(dict.fromkeys([*known, *found]))

    def _notes(self) -> list[Content]:
        errors, warnings = self._errors(), self._warnings()
        notes = [_note(text, "failed") for text in errors]
        notes += [_note(text, "warning") for text in warnings]
        if self._findings is None:
            notes.append(Content.styled("checking the search" + glyph("cut"), MUTED))
        elif not errors and not warnings:
            notes.append(_note("the check found nothing wrong", "ok"))
        return notes

    # -- launching --------------------------------------------------------------------------

    @on(Input.Submitted)
    @on(Button.Pressed, "#launch")
    def _launch(self) -> None:
        """Publish and launch."""
        wanted, ways = self._wanted, self._ways
        if wanted is None or self._launching:
            return
        self._launching, self._refused = True, ""
        self._tell()
        self._deck_app.ask(
            lambda session: launching.launch(session, *wanted, ways), self._launched, self._failed
        )

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss()

    def _launched(self, outcome: Outcome) -> None:
        if outcome.started:
            self._deck_app.say(outcome.text)
            if self.is_current:
                self.dismiss()
        elif self.is_attached and outcome.way_out:
            self._failed(outcome.text)
            answers = [_WAYS_OUT[outcome.way_out], _CANCEL]
            text = tame_text(outcome.text)
            title = "The parameters were not published"
            self.app.push_screen(Choose(title, answers, text, _CANCEL.id), self._way_chosen)
        else:
            self._failed(outcome.text)

    def _way_chosen(self, way: str | None) -> None:
        if way in _WAYS_OUT:
            self._ways = (*self._ways, way)
            self._launch()

    def _failed(self, text: str) -> None:
        self._launching, self._refused = False, text
        if self.is_attached:
            self._tell()
            self.query_one("#notes").scroll_home(animate=False)
        else:
            self._deck_app.say(text, "error")

    def action_page(self, what: str, pages: int) -> None:
        """Scroll what would run, or what is said about it."""
        area = self.query_one(f"#{what}")
        (area.scroll_page_down if pages > 0 else area.scroll_page_up)(animate=False)


def _note(text: str, kind: str) -> Content:
    """Return a text behind its sign; its further lines are indented."""
    lines = tame_text(text.strip()).split("\n")
    return Content.styled(f"{glyph(kind)} " + "\n  ".join(lines), STYLES[kind])
