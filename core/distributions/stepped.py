"""Numbers between two bounds, a step apart."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions import bounds
from trialdeck.core.distributions.base import Mistake
from trialdeck.core.distributions.bounded import Bounded, LogUniform, Uniform
from trialdeck.core.distributions.bounds import exact, step
from trialdeck.core.reading import shown

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from trialdeck.core.distributions.bounds import Bounds


@dataclass(frozen=True, kw_only=True)
class Stepped(Bounded):
    """Numbers from `low` to `high`, steps of `q` apart: ints if low and q are written as such."""

    q: float

    def mistakes(self, name: str) -> Iterator[Mistake]:
        """Yield what is wrong with the step, and with the bounds, seen without a wrong step."""
        largest = max(abs(self.low), abs(self.high))
        wrong = bounds.step_mistake(self.q, largest, self.type[1:])
        if not wrong.text:
            yield from super().mistakes(name)
            return
        yield Mistake("q", *wrong)
        turned = replace(self, q=-self.q)
        if self.q < 0 and not bounds.step_mistake(turned.q, largest, "").text:
            yield from turned.mistakes(name)
        else:
            plain = LogUniform if self.is_log else Uniform
            yield from plain(low=self.low, high=self.high).mistakes(name)

    def describe(self) -> str:
        """Return words such as "8 … 256, step 8"."""
        return f"{super().describe()}, step {shown(self.q)}"

    def size(self) -> int | None:
        """Return the number of values."""
        return self._count()

    def _count(self) -> int:
        return 1 + round((exact(self.high) - exact(self.low)) / exact(self.q))

    def _index(self, number: float) -> int:
        inside = min(max(number, self.low), self.high)
        return bounds.steps_to(self.low, self.q, inside)

    def _near(self, number: float) -> float:
        return step(self.low, self.q, self._index(number))

    def _step(self) -> float:
        return self.q


@dataclass(frozen=True, kw_only=True)
class QUniform(Stepped):
    """The grid low, low + q, …, high, every value equally likely.

    hyperopt's own rounds to multiples of q, which leaves the bounds and halves the ends; here it
    draws the number of the step.
    """

    type = "quniform"

    def encode(self, value: Any) -> float | int:
        """Return the number of the step, from 0."""
        return self._index(value)

    def decode(self, encoded: Any) -> Any:
        """Return the value of that step."""
        index = round(min(max(float(encoded), 0), self._count() - 1))
        return step(self.low, self.q, index)

    def sample(self, rng: random.Random) -> Any:
        """Return the value of a step."""
        return self._draw(rng)

    def _draw(self, rng: random.Random) -> float:
        return step(self.low, self.q, rng.randrange(self._count()))

    def prior(self) -> tuple[Any, ...]:
        """Return hyperopt's name of the distribution, and its arguments."""
        # half a step wider at both ends, which hyperopt would halve
        return ("quniform", -0.5, self._count() - 0.5, 1)

    def _wrong(self) -> str:
        return super()._wrong() or bounds.grid_mistake(self.low, self.high, self.q)

    def _offers(self) -> list[Bounds]:
        return [
            pair
            for low, high in super()._offers()
            for pair in bounds.grid_offers(low, high, self.q)
        ]


@dataclass(frozen=True, kw_only=True)
class QLogUniform(Stepped, LogUniform):
    """Multiples of q from low to high, as likely as the numbers that round to each.

    Unlike hyperopt's, the ends stand for all that rounds to them, and the bounds are real.
    """

    type = "qloguniform"

    def prior(self) -> tuple[Any, ...]:
        """Return hyperopt's name of the distribution, and its arguments."""
        return ("qloguniform", *self._logs(), self.q)

    def _logs(self) -> Bounds:
        return (math.log(self.low - self.q / 2), math.log(self.high + self.q / 2))

    def _wrong(self) -> str:
        return super()._wrong() or bounds.multiples_mistake(self.low, self.high, self.q)

    def _offers(self) -> list[Bounds]:
        return [
            pair
            for low, high in super()._offers()
            for pair in bounds.multiples_offers(low, high, self.q)
        ]
