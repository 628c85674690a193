"""One of several options, which can be texts, numbers, truth values, lists, or named tables."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions.base import Distribution, Misfit
from trialdeck.core.distributions.options import read_options, read_probabilities, same
from trialdeck.core.reading import shown

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from typing import Self

    from trialdeck.core.reading import Reading


@dataclass(frozen=True, kw_only=True)
class Choice(Distribution):
    """One of the options, all equally likely; what a named table carries is the space's matter."""

    type = "choice"
    kind = "categorical"

    options: tuple[Any, ...]  # a table by its name

    @classmethod
    def parse(cls, reading: Reading) -> Self | None:
        """Read the options."""
        options = read_options(reading)
        return None if options is None else cls(options=options)

    def sample(self, rng: random.Random) -> Any:
        """Return an option."""
        return self._option(rng.randrange(len(self.options)))

    def misfit(self, value: Any) -> Misfit | None:
        """Return that it is not among the options."""
        if self._index(value) is not None:
            return None
        options = ", ".join(map(shown, self.options))
        return Misfit("not an option", f"{shown(value)} is not one of {options}")

    def nearest(self, value: Any) -> Any:
        """Return the option itself, or the first."""
        return self._option(self._index(value) or 0)

    def encode(self, value: Any) -> float | int:
        """Return the number of the option, from 0."""
        index = self._index(value)
        if index is None:
            raise ValueError(f"{value!r} is not one of {self.options!r}")
        return index

    def decode(self, encoded: Any) -> Any:
        """Return the option of that number."""
        return self._option(int(encoded))

    def expression(self, label: str, branches: Sequence[Any] = ()) -> Any:
        """Return hyperopt's choice among the branches, by default the options' numbers."""
        from hyperopt import hp

        return hp.choice(label, list(branches or range(len(self.options))))

    def prior(self) -> tuple[Any, ...]:
        """Return a name of hyperopt's, and the probability of each option."""
        return ("categorical", (1 / len(self.options),) * len(self.options))

    def describe(self) -> str:
        """Return words such as "relu | gelu"."""
        return " | ".join(o if isinstance(o, str) else shown(o) for o in self.options)

    def size(self) -> int | None:
        """Return the number of options, whatever they carry."""
        return len(self.options)

    def _option(self, index: int) -> Any:
        return copy.deepcopy(self.options[index])  # an objective may change a list

    def _index(self, value: Any) -> int | None:
        return next((i for i, option in enumerate(self.options) if same(option, value)), None)


@dataclass(frozen=True, kw_only=True)
class PChoice(Choice):
    """One of the options with the probabilities given; 0 keeps an option for old trials only."""

    type = "pchoice"

    probabilities: tuple[float, ...]  # they sum to 1 but for the last digits

    @classmethod
    def parse(cls, reading: Reading) -> Self | None:
        """Read the options and their probabilities."""
        options, probabilities = read_options(reading), read_probabilities(reading)
        if options is None or probabilities is None:
            return None
        return cls(options=options, probabilities=probabilities)

    def sample(self, rng: random.Random) -> Any:
        """Return an option."""
        (index,) = rng.choices(range(len(self.options)), self.probabilities)
        return self._option(index)

    def expression(self, label: str, branches: Sequence[Any] = ()) -> Any:
        """Return hyperopt's pchoice."""
        from hyperopt import hp

        branches = branches or range(len(self.options))
        return hp.pchoice(label, list(zip(self.probabilities, branches, strict=True)))

    def prior(self) -> tuple[Any, ...]:
        """Return a name of hyperopt's, and the probability of each option."""
        return ("categorical", self.probabilities)

    def describe(self) -> str:
        """Return words such as "relu 0.7 | gelu 0.3"."""
        parts = zip(self.options, self.probabilities, strict=True)
        return " | ".join(f"{o if isinstance(o, str) else shown(o)} {p:.3g}" for o, p in parts)
