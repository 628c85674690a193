"""Very many points in a plot, to which more are added all the time."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING

from trialdeck.tui.widgets.plot_series import Bounds, bounds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.tui.widgets.plot_series import Color, Frame, Kind, Point
    from trialdeck.tui.widgets.raster import Raster


class Cloud:
    """Points, in any order. While the scales stay only new ones are drawn. For one plot."""

    kind: Kind = "points"

    def __init__(self, name: str, color: Color = "muted", priority: int = -1) -> None:
        self.name, self.color, self.priority = name, color, priority
        self.clear()

    def __len__(self) -> int:
        return len(self._xs)

    def clear(self) -> None:
        """Take all points away."""
        self._xs, self._ys = array("d"), array("d")
        self._all: Bounds | None = None
        self._frame: Frame | None = None  # of the raster, which has the first `_drawn` points
        self._raster: Raster | None = None
        self._drawn = 0
        self._part: tuple[object, Bounds | None] = (None, None)  # the last bounds asked for

    def add(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        """Add points; those that are not finite are left out."""
        new = [p for p in zip(xs, ys, strict=True) if math.isfinite(p[0]) and math.isfinite(p[1])]
        new_xs, new_ys = [x for x, _ in new], [y for _, y in new]
        self._xs.extend(new_xs)
        self._ys.extend(new_ys)
        bounds = bounds_of(new_xs, new_ys)
        if bounds is not None:
            self._all = self._all.around(bounds) if self._all is not None else bounds

    def frozen(self) -> Cloud:
        """Return this: a plot notices by `version` that points were added."""
        return self

    @property
    def version(self) -> object:
        """Something that is different when other things are to be drawn."""
        return id(self._xs), len(self)

    def bounds(self, left: float = -math.inf, right: float = math.inf) -> Bounds | None:
        """Return the bounds of the points whose x is from `left` to `right`."""
        if self._all is None or (left <= self._all.left and self._all.right <= right):
            return self._all
        key = (left, right, len(self))
        if self._part[0] != key:
            inside = [p for p in zip(self._xs, self._ys, strict=True) if left <= p[0] <= right]
            self._part = key, bounds_of([x for x, _ in inside], [y for _, y in inside])
        return self._part[1]

    def points(self) -> list[Point]:
        """Return the points by their x."""
        return sorted(zip(self._xs, self._ys, strict=True))

    def raster(self, frame: Frame) -> Raster:
        """Return the dots in this frame; those that were drawn before are kept."""
        if self._raster is None or frame != self._frame:
            self._frame, self._raster, self._drawn = frame, frame.raster(), 0
        if self._drawn < len(self):
            width = self._raster.width
            places = self._places(frame, self._raster)
            self._raster.add((place % width, place // width) for place in places)
            self._drawn = len(self)
        return self._raster

    def _places(self, frame: Frame, raster: Raster) -> set[int]:
        """Return the places of the points that are new, counted line by line."""
        xs: Sequence[float] = self._xs[self._drawn :]
        ys: Sequence[float] = self._ys[self._drawn :]
        if not self._all_in(frame):
            xs, ys = _inside(xs, ys, frame)
        across = map(math.log10, xs) if frame.x.log else xs
        down = map(math.log10, ys) if frame.y.log else ys
        # One multiplication and one addition for each number: there may be 100,000 points.
        a, c = (raster.width - 1) / frame.x.span, (1 - raster.height) / frame.y.span
        b, d = 0.5 - frame.x.start * a, raster.height - 0.5 - frame.y.start * c
        width = raster.width
        return {int(x * a + b) + width * int(y * c + d) for x, y in zip(across, down, strict=True)}

    def _all_in(self, frame: Frame) -> bool:
        bounds = self._all
        return bounds is None or (
            frame.x.low <= bounds.left
            and bounds.right <= frame.x.high
            and frame.y.low <= bounds.low
            and bounds.high <= frame.y.high
        )


def _inside(
    xs: Sequence[float], ys: Sequence[float], frame: Frame
) -> tuple[list[float], list[float]]:
    """Return the points within a frame."""
    left, right, low, high = frame.x.low, frame.x.high, frame.y.low, frame.y.high
    points = zip(xs, ys, strict=True)
    inside = [p for p in points if left <= p[0] <= right and low <= p[1] <= high]
    return [x for x, _ in inside], [y for _, y in inside]
