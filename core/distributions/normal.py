"""Numbers around a middle, without bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions import bounds
from trialdeck.core.distributions.base import Mistake, Numeric
from trialdeck.core.distributions.bounds import LARGEST_LOG, step
from trialdeck.core.reading import LARGEST, LARGEST_WHOLE, SMALLEST, shown

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from trialdeck.core.distributions.bounds import Bounds


@dataclass(frozen=True, kw_only=True)
class Normal(Numeric):
    """The normal distribution of mean mu and standard deviation sigma; always a float."""

    type = "normal"

    mu: float
    sigma: float

    def mistakes(self, name: str) -> Iterator[Mistake]:
        """Yield what is wrong with sigma."""
        if self.sigma == 0:
            middle = shown(self._middle())
            cure = f"To keep it so, write it under [fixed]: {name} = {middle}"
            text = f"sigma is 0: the only value is {middle}"
            yield Mistake("sigma", text, cure, ({"": self._middle()},))
        elif self.sigma < 0:
            text = f"sigma = {shown(self.sigma)} is below 0"
            cure = f"Write sigma = {shown(-self.sigma)}"
            yield Mistake("sigma", text, cure, ({"sigma": -self.sigma},))

    def _draw(self, rng: random.Random) -> float:
        return rng.normalvariate(self.mu, self.sigma)

    def prior(self) -> tuple[Any, ...]:
        """Return hyperopt's name of the distribution, and its arguments."""
        return ("normal", self.mu, self.sigma)

    def describe(self) -> str:
        """Return words such as "normal 0 ± 1"."""
        return f"normal {shown(self.mu)} ± {shown(self.sigma)}"

    def _middle(self) -> float:
        return self.mu

    def _largest(self) -> float:
        """Return the distance from 0 beyond which there is next to nothing."""
        return abs(self.mu) + 8 * abs(self.sigma)

    def _limits(self) -> Bounds:
        return (-LARGEST, LARGEST)

    def _near(self, number: float) -> float:
        low, high = self._limits()
        return float(min(max(number, low), high))


@dataclass(frozen=True, kw_only=True)
class LogNormal(Normal):
    """Numbers whose logarithm is normal; as in hyperopt, mu and sigma are of the logarithm."""

    type = "lognormal"
    is_log = True

    def mistakes(self, name: str) -> Iterator[Mistake]:
        """Yield what is wrong; mostly mu and sigma are taken for those of the number itself."""
        if abs(self.mu) + 10 * abs(self.sigma) <= LARGEST_LOG:
            yield from super().mistakes(name)
            return
        mu, sigma = self.mu, abs(self.sigma)
        if abs(mu) > 200:
            mu = float(f"{min(math.log(mu), 200):.4g}") if mu > 0 else 0.0
        sigma = sigma if 0 < sigma <= 14 else 1.0
        text = f"exp(mu = {shown(self.mu)} ± several sigma = {shown(self.sigma)}) overflows"
        cure = f"Both are of the logarithm: for values around {math.exp(mu):.4g} "
        cure += f"write mu = {shown(mu)}, sigma = {shown(sigma)}"
        yield Mistake("", text, cure, ({"mu": mu, "sigma": sigma},))

    def _draw(self, rng: random.Random) -> float:
        return rng.lognormvariate(self.mu, self.sigma)

    def prior(self) -> tuple[Any, ...]:
        """Return hyperopt's name of the distribution, and its arguments."""
        return ("lognormal", self.mu, self.sigma)

    def describe(self) -> str:
        """Return words such as "exp(normal 0 ± 1)"."""
        return f"exp(normal {shown(self.mu)} ± {shown(self.sigma)})"

    def _middle(self) -> float:
        return math.exp(self.mu)

    def _largest(self) -> float:
        return math.exp(min(self.mu + 5 * abs(self.sigma), LARGEST_LOG))

    def _limits(self) -> Bounds:
        return (SMALLEST, LARGEST)


@dataclass(frozen=True, kw_only=True)
class QNormal(Normal):
    """A normal number rounded to a multiple of q: an int if q is written as one."""

    type = "qnormal"

    q: float

    def mistakes(self, name: str) -> Iterator[Mistake]:
        """Yield what is wrong with sigma and with the step."""
        yield from super().mistakes(name)
        wrong = bounds.step_mistake(self.q, self._largest(), self.type[1:])
        if wrong.text:
            yield Mistake("q", *wrong)

    def prior(self) -> tuple[Any, ...]:
        """Return hyperopt's name of the distribution, and its arguments."""
        return ("qnormal", self.mu, self.sigma, self.q)

    def describe(self) -> str:
        """Return words such as "normal 0 ± 10, step 5"."""
        return f"{super().describe()}, step {shown(self.q)}"

    def _step(self) -> float:
        return self.q

    def _most(self) -> int:
        """Return the number of steps up to which multiples are told from one another."""
        return min(
            bounds.MOST_STEPS, int((LARGEST_WHOLE if isinstance(self.q, int) else LARGEST) / self.q)
        )

    def _limits(self) -> Bounds:
        return (step(0, self.q, -self._most()), step(0, self.q, self._most()))

    def _near(self, number: float) -> float:
        low, high = self._limits()
        return step(0, self.q, bounds.steps_to(0, self.q, min(max(number, low), high)))


@dataclass(frozen=True, kw_only=True)
class QLogNormal(QNormal, LogNormal):
    """The exponential of a normal number rounded to a multiple of q, 0 included.

    As in hyperopt, mu and sigma are of the logarithm. An int if q is written as one.
    """

    type = "qlognormal"

    def prior(self) -> tuple[Any, ...]:
        """Return hyperopt's name of the distribution, and its arguments."""
        return ("qlognormal", self.mu, self.sigma, self.q)

    def _limits(self) -> Bounds:
        return (step(0, self.q, 0), step(0, self.q, self._most()))
