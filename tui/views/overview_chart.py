"""The chart of all finished trials, and of the best one so far."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trialdeck.core.best_curve import BestCurve
from trialdeck.core.history.snapshot import Snapshot
from trialdeck.tui.format import metric, one_line, shown
from trialdeck.tui.widgets.plot import Cloud, Plot, Series

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.status import Status
    from trialdeck.tui.seen import Seen

    Ask = Callable[[Callable[[Any], Any], Callable[[Any], None]], None]

EMPTY = "no trial has succeeded yet"
WIDE = 100.0  # with values so many times as high as the lowest the axis begins as a logarithmic one
MANY = 5000  # so many new trials are not put in order in the thread that draws


class BestChart(Plot):
    """The metric over the number of finished trials, in the order in which they ended.

    The crosshair names a trial; a failed one has no value and is not seen.
    """

    def __init__(self) -> None:
        super().__init__(id="chart", empty=EMPTY)
        self._history = Points()
        self._status: Status | None = None
        self._chosen = False  # by the user: how the y axis is
        self._waiting: Seen | None = None  # what to draw when the others are in order

    @property
    def last_failure(self) -> int | None:
        """The trial that failed last."""
        failed = self._history.curve.failed
        return self._history.curve.tids[failed[-1]] if failed else None

    def action_log_y(self) -> None:
        """Take the user's word for the axis from now on."""
        self._chosen = True
        super().action_log_y()

    def tid_at(self, x: float) -> int | None:
        """Return the trial at a place of the x axis."""
        row, tids = round(x) - 1, self._history.curve.tids
        return tids[row] if 0 <= row < len(tids) else None

    def show_seen(self, seen: Seen, ask: Ask) -> None:
        """Draw what is new; `ask` has things done elsewhere that take long."""
        status = seen.status
        if status is None:
            return
        if self._waiting is not None:
            self._waiting = seen
        elif len(seen.snapshot.trials) - len(self._history.snapshot.trials) > MANY:
            self._waiting = seen
            self._say_empty(f"sorting {len(seen.snapshot.trials)} trials …")
            ask(lambda _session: Points(seen.snapshot, status), self._take)
        elif self._is_new(seen, status):
            self._history.update(seen.snapshot, status)
            self._draw_history(status)

    def _is_new(self, seen: Seen, status: Status) -> bool:
        about = status.metric, status.direction
        before = (self._status.metric, self._status.direction) if self._status else None
        return seen.snapshot is not self._history.snapshot or about != before

    def _take(self, points: Points) -> None:
        seen, self._waiting = self._waiting, None
        self._history = points
        if seen is not None and seen.status is not None:
            points.update(seen.snapshot, seen.status)
            self._draw_history(seen.status)

    def _draw_history(self, status: Status) -> None:
        self._status = status
        self._say_empty(EMPTY)
        if not self._chosen and self.log_y != self._history.wide:
            self.log_y = self._history.wide
        self.show(
            self._history.series(),
            title=f"{one_line(status.metric)} by finished trials",
            label=self._describe,
            better="high" if status.direction == "maximize" else "low",
        )

    def _say_empty(self, text: str) -> None:
        if text != self._empty:
            self._empty = text
            self._redraw()

    def _describe(self, x: float) -> str:
        """Say which trial is at a place of the x axis."""
        tid = self.tid_at(x)
        if tid is None or self._status is None:
            return ""
        point = self._history.snapshot.trials[tid].point
        value = metric(self._history.curve.values[round(x) - 1])
        said = (f"{name} {shown(item)}" for name, item in point.items())
        return one_line("  ".join([f"trial {tid}", f"{self._status.metric} {value}", *said]))


class Points:
    """What the chart draws of a history."""

    def __init__(self, snapshot: Snapshot | None = None, status: Status | None = None) -> None:
        self.snapshot = Snapshot()
        self.curve = BestCurve()
        self._cloud = Cloud("trials")
        self._length = 0  # of the curve, as far as the cloud has it
        self._low, self._high = math.inf, -math.inf
        if snapshot is not None and status is not None:
            self.update(snapshot, status)

    def update(self, snapshot: Snapshot, status: Status) -> None:
        """Take up what is new."""
        self.snapshot = snapshot
        first = self.curve.update(snapshot, status.metric, status.direction)
        if first < self._length:
            self._cloud.clear()
            first = 0
            self._low, self._high = math.inf, -math.inf
        self._length = len(self.curve)
        new = self.curve.values[first:]
        finite = [value for value in new if math.isfinite(value)]
        self._low, self._high = min([self._low, *finite]), max([self._high, *finite])
        self._cloud.add(range(first + 1, self._length + 1), new)

    @property
    def wide(self) -> bool:
        """Whether the values are so far apart that the low ones look alike on a linear axis."""
        return self._low > 0 and self._high > WIDE * self._low

    def series(self) -> list[Series | Cloud]:
        """Return all trials, and the best so far."""
        rows = self.curve.records
        xs = [float(row + 1) for row in rows]
        ys = [self.curve.values[row] for row in rows]
        if rows and self._length > rows[-1] + 1:
            xs.append(float(self._length))
            ys.append(ys[-1])
        return [self._cloud, Series("best so far", xs, ys, "step", "success", priority=1)]
