"""One dimension of a search space, and where in the tree of choices it belongs."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from trialdeck.core.distributions import Choice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from trialdeck.core.distributions import Distribution


class Parent(NamedTuple):
    """The choice, by name, and which of its options a nested dimension belongs to."""

    choice: str
    option: str


@dataclass(frozen=True)
class Dimension:
    """One hyperparameter: its name, its distribution, and where it belongs."""

    name: str
    distribution: Distribution
    parent: Parent | None = None
    default: Any = None  # what an old trial gets that has no value here; None if there is none
    written: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def type(self) -> str:
        """The distribution's name in parameter files."""
        return self.distribution.type

    @property
    def kind(self) -> Literal["numeric", "categorical"]:
        """Numbers, or options."""
        return self.distribution.kind

    @property
    def is_log(self) -> bool:
        """Whether an axis should be logarithmic."""
        return self.distribution.is_log

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The lowest and the highest value, None where there is no such thing."""
        return self.distribution.bounds

    @property
    def options(self) -> tuple[Any, ...]:
        """What can be chosen; () for numbers."""
        return self.distribution.options if isinstance(self.distribution, Choice) else ()

    def describe(self) -> str:
        """Return a few words for the header of a table: "1e-4 … 0.1 (log)"."""
        return self.distribution.describe()

    def to_toml(self) -> dict[str, Any]:
        """Return the table it was read from, with all that a choice's options carry."""
        return copy.deepcopy(dict(self.written))


class Constants(NamedTuple):
    """What an option carries beside dimensions."""

    parent: Parent
    values: Mapping[str, Any]
