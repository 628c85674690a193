"""What every distribution can do, and what numeric ones have in common."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from trialdeck.core.reading import is_number, shown

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence
    from typing import Self

    from trialdeck.core.distributions.bounds import Bounds
    from trialdeck.core.reading import Offer, Reading

DISTRIBUTIONS: dict[str, type[Distribution]] = {}


class Misfit(NamedTuple):
    """Why a value is not one of a dimension's: in a few words for a summary, and in full."""

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Distribution(ABC):
    """What values one dimension takes, and how likely each is; immutable.

    Values are the plain Python ones that the objective sees; an encoded value is what hyperopt
    draws for it. A subclass with a `type` is known under it in parameter files.
    """

    type: ClassVar[str]
    kind: ClassVar[Literal["numeric", "categorical"]] = "numeric"
    is_log: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        if "type" in cls.__dict__:
            DISTRIBUTIONS[cls.type] = cls

    @classmethod
    @abstractmethod
    def parse(cls, reading: Reading) -> Self | None:
        """Return the distribution that a table describes, None after complaining to `reading`."""

    @abstractmethod
    def sample(self, rng: random.Random) -> Any:
        """Return a value drawn from exactly this distribution."""

    @abstractmethod
    def misfit(self, value: Any) -> Misfit | None:
        """Return why `value` is not one of this distribution's, None if it is."""

    @abstractmethod
    def nearest(self, value: Any) -> Any:
        """Return the value of this distribution that is most like `value`, whatever that is."""

    @abstractmethod
    def encode(self, value: Any) -> float | int:
        """Return what hyperopt's documents hold for `value`, which must fit."""

    @abstractmethod
    def decode(self, encoded: Any) -> Any:
        """Return the value for what hyperopt drew (a Python or numpy scalar), put into bounds."""

    @abstractmethod
    def expression(self, label: str, branches: Sequence[Any] = ()) -> Any:
        """Return hyperopt's expression of encoded values; `branches` are what is chosen from."""

    @abstractmethod
    def prior(self) -> tuple[Any, ...]:
        """Return the name of hyperopt's distribution of encoded values, and its arguments."""

    @abstractmethod
    def describe(self) -> str:
        """Return a few words for the header of a table."""

    @property
    def bounds(self) -> Bounds | None:
        """The lowest and the highest value, None where there is no such thing."""
        return None

    def size(self) -> int | None:
        """Return how many values there are, None if they are continuous or without end."""
        return None


class Mistake(NamedTuple):
    """What is wrong with the value called `key` ("": with several), and what to write instead.

    `offers` are new values by name, one mapping for each way to mend it.
    """

    key: str
    text: str
    cure: str
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Numeric(Distribution):
    """Numbers; a subclass names its fields after the keys of the parameter file."""

    whole: ClassVar[bool] = False

    @classmethod
    def parse(cls, reading: Reading) -> Self | None:
        """Read every field as a number, then see whether they go together."""
        values = {
            field.name: reading.number(
                field.name,
                whole=cls.whole,
                default=None if field.default is MISSING else field.default,
            )
            for field in fields(cls)
        }
        if None in values.values():
            return None
        made = cls(**values)
        mistakes = list(made.mistakes(reading.name))
        for mistake in mistakes:
            reading.complain(mistake.key, mistake.text, mistake.cure, *mistake.offers)
        return None if mistakes else made

    @abstractmethod
    def mistakes(self, name: str) -> Iterator[Mistake]:
        """Yield why these numbers do not go together; `name` is the dimension's."""

    @abstractmethod
    def _near(self, number: float) -> float:
        """Return the value that is nearest to a number, infinity included."""

    @abstractmethod
    def _limits(self) -> Bounds:
        """Return two numbers with all values between them."""

    @abstractmethod
    def _draw(self, rng: random.Random) -> float:
        """Return a number whose nearest value is drawn from the distribution."""

    def _step(self) -> float:
        return 0.0

    def nearest(self, value: Any) -> Any:
        """Return the nearest value, the lowest one for what is no number."""
        return self._near(value if is_number(value) else self._limits()[0])

    def misfit(self, value: Any) -> Misfit | None:
        """Compare with the limits, then with the nearest value."""
        if not is_number(value):
            return Misfit("not a number", f"{shown(value)} is not a number")
        low, high = self._limits()
        if not low <= value <= high:
            side = f"below {shown(low)}" if value < low else f"above {shown(high)}"
            return Misfit("out of range", f"{shown(value)} is {side}")
        near = self._near(value)
        # old histories hold 0.30000000000000004, which hyperopt makes of 3 * 0.1
        if abs(near - value) > 1e-9 * self._step() + 4 * math.ulp(value):
            return Misfit("off the grid", f"{shown(value)} is between the steps, not {shown(near)}")
        return None

    def encode(self, value: Any) -> float | int:
        """Return the value itself."""
        return float(value)

    def decode(self, encoded: Any) -> Any:
        """Return the nearest value: an exponential of a logarithm may spill over its bound."""
        return self._near(float(encoded))

    def sample(self, rng: random.Random) -> Any:
        """Return a number."""
        return self._near(self._draw(rng))

    def expression(self, label: str, branches: Sequence[Any] = ()) -> Any:
        """Return hyperopt's expression of encoded values; numbers have no branches."""
        from hyperopt import hp

        del branches
        name, *arguments = self.prior()
        return getattr(hp, name)(label, *arguments)
