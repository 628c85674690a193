"""What can be wrong with bounds and steps, and the nearest ones that are right.

The functions named `*_mistake` say what is wrong ("" if nothing is), those named `*_offers` give
the pairs (low, high) to write instead. Steps are compared as the decimal numbers that were
written, so that 0.1 + 2 * 0.1 is 0.3.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from trialdeck.core.reading import LARGEST, SMALLEST, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Bounds = tuple[float, float]

# With more steps than this, rounding could not tell a step that fits from one that does not.
MOST_STEPS = 2**45
LARGEST_LOG = math.log(LARGEST)


@lru_cache(maxsize=4096, typed=True)
def exact(number: float) -> Fraction:
    """Return the decimal number that was written, not the binary one nearest to it."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(float(number)))


@lru_cache(maxsize=4096, typed=True)
def step(low: float, q: float, k: int) -> float:
    """Return `low + k * q` without drift: an int if both are, else the nearest float."""
    if isinstance(low, int) and isinstance(q, int):
        return low + k * q
    return float(exact(low) + k * exact(q))


def steps_to(low: float, q: float, number: float) -> int:
    """Return the number of steps from `low` that is nearest to `number`."""
    steps = (number - low) / q
    whole = round(steps)
    if abs(steps - whole) < 0.49:  # with MOST_STEPS, rounding moves it by less than 0.01
        return whole
    return round((exact(number) - exact(low)) / exact(q))


def fits(low: float, high: float, q: float) -> bool:
    """Return whether `high` is whole steps from `low`, as far as its digits can say."""
    steps = (exact(high) - exact(low)) / exact(q)
    rest = float(abs(steps - round(steps)) * exact(q))
    if isinstance(low, int) and isinstance(high, int) and isinstance(q, int):
        return rest == 0
    return rest <= 4 * math.ulp(max(abs(low), abs(high)))


def offered(pairs: Iterable[Bounds]) -> str:
    """Return the pairs as text to be written."""
    texts = [f"low = {shown(low)}, high = {shown(high)}" for low, high in dict.fromkeys(pairs)]
    return ", or ".join(texts)


class StepMistake(NamedTuple):
    """What is wrong with a step, its cure, and the keys to write."""

    text: str = ""
    cure: str = ""
    offers: tuple[Mapping[str, Any], ...] = ()


def step_mistake(q: float, largest: float, unstepped: str) -> StepMistake:
    """Return what is wrong with a step, beside values up to `largest`."""
    without = f'Write type = "{unstepped}" without q'
    unsteppable = ({"type": unstepped, "q": None},)
    if q == 0:
        return StepMistake("the step q is 0", f"{without}, or a step above 0", unsteppable)
    if largest / abs(q) > MOST_STEPS:
        text = f"the step q = {shown(q)} is too small beside values such as {shown(largest)}"
        return StepMistake(text, f"{without}, or a larger step", unsteppable)
    if q < 0:
        text = f"the step q = {shown(q)} is below 0"
        return StepMistake(text, f"Write q = {shown(-q)}", ({"q": -q},))
    return StepMistake()


def order_mistake(low: float, high: float) -> str:
    """Return that bounds are equal or swapped."""
    if low == high:
        return f"low and high are both {shown(low)}"
    return f"low = {shown(low)} is above high = {shown(high)}" if low > high else ""


def grid_mistake(low: float, high: float, q: float) -> str:
    """Return that steps do not lead from low to high."""
    if fits(low, high, q):
        return ""
    return f"steps of q = {shown(q)} do not lead from low = {shown(low)} to high = {shown(high)}"


def grid_offers(low: float, high: float, q: float) -> list[Bounds]:
    """Return the bounds nearest to `low < high` that lie whole steps apart, inner ones first."""
    if fits(low, high, q):
        return [(low, high)]
    below = math.floor((exact(high) - exact(low)) / exact(q))
    pairs = []
    for count in (below, below + 1):
        if count > 0:
            pairs += [(step(high, q, -count), high), (low, step(low, q, count))]
    if isinstance(low, int) and isinstance(q, int):  # whole numbers stay whole
        pairs = [pair for pair in pairs if isinstance(pair[0], int)]
    return pairs


def multiples_mistake(low: float, high: float, q: float) -> str:
    """Return which bounds are no multiples of the step."""
    wrong = [f"{n} = {shown(x)}" for n, x in (("low", low), ("high", high)) if not fits(0, x, q)]
    verb = "is no multiple" if len(wrong) == 1 else "are no multiples"
    return f"{' and '.join(wrong)} {verb} of q = {shown(q)}" if wrong else ""


def multiples_offers(low: float, high: float, q: float) -> list[Bounds]:
    """Return the bounds nearest to `low < high` that are positive multiples of the step."""
    if fits(0, low, q) and fits(0, high, q):
        return [(low, high)]
    first, last = exact(low) / exact(q), exact(high) / exact(q)
    inner = (max(1, math.ceil(first)), math.floor(last))
    outer = (max(1, math.floor(first)), max(2, math.ceil(last)))
    return [(step(0, q, a), step(0, q, b)) for a, b in (inner, outer) if a < b]


def log_mistake(low: float, high: float) -> str:
    """Return that bounds are not positive, or the logarithms of what is meant."""
    written = {"low": low, "high": high}
    wrong = [f"{name} = {shown(x)}" for name, x in written.items() if x <= 0]
    if wrong:
        verb = "is not positive" if len(wrong) == 1 else "are not positive"
        swapped = ", and they are swapped" if low > high else ""
        return f"{' and '.join(wrong)} {verb}{swapped}"
    if _is_log_of_short(low) and _is_log_of_short(high):
        return f"low = {shown(low)} and high = {shown(high)} look like logarithms"
    return ""


def real_offers(low: float, high: float) -> list[Bounds]:
    """Return what may be meant by bounds of which log_mistake complains; others stay."""
    low, high = min(low, high), max(low, high)
    if not log_mistake(low, high):
        return [(low, high)]
    pairs = []
    if low < high and max(abs(low), abs(high)) < LARGEST_LOG:
        short = (_rounded(math.exp(low)), _rounded(math.exp(high)))
        pairs.append(short if short[0] < short[1] else (math.exp(low), math.exp(high)))
    logs = all(x == 0 or _is_log_of_short(x) for x in (low, high))
    if low <= 0 and high > 1000 * SMALLEST and not logs:
        # 0 is more often a bound that cannot be reached than the logarithm of 1
        pairs.insert(0 if low == 0 else 1, (_rounded(high / 1000), high))
    return [pair for pair in pairs if pair[0] < pair[1]] or [(1e-4, 1.0)]


def _is_log_of_short(number: float) -> bool:
    """Return whether exp(number) is a number of few digits and `number` itself has many."""
    if len(repr(number)) < 12 or abs(number) > LARGEST_LOG:
        return False
    real = math.exp(number)
    return math.isclose(real, _rounded(real), rel_tol=1e-11)


def _rounded(number: float) -> float:
    return float(f"{number:.4g}")
