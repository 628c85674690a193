"""How alike two orders are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST = 3  # of two points every order is perfect, one way or the other


def ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value, from 1; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    first = 0
    for last, index in enumerate(order, 1):
        if last == len(order) or values[order[last]] != values[index]:
            for one in order[first:last]:
                found[one] = (first + 1 + last) / 2
            first = last
    return found


def spearman(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return the rank correlation of paired values, -1 to 1: Pearson's, of their ranks.

    None for fewer than three pairs, or where all of one side are equal. Spearman, "The proof and
    measurement of association between two things", American Journal of Psychology 15 (1904).
    """
    if len(one) < FEWEST:
        return None
    mean = (len(one) + 1) / 2
    first, second = ([rank - mean for rank in ranks(side)] for side in (one, other))
    square = sum(a * a for a in first) * sum(b * b for b in second)
    if not square:
        return None
    return sum(a * b for a, b in zip(first, second, strict=True)) / math.sqrt(square)
