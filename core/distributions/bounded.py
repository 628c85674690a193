"""Numbers between two bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions import bounds
from trialdeck.core.distributions.base import Mistake, Numeric
from trialdeck.core.reading import shown

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from trialdeck.core.distributions.bounds import Bounds

# hyperopt keeps a count for every value of a randint; with more values than this it draws and
# models them as a range, all equally likely still.
MOST_COUNTED = 10_000


@dataclass(frozen=True, kw_only=True)
class Bounded(Numeric):
    """Numbers from `low` to `high`."""

    low: float
    high: float

    @property
    def bounds(self) -> Bounds | None:
        """Return the lowest and the highest value."""
        return self._limits()

    def describe(self) -> str:
        """Return words such as "1e-4 … 0.1 (log)"."""
        low, high = self._limits()
        return f"{shown(low)} … {shown(high)}" + (" (log)" if self.is_log else "")

    def mistakes(self, name: str) -> Iterator[Mistake]:
        """Yield what is wrong with the bounds, with the nearest that are right."""
        text = self._wrong()
        if text and text == bounds.order_mistake(self.low, self.high) and self.low == self.high:
            cure = f"To keep it so, write it under [fixed]: {name} = {shown(self.low)}"
            yield Mistake("", text, cure, ({"": self.low},))
        elif text:
            pairs = list(dict.fromkeys(self._offers()))
            cure = f"{self._advice()} {bounds.offered(pairs)}"
            yield Mistake("", text, cure, tuple({"low": low, "high": high} for low, high in pairs))

    def _limits(self) -> Bounds:
        return (self.low, self.high)

    def _wrong(self) -> str:
        return bounds.order_mistake(self.low, self.high)

    def _advice(self) -> str:
        return "Swap them: write" if self.low > self.high else "Write"

    def _offers(self) -> list[Bounds]:
        return [(min(self.low, self.high), max(self.low, self.high))]

    def _near(self, number: float) -> float:
        return float(min(max(number, self.low), self.high))


@dataclass(frozen=True, kw_only=True)
class Uniform(Bounded):
    """Every number from low to high, equally likely; always a float."""

    type = "uniform"

    def _draw(self, rng: random.Random) -> float:
        return rng.uniform(self.low, self.high)

    def prior(self) -> tuple[Any, ...]:
        """Return hyperopt's name of the distribution, and its arguments."""
        return ("uniform", self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class LogUniform(Bounded):
    """Numbers whose logarithm is uniform; unlike hyperopt's, the bounds are the real ones."""

    type = "loguniform"
    is_log = True

    def _draw(self, rng: random.Random) -> float:
        return math.exp(rng.uniform(*self._logs()))

    def prior(self) -> tuple[Any, ...]:
        """Return hyperopt's name of the distribution, and its arguments."""
        return ("loguniform", *self._logs())

    def _logs(self) -> Bounds:
        return (math.log(self.low), math.log(self.high))

    def _wrong(self) -> str:
        return bounds.log_mistake(self.low, self.high) or super()._wrong()

    def _advice(self) -> str:
        if bounds.log_mistake(self.low, self.high):
            return f"The bounds of {self.type} are the real ones, not their logarithms: write"
        return super()._advice()

    def _offers(self) -> list[Bounds]:
        return bounds.real_offers(self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class UniformInt(Bounded):
    """Every whole number from low to high, both included, equally likely."""

    type = "uniformint"
    whole = True

    def size(self) -> int | None:
        """Return how many there are."""
        return self._count()

    def _draw(self, rng: random.Random) -> float:
        return self.low + rng.randrange(self._count())

    def prior(self) -> tuple[Any, ...]:
        """Return hyperopt's name of the distribution, and its arguments."""
        low, high = self._limits()
        return ("uniformint", low - 0.5, high + 0.5)  # hyperopt rounds: half a step for the ends

    def _count(self) -> int:
        low, high = self._limits()
        return 1 + round(high) - round(low)

    def _near(self, number: float) -> float:
        low, high = self._limits()
        return round(min(max(number, low), high))

    def _step(self) -> float:
        return 1.0


@dataclass(frozen=True, kw_only=True)
class RandInt(UniformInt):
    """Whole numbers from low (0) up to but without high, in no order: seeds, say."""

    type = "randint"

    low: float = 0

    def encode(self, value: Any) -> float | int:
        """Return the distance from low."""
        distance: int = round(value) - round(self.low)
        return distance

    def decode(self, encoded: Any) -> Any:
        """Return the number at that distance."""
        return self._near(self.low + float(encoded))

    def prior(self) -> tuple[Any, ...]:
        """Return hyperopt's name of the distribution, and its arguments."""
        count = self._count()
        if count > MOST_COUNTED:
            return ("uniformint", -0.5, count - 0.5)
        return ("randint", count)  # from 0: hyperopt's algorithms treat a lower bound differently

    def describe(self) -> str:
        """Return words such as "0 … 99 (in no order)"."""
        return f"{super().describe()} (in no order)"

    def _limits(self) -> Bounds:
        return (self.low, self.high - 1)

    def _wrong(self) -> str:
        if self.high - self.low == 1:
            return f"only {shown(self.low)} lies below high = {shown(self.high)}, which is left out"
        return super()._wrong()

    def _offers(self) -> list[Bounds]:
        ((low, high),) = super()._offers()
        return [(low, max(high, low + 2))]
