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
from trialdeck.tui import launching, machines
from trialdeck.tui.feed import Job
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.latest import Latest
from trialdeck.tui.launching import Wanted
from trialdeck.tui.screens.choose import Answer, Answers, Choose
from trialdeck.tui.screens.launch_enquiry import Enquiry
from trialdeck.tui.widgets.choice_fields import ChoiceFields, Picker
from trialdeck.tui.widgets.count import Count
from trialdeck.tui.widgets.styles import MUTED

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from trialdeck.backends.base import Choice
    from trialdeck.tui.app import TrialdeckApp
    from trialdeck.tui.launching import Outcome, Place
    from trialdeck.tui.screens.launch_notes import Known

LOW = 20  # lines below which the form does without blank ones
_WAYS_OUT = {
    launching.KEEP_LOSSES: Answer(
        "keep_losses", "Keep the losses", "they count as if they had been measured like new ones"
    ),
    launching.FORCE: Answer(
        "force", "Publish mine", "the draft replaces the newest revision, which stays readable"
    ),
}
_NO_HOST = "There are no other machines yet: f2 adds one."
_CANCEL = Answer("cancel", "Cancel", "launch nothing")


def _scrolls(key: str, name: str, action: str, tooltip: str) -> Binding:
    text = tooltip.rstrip(".")
    return Binding(key, action, text, show=False, id=f"launch.{name}", tooltip=tooltip)


