"""The axes of a plot: linear or logarithmic, with ticks at round numbers. Draws nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`, where the larger is really larger."""

    low: float
    high: float
    log: bool = False

    @property
    def start(self) -> float:
        """`low`, or its logarithm."""
        return math.log10(self.low) if self.log else self.low

    @property
    def span(self) -> float:
        """How long the axis is, in units or in powers of ten."""
        return (math.log10(self.high) if self.log else self.high) - self.start

    def place(self, value: float) -> float:
        """Return where a value stands: 0 at `low`, 1 at `high`."""
        return ((math.log10(value) if self.log else value) - self.start) / self.span

    def value(self, place: float) -> float:
        """Return the value at a place."""
        found = self.start + place * self.span
        return 10.0**found if self.log else found

    def part(self, first: float, last: float) -> Scale:
        """Return the part of the axis between two places; outside of 0 to 1 it is a larger one."""
        return Scale(self.value(first), self.value(last), self.log)

    def ticks(self, most: int) -> list[float]:
        """Return at most `most` round values on the axis, from the lowest."""
        if self.log:
            found = log_ticks(self.low, self.high, most)
            if len(found) >= min(2, most):
                return found
        return linear_ticks(self.low, self.high, most)


def nice_step(at_least: float) -> float:
    """Return the smallest of ..., 1, 2, 5, 10, 20, ... that is not smaller."""
    power = 10.0 ** math.floor(math.log10(at_least))
    for step in (*STEPS, 10):
        if step * power >= at_least * (1 - 1e-9):
            return step * power
    return 10 * power


def linear_ticks(low: float, high: float, most: int) -> list[float]:
    """Return multiples of 1, 2 or 5 times a power of ten within the bounds."""
    if most < 1 or not high > low:
        return []
    step = nice_step((high - low) / (most + 1))
    while True:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            # The division keeps 0.30000000000000004 away.
            inverse = round(1 / step) if step < 1 else 0
            return [n / inverse if inverse else n * step for n in range(first, last + 1)]
        step = nice_step(step * 1.5)


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return 1, 2, 5, 10, ...; powers of ten; or every so many of those: what fits."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    slack = 1e-9
    found = [f * 10.0**power for power in powers for f in STEPS]
    every = [v for v in found if low * (1 - slack) <= v <= high * (1 + slack)]
    if len(every) <= most:
        return every
    tens = [v for v in every if math.log10(v) == round(math.log10(v))]
    few = tens if len(tens) > 1 else every
    return few[:: math.ceil(len(few) / max(1, most))]


def scale_around(low: float, high: float, *, log: bool, exact_low: bool = False) -> Scale:
    """Return an axis that has room for values from `low` to `high`, and ends at round numbers.

    Round ends keep the axis as it is while values come in; `exact_low` leaves the lower one.
    """
    start, end = (math.log10(low), math.log10(high)) if log else (low, high)
    # What differs by less than the last digits of a float is one value.
    if end - start <= 1e-12 * max(abs(start), abs(end)):
        half = (0.5 if log else abs(start) / 10) or 1.0
        start, end, exact_low = start - half, end + half, False
    step = nice_step((end - start) / 20)
    if not exact_low:
        start = math.floor(start / step + 1e-9) * step
    end = math.ceil(end / step - 1e-9) * step
    return Scale(10.0**start, 10.0**end, log=True) if log else Scale(start, end)
