"""What a plot shows: series of values."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, NamedTuple

from trialdeck.tui.widgets.raster import Raster

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trialdeck.tui.widgets.plot_scale import Scale

Kind = Literal["line", "step", "points"]
Color = Literal["primary", "secondary", "success", "warning", "error", "accent", "text", "muted"]
Point = tuple[float, float]


class Bounds(NamedTuple):
    """The smallest rectangle around some points."""

    left: float
    right: float
    low: float
    high: float

    def around(self, other: Bounds) -> Bounds:
        """Return the bounds of both."""
        return Bounds(
            min(self.left, other.left),
            max(self.right, other.right),
            min(self.low, other.low),
            max(self.high, other.high),
        )


class Frame(NamedTuple):
    """The scales of a plot, how many cells it has, and whether these hold braille."""

    x: Scale
    y: Scale
    columns: int
    rows: int
    braille: bool

    def raster(self) -> Raster:
        """Return a raster without dots."""
        return Raster(self.columns, self.rows, braille=self.braille)

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """Return the column and row of a point."""
        raster = self.raster()
        column = round(self.x.place(x) * (raster.width - 1)) // raster.across
        return column, round((1 - self.y.place(y)) * (raster.height - 1)) // raster.down


class Series(NamedTuple):
    """Values over ascending `xs` (in any order for "points"); a y that is not finite is a gap.

    "step" keeps a value until the next one. Where series meet, the one with the higher `priority`
    is seen, the first of several. What is shown must not change: give new sequences, or add to a
    `Cloud`. Of a curve that seldom turns give only the values where it does.
    """

    name: str
    xs: Sequence[float]
    ys: Sequence[float]
    kind: Kind = "line"
    color: Color = "primary"
    priority: int = 0

    def frozen(self) -> Series:
        """Return the same with values that nobody can change."""
        return self._replace(xs=tuple(self.xs), ys=tuple(self.ys))

    @property
    def version(self) -> object:
        """Something that is different when other things are to be drawn."""
        return self

    def bounds(self, left: float = -math.inf, right: float = math.inf) -> Bounds | None:
        """Return the bounds of the points whose x is from `left` to `right`."""
        finite = [p for p in self._between(left, right) if math.isfinite(p[1])]
        return bounds_of([x for x, _ in finite], [y for _, y in finite])

    def points(self) -> list[Point]:
        """Return the points that have a value, by their x."""
        found = [p for p in zip(self.xs, self.ys, strict=True) if math.isfinite(p[1])]
        return sorted(found) if self.kind == "points" else found

    def raster(self, frame: Frame) -> Raster:
        """Return the dots in this frame."""
        raster = frame.raster()
        if self.kind == "points":
            for run in self._runs(self._between(frame.x.low, frame.x.high)):
                raster.add((round(x), round(y)) for x, y in in_dots(run, frame, raster))
            return raster
        # With one more at each side, so that lines go on to the edges.
        first = max(0, bisect_left(self.xs, frame.x.low) - 1)
        last = bisect_right(self.xs, frame.x.high) + 1
        points = zip(self.xs[first:last], self.ys[first:last], strict=True)
        for run in self._runs(points):
            dots = thinned(in_dots(run, frame, raster), 2 * raster.width)
            raster.line(steps(dots) if self.kind == "step" else dots)
        return raster

    def _between(self, left: float, right: float) -> Iterable[Point]:
        if self.kind == "points":
            return [p for p in zip(self.xs, self.ys, strict=True) if left <= p[0] <= right]
        first, last = bisect_left(self.xs, left), bisect_right(self.xs, right)
        if self.kind == "step" and first > 0:
            first -= 1  # its value reaches into the range
        return zip(self.xs[first:last], self.ys[first:last], strict=True)

    def _runs(self, points: Iterable[Point]) -> list[list[Point]]:
        """Return the points between gaps."""
        runs: list[list[Point]] = [[]]
        for point in points:
            if math.isfinite(point[1]):
                runs[-1].append(point)
            elif runs[-1]:
                runs.append([])
        return [run for run in runs if run]


def bounds_of(xs: Sequence[float], ys: Sequence[float]) -> Bounds | None:
    """Return the bounds of these points; None if there are none."""
    return Bounds(min(xs), max(xs), min(ys), max(ys)) if xs else None


def steps(points: Sequence[Point]) -> list[Point]:
    """Return the corners of a line that keeps each value until the next one."""
    corners = list(points[:1])
    for (_, before), (x, y) in pairwise(points):
        corners += [(x, before), (x, y)]
    return corners


def thinned(points: list[Point], most: int) -> list[Point]:
    """Return a line that looks the same; where there are more than `most` points, with fewer.

    Of those in a column of dots the first, lowest, highest and last are enough.
    """
    if len(points) <= most:
        return points
    kept = []
    for _, group in groupby(points, key=lambda point: round(point[0])):
        here = list(group)
        middle = here[1:-1]
        if middle:
            middle = [min(middle, key=itemgetter(1)), max(middle, key=itemgetter(1))]
        kept += [here[0], *middle, *here[1:][-1:]]
    return kept


def in_dots(points: Sequence[Point], frame: Frame, raster: Raster) -> list[Point]:
    """Return where points stand among the dots of a raster, not yet rounded."""
    right, bottom = raster.width - 1, raster.height - 1
    across, left = right / frame.x.span, frame.x.start
    down, top = bottom / frame.y.span, frame.y.start
    log_x, log_y, log10 = frame.x.log, frame.y.log, math.log10
    return [
        (
            ((log10(x) if log_x else x) - left) * across,
            bottom - ((log10(y) if log_y else y) - top) * down,
        )
        for x, y in points
    ]