class LaunchScreen(ModalScreen[None]):
    """Launches cores. Nothing that was typed is lost when a launch is refused.

    All of it scrolls but the buttons. Places are asked in threads of their own: one that does not
    answer keeps the form alive.
    """

    DEFAULT_CSS = """
    LaunchScreen { align: center middle; }
    LaunchScreen > Vertical {
        width: 94%; max-width: 110; height: auto; max-height: 100%;
        background: $surface; padding: 1 2;
    }
    LaunchScreen .title { text-style: bold; height: 1; }
    LaunchScreen #form { height: auto; scrollbar-size-vertical: 1; }
    LaunchScreen Answers { margin: 1 0; max-height: 5; }
    LaunchScreen .field { height: 1; }
    LaunchScreen .field .label { width: 11; }
    LaunchScreen .field .about {
        width: 1fr; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    LaunchScreen Count { width: 9; margin-right: 2; background: $panel; padding: 0 1; }
    LaunchScreen #said, LaunchScreen #runs { height: auto; margin-top: 1; }
    LaunchScreen .buttons { height: 1; margin-top: 1; align-horizontal: right; }
    LaunchScreen #counts { width: 1fr; }
    LaunchScreen Button { margin-left: 2; }
    LaunchScreen.-low > Vertical { padding: 0 2; }
    LaunchScreen.-low Answers, LaunchScreen.-low .buttons { margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", id="launch.close", tooltip="Launch nothing."),
        Binding("f2", "hosts", "Hosts", id="launch.hosts", tooltip="Add or check machines."),
        _scrolls("pagedown", "page_on", "page(1)", "Read on in the form."),
        _scrolls("pageup", "page_back", "page(-1)", "Read back in the form."),
        _scrolls("ctrl+down", "line_on", "line(1)", "One line on in the form."),
        _scrolls("ctrl+up", "line_back", "line(-1)", "One line back in the form."),
    ]

    def __init__(self, host: str = "") -> None:
        super().__init__()
        self._places: list[Place] = []
        self._first = machines.BACKEND if host else ""  # the place to begin with
        self._choices: dict[str, list[Choice]] = {}  # by the names of places
        self._values: dict[str, dict[str, str]] = {}  # chosen otherwise than the file says
        if host:
            self._values[machines.BACKEND] = {"host": host}
        self._fields_of = ""  # the place whose choices are shown
        self._ways: tuple[str, ...] = ()  # out of refusals, which the user has chosen

    @property
    def _deck_app(self) -> TrialdeckApp:
        return cast("TrialdeckApp", self.app)

    @property
    def _known(self) -> Known:
        return self._enquiry.known

    def compose(self) -> ComposeResult:
        """Lay out the fields, what is said about the launch, what runs."""
        with Vertical():
            yield Static("Launch cores", classes="title")
            with VerticalScroll(id="form", can_focus=False):
                yield Answers()
                yield _line(
                    "cores",
                    "so many trials at once",
                    Count(type="integer", max_length=5, compact=True),
                )
                about = "at most; empty: as many as the search needs"
                yield _line("trials", about, Count(type="integer", max_length=7, compact=True))
                yield ChoiceFields()
                yield Static(id="said", markup=False)
                yield Static(id="runs", markup=False)
            with Horizontal(classes="buttons"):
                yield Static(id="counts", markup=False)
                yield Button("Hosts (f2)", id="hosts", compact=True)
                yield Button("Cancel (esc)", id="cancel", compact=True)
                yield Button("Launch (enter)", "primary", id="launch", compact=True)

    def on_mount(self) -> None:
        """Ask what there is to choose, and what is wrong with the search."""
        feed = self._deck_app.feed
        self._offers, self._enquiry = Latest(feed), Enquiry(feed, self._tell)
        self.query_one("#hosts").display = False
        self.query_one("#cores").focus()
        self._ask_places()
        self._tell()

    def _ask_places(self) -> None:
        self._deck_app.ask(launching.places, self._take_places, self._enquiry.cannot_check)

    def on_resize(self) -> None:
        """Give the form the lines that the title and the buttons leave."""
        low = self.size.height < LOW
        self.set_class(low, "-low")
        self.query_one("#form").styles.max_height = max(3, self.size.height - (2 if low else 5))

    def _take_places(self, places: list[Place]) -> None:
        if not self.is_attached:
            return
        self._places = places
        answers, names = self.query_one(Answers), [place.name for place in places]
        answers.show([Answer(p.name, p.name, p.about) for p in places])
        if self._first in names:
            answers.highlighted = names.index(self._first)
        self._ask_about()
        self._enquiry.check()

    # -- choosing ---------------------------------------------------------------------------

    @property
    def _place(self) -> Place | None:
        at = self.query_one(Answers).highlighted
        return self._places[at] if at is not None and at < len(self._places) else None

    @on(OptionList.OptionHighlighted)
    def _other_place(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        place = self._place
        if place is not None:
            self.query_one("#field-trials").display = not place.many
            self.query_one("#hosts").display = place.far
            self._set_cores(place)
            self._offer(place.name)
        self._ask_about()

    def _set_cores(self, place: Place) -> None:
        """Have the usual number of cores, unless somebody has typed another."""
        field, cores = self.query_one("#cores", Count), self._cores_of(place)
        if field.value in {"", *(n for p in self._places for n in p.usual)}:
            field.value = str(cores)
            field.select_all()  # a number that is typed takes its place

    def _cores_of(self, place: Place) -> int:
        return place.cores_with(self._values.get(place.name, {}))

    @on(ChoiceFields.Changed)
    def _other_choice(self) -> None:
        if (place := self._place) is not None and self._keep_values(place):
            self._set_cores(place)
        self._ask_about()

    def _keep_values(self, place: Place) -> bool:
        """Take note of what is chosen; return whether the cores that are usual change by it."""
        if place.name not in self._choices or place.name != self._fields_of:
            return False
        before = self._cores_of(place)
        self._values[place.name] = self.query_one(ChoiceFields).values
        return before != self._cores_of(place)

    @on(OptionList.OptionSelected)
    def _place_chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.query_one("#cores").focus()

    def _offer(self, place: str) -> None:
        """Show what there is to choose at a place, once that is known."""
        self._fields_of = place
        fields = self.query_one(ChoiceFields)
        if choices := self._choices.get(place):
            fields.offer(choices, self._values.get(place, {}))
            return
        if choices is not None:
            fields.say(_NO_HOST if self._place is not None and self._place.far else "")
            return
        fields.say(f"asking {place}{glyph('cut')}")
        self._offers.ask(
            Job(
                lambda session: launching.choices(session, place),
                partial(self._take_choices, place),
                partial(self._no_choices, place),
            )
        )

    def _take_choices(self, place: str, choices: list[Choice]) -> None:
        self._choices[place] = choices
        if self.is_attached and place == self._fields_of:
            self._offer(place)

    def _no_choices(self, place: str, text: str) -> None:
        # Why, stands among what is said about the launch: the same question has no answer there.
        if self.is_attached and place == self._fields_of:
            self.query_one(ChoiceFields).say("")
            self._known.silent = self._known.silent or text
            self._tell()

    @on(Picker.Opened)
    def _show_all(self, event: Picker.Opened) -> None:
        picker = event.picker

        def chosen(name: str | None) -> None:
            if name is not None:
                picker.pick(picker.values[int(name)])

        # By number: an option's name may be no text that a list can be asked for.
        here = picker.values.index(picker.value)
        answers = [
            Answer(str(number), value or "not set", picker.about(value))
            for number, value in enumerate(picker.values)
        ]
        title = f"{picker.choice.key}: {picker.choice.about}"
        self.app.push_screen(Choose(title, answers, here=str(here)), chosen)

    # -- asking -----------------------------------------------------------------------------

    @on(Input.Changed)
    def _ask_about(self) -> None:
        """Have worked out what would run, and what its place says of it."""
        if (wanted := self._wanted) is not None:
            self._enquiry.about(wanted)
        else:
            self._enquiry.no_launch("A launch needs at least one core." if self._places else "")

    @property
    def _wanted(self) -> Wanted | None:
        """The launch that stands in the form; None while it is none."""
        place, cores = self._place, self.query_one("#cores", Count).number
        if place is None or cores is None:
            return None
        self._keep_values(place)
        options = tuple(self._values.get(place.name, {}).items())
        trials = None if place.many else self.query_one("#trials", Count).number
        return Wanted(place.name, cores, trials, options)

    def _tell(self) -> None:
        """Show what is known now."""
        if not self.is_attached:
            return
        known = self._known
        command = known.plan.command if known.plan is not None else ""
        self.query_one("#runs", Static).update(Content.styled(tame_text(command), MUTED))
        self.query_one("#said", Static).update(Content("\n").join(known.notes()))
        self.query_one("#counts", Static).update(known.counts())
        button = self.query_one("#launch", Button)
        button.variant = "default" if known.hopeless else "primary"
        if str(button.label) != known.label:
            button.label = known.label
            button.refresh(layout=True)

    # -- launching --------------------------------------------------------------------------

    @on(Input.Submitted)
    @on(Button.Pressed, "#launch")
    def _launch(self) -> None:
        """Publish and launch."""
        wanted, ways = self._wanted, self._ways
        if wanted is None or self._known.launching:
            return
        self._known.launching, self._known.refused = True, ""
        self._tell()
        self._deck_app.feed.do(
            Job(
                lambda session: launching.launch(session, wanted, ways),
                self._launched,
                self._failed,
                apart=True,
            )
        )

    @on(Button.Pressed, "#hosts")
    def action_hosts(self) -> None:
        """Show the other machines; the one that is chosen there is launched on."""
        from trialdeck.tui.screens.hosts import HostsScreen

        def chosen(host: str | None) -> None:
            self._choices.clear()  # there may be others now
            self._enquiry.forget()
            place = self._place
            self._first = place.name if place is not None else ""
            if host is not None:
                self._first = machines.BACKEND
                self._values[machines.BACKEND] = {"host": host}
            self._ask_places()

        self.app.push_screen(HostsScreen(), chosen)

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
        self._known.launching, self._known.refused = False, text
        if self.is_attached:
            self._tell()
            said, form = self.query_one("#said"), self.query_one("#form")
            self.call_after_refresh(form.scroll_to_widget, said, animate=False)
        else:
            self._deck_app.say(text, "error")

    # -- reading ----------------------------------------------------------------------------

    def action_page(self, pages: int) -> None:
        """Scroll the form by pages."""
        form = self.query_one("#form")
        (form.scroll_page_down if pages > 0 else form.scroll_page_up)(animate=False)

    def action_line(self, lines: int) -> None:
        """Scroll the form by lines."""
        self.query_one("#form").scroll_relative(y=lines, animate=False)


def _line(name: str, about: str, field: Widget) -> Horizontal:
    """Return a line of the form."""
    field.id = name
    label, said = Static(name, classes="label"), Static(about, classes="about")
    return Horizontal(label, field, said, classes="field", id=f"field-{name}")
