"""The search space: dimensions with their distributions, and the points in it.

A point is a flat dict with one value for each active dimension, as the objective sees it (options
by name): what histories keep. A dimension that an option of a choice carries is active when that
option is chosen. hyperopt holds a point as `vals`, ``{label: [encoded value] or []}``.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.core.dimension import Constants, Dimension, Parent
from trialdeck.core.distributions.options import same
from trialdeck.core.reading import shown
from trialdeck.core.space_reading import SpaceReader

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping

    from trialdeck.core.errors import Problem

__all__ = ["Constants", "Dimension", "Parent", "Point", "Space", "parse_space"]

Point = dict[str, Any]


@dataclass(frozen=True)
class Space:
    """Dimensions in the order in which they are written, each choice before what it carries."""

    dimensions: tuple[Dimension, ...] = ()
    constants: tuple[Constants, ...] = ()

    def __getitem__(self, name: str) -> Dimension:
        for dimension in self.dimensions:
            if dimension.name == name:
                return dimension
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(dimension.name == name for dimension in self.dimensions)

    def __len__(self) -> int:
        return len(self.dimensions)

    @property
    def names(self) -> frozenset[str]:
        """Return all that the objective may get from here: dimensions and options' constants."""
        constants = (name for _, values in self.constants for name in values)
        return frozenset({*(dimension.name for dimension in self.dimensions), *constants})

    def active(self, point: Mapping[str, Any]) -> Iterator[Dimension]:
        """Yield the dimensions that `point` needs a value for.

        Whether one is active is decided when its turn comes, so that a loop can fill the point.
        """
        for dimension in self.dimensions:
            if _chosen(dimension.parent, point):
                yield dimension

    def sample(self, rng: random.Random) -> Point:
        """Return a point drawn from the distributions."""
        point: Point = {}
        for dimension in self.active(point):
            point[dimension.name] = dimension.distribution.sample(rng)
        return point

    def complete(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """Return `point` with the constants that its options carry: what the objective gets."""
        values = dict(point)
        for parent, constants in self.constants:
            if _chosen(parent, point):
                values |= copy.deepcopy(dict(constants))
        return values

    def check(self, point: Mapping[str, Any]) -> list[str]:
        """Return why `point` is not of this space, a line for each reason; [] if it is.

        It may be complete, with the constants of its options.
        """
        active = {dimension.name: dimension for dimension in self.active(point)}
        reasons = [f"{name} has no value" for name in active if name not in point]
        carried = self.complete({name: point[name] for name in active if name in point})
        for name, value in point.items():
            if name in active:
                misfit = active[name].distribution.misfit(value)
                reasons += [f"{name}: {misfit.text}"] if misfit else []
            elif name in carried:
                if not same(carried[name], value):
                    reasons.append(f"{name}: {shown(value)} is not {shown(carried[name])}")
            elif name in self and (parent := self[name].parent):
                reasons.append(f"{name} goes with {parent.choice} = {shown(parent.option)} only")
            else:
                reasons.append(f"{name} is not a dimension")
        return reasons

    def encode(self, point: Mapping[str, Any]) -> dict[str, list[float | int]]:
        """Return `point`, which must pass check, as hyperopt's documents hold it as "vals"."""
        vals: dict[str, list[float | int]] = {d.name: [] for d in self.dimensions}
        for dimension in self.active(point):
            vals[dimension.name] = [dimension.distribution.encode(point[dimension.name])]
        return vals

    def decode(self, vals: Mapping[str, Any]) -> Point:
        """Return the point of hyperopt's `vals`; KeyError when an active label is missing."""
        point: Point = {}
        for dimension in self.active(point):
            (encoded,) = vals[dimension.name]
            point[dimension.name] = dimension.distribution.decode(encoded)
        return point

    def expression(self) -> Any:
        """Return the space for hyperopt's algorithms, labelled by the names, to be decoded."""
        return self._expression(None)

    def size(self) -> int | None:
        """Return the number of different points, None if continuous or without end."""
        return self._size(None)

    def children(self, parent: Parent | None) -> list[Dimension]:
        """Return the dimensions of an option; for None those that are always active."""
        return [dimension for dimension in self.dimensions if dimension.parent == parent]

    def _expression(self, parent: Parent | None) -> dict[str, Any]:
        expressions = {}
        for dimension in self.children(parent):
            branches = [
                self._expression(Parent(dimension.name, option)) or index
                for index, option in enumerate(dimension.options)
            ]
            expression = dimension.distribution.expression(dimension.name, branches)
            expressions[dimension.name] = expression
        return expressions

    def _size(self, parent: Parent | None) -> int | None:
        factors = []
        for dimension in self.children(parent):
            terms = [self._size(Parent(dimension.name, option)) for option in dimension.options]
            terms = terms or [dimension.distribution.size()]
            if None in terms:
                return None
            factors.append(sum(term for term in terms if term is not None))
        return math.prod(factors)


def _chosen(parent: Parent | None, point: Mapping[str, Any]) -> bool:
    return parent is None or point.get(parent.choice) == parent.option


def parse_space(table: Mapping[str, Any], problems: list[Problem], prefix: str = "space") -> Space:
    """Return the space of the table [space]; mistakes are added to `problems`, none is raised.

    The dimensions that have no mistakes are in the space that is returned.
    """
    reader = SpaceReader(problems)
    reader.read(table, prefix)
    return Space(tuple(reader.dimensions), tuple(reader.constants))
