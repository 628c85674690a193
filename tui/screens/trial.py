"""All about one trial, live, on a screen of its own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer

from trialdeck.tui.messages import OpenLog
from trialdeck.tui.screens.trial_curve import TrialCurve
from trialdeck.tui.screens.trial_network import TrialNetwork
from trialdeck.tui.screens.trial_parts import error_lines, heading, history_part, point_part
from trialdeck.tui.views import trials_acts
from trialdeck.tui.views.trials_keys import TRIAL_KEYS
from trialdeck.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.content import Content

    from trialdeck.core.history.snapshot import Trial
    from trialdeck.tui.seen import Seen
    from trialdeck.tui.views.trials import TrialsView

SIDE_BY_SIDE = 76  # columns from which the learning curve stands beside the point


class Part(Lines):
    """Lines that a function makes for a width."""

    def __init__(self, made: Callable[[int], list[Content]], part: str) -> None:
        super().__init__(id=part)
        self._made = made

    def lines(self, width: int) -> list[Content]:
        """Return the lines."""
        return self._made(width)


def _key(keys: str, action: str, text: str, tooltip: str, *, show: bool = False) -> Binding:
    name = "trial." + {"step(1)": "next", "step(-1)": "previous"}.get(action, action)
    return Binding(keys, action, text, show=show, id=name, tooltip=tooltip)


class Page(VerticalScroll):
    """Scrolls with vim's keys too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="page.down", tooltip="One line down."),
        Binding("k", "scroll_up", "Up", show=False, id="page.up", tooltip="One line up."),
        Binding("g", "scroll_home", "Top", show=False, id="page.top", tooltip="To the top."),
        Binding("G", "scroll_end", "End", show=False, id="page.end", tooltip="To the end."),
    ]


class TrialScreen(Screen[None]):
    """The page of a trial; `J` and `K` go through the table of the view that opened it."""

    AUTO_FOCUS = "Page"
    DEFAULT_CSS = """
    TrialScreen { layout: vertical; }
    TrialScreen #heading { padding: 0 1; background: $panel; }
    TrialScreen Page { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    TrialScreen #beside { height: auto; margin-top: 1; }
    TrialScreen #beside.-wide { layout: horizontal; }
    TrialScreen #beside.-wide > #point { width: 2fr; margin-right: 2; }
    TrialScreen #beside.-wide > TrialCurve { width: 3fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        _key("escape,left,h,backspace", "back", "Back", "Go back to the table.", show=True),
        _key("J,shift+down", "step(1)", "Next", "Show the trial below in the table.", show=True),
        _key("K,shift+up", "step(-1)", "Previous", "Show the trial above.", show=True),
        _key("v", "next_value", "Value", "Draw the curve of another value that was reported."),
        *TRIAL_KEYS,
    ]

    def __init__(self, view: TrialsView, tid: int, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.view = view
        self.tid = tid
        self._clock = clock
        self._seen = view.seen

    @property
    def trial(self) -> Trial:
        """The trial, as it was seen last."""
        return self._seen.snapshot.trials[self.tid]

    def compose(self) -> ComposeResult:
        """Lay out what identifies the trial, then what went wrong, what came out, how it was."""
        yield Part(self._heading, "heading")
        with Page():
            yield Part(lambda width: error_lines(self.trial, width), "error")
            with Container(id="beside"):
                yield Part(self._point, "point")
                yield TrialCurve(self.view.ask)
            yield TrialNetwork(self.view.ask)
            yield Part(
                lambda width: history_part(self._seen.snapshot, self.trial, width), "history"
            )
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Draw the trial."""
        self._show_asked()

    def on_resize(self) -> None:
        """Put the curve beside the point, or below it."""
        self.query_one("#beside").set_class(self.size.width >= SIDE_BY_SIDE, "-wide")

    def show_seen(self, seen: Seen, before: Seen) -> None:
        """Draw what is new."""
        if not self.is_mounted:  # its parts come with the next message, and show what is seen then
            self._seen = seen
            return
        if seen.name != before.name or self.tid not in seen.snapshot.trials:
            self.dismiss()
            return
        old, self._seen = self._seen, seen
        if self.trial is not old.snapshot.trials[self.tid] or seen.params is not old.params:
            self._redraw()
        elif seen.snapshot.best != old.snapshot.best:
            self.query_one("#heading", Part).redraw()
        self._show_asked()

    def _show_asked(self) -> None:
        """Draw the parts that have to be asked for."""
        self.query_one(TrialCurve).show_trial(self._seen, self.trial)
        self.query_one(TrialNetwork).show_trial(self._seen, self.trial)

    def tick(self) -> None:
        """Let a trial that runs grow older."""
        if self.trial.state == "running":
            for part in self.query("#heading").results(Part):  # none while the page comes or goes
                part.redraw()

    def _redraw(self) -> None:
        for part in self.query(Part):
            part.redraw()

    def _heading(self, width: int) -> list[Content]:
        params = self._seen.params
        if params is None:
            return []
        return heading(self._seen.snapshot, self.trial, params, width, self._clock())

    def _point(self, width: int) -> list[Content]:
        return point_part(self.trial, self._seen.params, width) if self._seen.params else []

    # -- what the user does -----------------------------------------------------------------

    def action_back(self) -> None:
        """Go back to the table."""
        self.dismiss()

    def action_step(self, lines: int) -> None:
        """Show another trial of the table."""
        tid = self.view.step(lines)
        if tid is not None and tid != self.tid:
            self.tid = tid
            self._redraw()
            self.query_one(Page).scroll_home(animate=False)
            self._show_asked()

    def action_next_value(self) -> None:
        """Draw the curve of another value."""
        self.query_one(TrialCurve).next_value()

    def action_retry(self) -> None:
        """Run the point again."""
        trials_acts.retry(self.view.deck_app, self.trial)

    def action_enqueue(self) -> None:
        """Edit a copy of the point and have it tried first."""
        trials_acts.enqueue(self.view.deck_app, self.trial)

    def action_copy(self) -> None:
        """Copy the point."""
        trials_acts.copy(self.view.deck_app, self.trial)

    def action_write(self) -> None:
        """Write the point into a file."""
        trials_acts.write(self.view.deck_app, self.trial)

    def action_log(self) -> None:
        """Show what the trial printed."""
        self.post_message(OpenLog(self.tid, self.trial.attempt))
