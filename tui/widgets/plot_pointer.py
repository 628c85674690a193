"""What the crosshair of a plot points at. Draws nothing."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialdeck.tui.widgets.plot_cloud import Cloud
    from trialdeck.tui.widgets.plot_series import Point, Series


class Pointer:
    """Goes along the points of a series, and stays at its x while other points come."""

    def __init__(self) -> None:
        self._series: Series | Cloud | None = None
        self._points: list[Point] | None = None  # made when needed
        self._x: float | None = None

    def take(self, series: Series | Cloud | None) -> None:
        """Go along another series, or one that has changed."""
        self._series, self._points = series, None

    @property
    def at(self) -> Point | None:
        """The point that is pointed at: the nearest to where the pointer was put."""
        place = self._place()
        return None if place is None else self._known()[place]

    def move(self, points: int) -> bool:
        """Go some points on; from nowhere to the last one. False if nothing has changed."""
        place = self._place()
        last = len(self._known()) - 1
        return self._go(last if place is None else max(0, min(place + points, last)))

    def to_first(self) -> bool:
        """Point at the first value."""
        return self._go(0)

    def to_last(self) -> bool:
        """Point at the last value."""
        return self._go(len(self._known()) - 1)

    def to(self, x: float | None) -> bool:
        """Point at the value nearest to an x, or at nothing."""
        before = self.at
        self._x = x
        return self.at != before

    def _go(self, place: int) -> bool:
        points = self._known()
        return self.to(points[place][0]) if points else False

    def _known(self) -> list[Point]:
        if self._points is None:
            self._points = self._series.points() if self._series is not None else []
        return self._points

    def _place(self) -> int | None:
        points = self._known() if self._x is not None else []
        if self._x is None or not points:
            return None
        after = bisect_left(points, (self._x,))
        near = [place for place in (after - 1, after) if 0 <= place < len(points)]
        wanted = self._x
        return min(near, key=lambda place: abs(points[place][0] - wanted))
