"""Which part of the values a plot shows: its scales, zoomed and moved. Draws nothing."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

from trialdeck.tui.widgets.plot_scale import Scale, scale_around
from trialdeck.tui.widgets.plot_series import Bounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.tui.widgets.plot_cloud import Cloud
    from trialdeck.tui.widgets.plot_series import Series

SMALLEST_PART = 1e-6  # of the whole axis: more zoom would only show rounding


class View(NamedTuple):
    """The scales, and what could not be had as asked for."""

    x: Scale
    y: Scale
    notes: list[str]


class Window:
    """The visible part of the x axis; the y axis follows from what is seen in it."""

    def __init__(self) -> None:
        self.log_x = self.log_y = False
        self._part: tuple[float, float] | None = None  # values of x; None for all of them

    @property
    def zoomed(self) -> bool:
        """Whether only a part is seen."""
        return self._part is not None

    def view(self, series: Sequence[Series | Cloud]) -> View | None:
        """Return the scales for these; None if they have no points."""
        every = together([one.bounds() for one in series])
        if every is None:
            return None
        whole = self._whole(every)
        x = self._visible(whole)
        seen = together([one.bounds(x.low, x.high) for one in series]) or every
        y = scale_around(seen.low, seen.high, log=self.log_y and every.low > 0)
        axes = (("x", self.log_x, x.log), ("y", self.log_y, y.log))
        notes = [f"log {name}" for name, _, log in axes if log]
        refused = [name for name, asked, log in axes if asked and not log]
        notes += [f"linear {name}: not all values are positive" for name in refused]
        return View(x, y, notes)

    def zoom(self, series: Sequence[Series | Cloud], factor: float, around: float | None) -> bool:
        """Show `factor` times as much as now, with a value of x in the middle; all if it is."""
        whole, x = self._scales(series)
        if whole is None or x is None:
            return False
        middle = 0.5 if around is None else x.place(around)
        half = factor / 2
        return self._set(whole, x.part(middle - half, middle + half))

    def pan(self, series: Sequence[Series | Cloud], part: float) -> bool:
        """Move by a part of what is seen, not beyond the ends."""
        whole, x = self._scales(series)
        if whole is None or x is None or self._part is None:
            return False
        return self._set(whole, x.part(part, 1 + part))

    def reveal(self, series: Sequence[Series | Cloud], value: float) -> None:
        """Move so that a value of x is seen."""
        whole, x = self._scales(series)
        if whole is not None and x is not None and not 0 <= (place := x.place(value)) <= 1:
            self._set(whole, x.part(place - 0.5, place + 0.5))

    def reset(self) -> bool:
        """Show everything; False if that was so."""
        was = self._part
        self._part = None
        return was is not None

    def _scales(self, series: Sequence[Series | Cloud]) -> tuple[Scale | None, Scale | None]:
        every = together([one.bounds() for one in series])
        if every is None:
            return None, None
        whole = self._whole(every)
        return whole, self._visible(whole)

    def _whole(self, every: Bounds) -> Scale:
        log = self.log_x and every.left > 0
        return scale_around(every.left, every.right, log=log, exact_low=True)

    def _visible(self, whole: Scale) -> Scale:
        if self._part is None:
            return whole
        low, high = max(self._part[0], whole.low), min(self._part[1], whole.high)
        return Scale(low, high, whole.log) if low < high else whole

    def _set(self, whole: Scale, wanted: Scale) -> bool:
        first, last = whole.place(wanted.low), whole.place(wanted.high)
        span = last - first
        if span < SMALLEST_PART:
            return False
        first = max(0.0, min(first, 1 - span))
        before = self._part
        part = whole.part(first, first + span)
        self._part = None if span >= 1 - 1e-9 else (part.low, part.high)
        return self._part != before


def together(bounds: Sequence[Bounds | None]) -> Bounds | None:
    """Return the bounds of all that has some."""
    known = [one for one in bounds if one is not None]
    return reduce(Bounds.around, known) if known else None
