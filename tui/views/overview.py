"""The view "Overview": where the search stands, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Container, Vertical

from trialdeck.tui.messages import OpenTrial
from trialdeck.tui.stages import no_best
from trialdeck.tui.views.overview_chart import BestChart
from trialdeck.tui.views.overview_notice import Notice
from trialdeck.tui.views.view import View
from trialdeck.tui.widgets.best_point import BestPoint
from trialdeck.tui.widgets.core_summary import CoreSummary
from trialdeck.tui.widgets.event_list import EventList
from trialdeck.tui.widgets.grid import Grid
from trialdeck.tui.widgets.plot import Plot
from trialdeck.tui.widgets.progress_bar import ProgressBar
from trialdeck.tui.widgets.running_list import RunningList
from trialdeck.tui.widgets.state_line import StateLine

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.geometry import Size
    from textual.widget import Widget

    from trialdeck.core.status import Best
    from trialdeck.tui.seen import Seen

WIDE = 110  # columns from which the parts below the chart stand side by side
TALL = 32  # lines from which there are blank lines between parts


class OverviewView(View):
    """The state, the chart of the best value, what runs, and what has happened lately."""

    DEFAULT_CSS = """
    OverviewView { padding: 0 1; }
    OverviewView BestChart { height: 1fr; min-height: 6; }
    OverviewView #below { height: auto; }
    OverviewView #now, OverviewView #lately { height: auto; }
    OverviewView.-wide #below { layout: horizontal; }
    OverviewView.-wide #now { width: 3fr; margin-right: 2; }
    OverviewView.-wide #lately { width: 2fr; }
    OverviewView.-tall #below, OverviewView.-tall BestChart { margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f",
            "last_failure",
            "Last failure",
            show=False,
            id="overview.last_failure",
            tooltip="Show the trial that failed last.",
        ),
    ]

    def compose(self) -> ComposeResult:
        """Lay out the parts, from the top."""
        yield StateLine()
        yield ProgressBar()
        yield Notice()
        yield BestChart()
        with Container(id="below"):
            with Vertical(id="now"):
                yield RunningList()
                yield BestPoint()
            with Vertical(id="lately"):
                yield CoreSummary()
                yield EventList()

    def draw(self, seen: Seen, before: Seen) -> None:  # noqa: ARG002 - each part knows what it has
        """Draw what is new."""
        status = seen.status
        self.query_one(StateLine).show(status)
        self.query_one(ProgressBar).show(status)
        self.query_one(Notice).show(seen)
        self.query_one(BestChart).show_seen(seen, self.ask)
        self.query_one(RunningList).show_seen(seen)
        self.query_one(CoreSummary).show(seen.cores)
        self.query_one(EventList).show_happenings(seen.happenings)
        if status is not None and seen.params is not None:
            self.query_one(BestPoint).show(status, seen.params.space)
        self._choose_parts(seen)
        self._share_out(self.size)

    def tick(self) -> None:
        """Let the trials that run grow older."""
        if self.query_one(RunningList).count:
            self.query_one(RunningList).grow_older()

    def take_focus(self) -> None:
        """Give the focus to the chart, where there is one."""
        if self.query_one(BestChart).display:
            self.query_one(BestChart).focus()

    # -- the layout -------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Share out the lines anew."""
        self._share_out(self.size)

    def _choose_parts(self, seen: Seen) -> None:
        """Show what there is something to say in."""
        begun, over = bool(seen.snapshot.trials), _is_over(seen)
        busy = begun and not over and bool(seen.cores or self.query_one(RunningList).count)
        appears = begun and not self.query_one(BestChart).display
        shown: dict[type[Widget] | str, bool] = {
            StateLine: seen.status is not None,
            ProgressBar: seen.status is not None,
            Notice: self.query_one(Notice).says_something,
            BestChart: begun,
            RunningList: busy,
            BestPoint: over,
            "#now": busy or over,
            EventList: bool(seen.happenings) or begun,
        }
        for kind, is_shown in shown.items():
            self.query_one(kind).display = is_shown
        if appears and self.screen.focused is None:
            self.take_focus()

    def _share_out(self, size: Size) -> None:
        """Give each part its lines: the chart gets what the others leave."""
        wide, tall = size.width >= WIDE, size.height >= TALL
        self.set_class(wide, "-wide")
        self.set_class(tall, "-tall")
        running, events, best = (
            self.query_one(RunningList),
            self.query_one(EventList),
            self.query_one(BestPoint),
        )
        most = max(4, size.height // 4)
        best.room = most + 3
        rows = max(1, min(most, running.count))
        known = max(3, min(most if wide else size.height // 6, len(self.seen.happenings)))
        running.styles.height = 1 + (max(rows, known) if wide else rows)
        events.styles.height = 1 + known

    # -- what the user does -----------------------------------------------------------------

    @on(Grid.Chosen, "#running")
    def _open_running(self, message: Grid.Chosen) -> None:
        self.post_message(OpenTrial(message.key))

    @on(Grid.Chosen, "#events")
    def _open_event(self, message: Grid.Chosen) -> None:
        if message.key.tid is not None:
            self.post_message(OpenTrial(message.key.tid))

    @on(Plot.Chosen)
    def _open_point(self, message: Plot.Chosen) -> None:
        tid = self.query_one(BestChart).tid_at(message.x)
        if tid is not None:
            self.post_message(OpenTrial(tid))

    def action_last_failure(self) -> None:
        """Show the trial that failed last."""
        tid = self.query_one(BestChart).last_failure
        if tid is None:
            self.notify("No trial has failed.", markup=False)
        else:
            self.post_message(OpenTrial(tid))

    def action_copy(self) -> None:
        """Copy the best point as a [fixed] table."""
        status, params = self.seen.status, self.seen.params
        best: Best | None = status.best if status is not None else None
        if best is None or params is None:
            none = no_best(status) if status is not None else ""
            text = f"Best: {none}." if none else "No trial has succeeded yet."
            self.notify(text, severity="warning", markup=False)
            return
        from trialdeck.tui.best import fixed_table

        self.app.copy_to_clipboard(fixed_table(best.params, params.space))
        self.notify(f"Copied trial {best.tid} as a [fixed] table.", markup=False)


def _is_over(seen: Seen) -> bool:
    status = seen.status
    return status is not None and status.state == "finished" and status.best is not None
