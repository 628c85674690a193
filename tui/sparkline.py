"""A series of values in one line of characters."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from trialdeck.tui.glyphs import is_unicode

if TYPE_CHECKING:
    from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"
ASCII_BARS = ".:-=+*#"


def sparkline(values: Sequence[float], width: int) -> str:
    """Return at most `width` characters, higher ones for larger values; a blank for no number.

    More values than that are averaged, fewer are not stretched.
    """
    bars = BARS if is_unicode() else ASCII_BARS
    means = [_mean(part) for part in _parts(values, width)]
    known = [mean for mean in means if mean is not None]
    # Halved: the distance of two very large values may be infinite.
    low, high = min(known, default=0.0) / 2, max(known, default=0.0) / 2

    def bar(mean: float | None) -> str:
        if mean is None:
            return " "
        place = (mean / 2 - low) / (high - low) if high > low else 0.5
        return bars[round(place * (len(bars) - 1))]

    return "".join(bar(mean) for mean in means)


def _parts(values: Sequence[float], width: int) -> list[Sequence[float]]:
    """Return the values in at most `width` parts of nearly equal length."""
    count = min(len(values), max(0, width))
    ends = [len(values) * number // count for number in range(count + 1)] if count else [0]
    return [values[first:last] for first, last in pairwise(ends)]


def _mean(values: Sequence[float]) -> float | None:
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return None
    # Divided first, for a sum of large values may be infinite; what rounding adds is cut off.
    mean = sum(value / len(finite) for value in finite)
    return min(max(mean, min(finite)), max(finite))
