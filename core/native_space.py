"""Values as hyperopt's users have them in `misc["vals"]` of their own Trials.

This is the encoding of `Trials.p` files, written and read, and not that of `Space.encode`: there,
Trialdeck shows hyperopt's algorithms the numbers of the steps of a quniform and the distance from
the lower bound of a randint. Here, as `hp.*` with real bounds draws them:

- choice, pchoice: the number of the option, from 0, an int;
- randint: the value itself, an int;
- everything else, uniformint included: the value itself, a float.

A dimension that is not active has an empty list.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions import Choice, RandInt
from trialdeck.core.pickled_types import OPAQUE, plain
from trialdeck.core.reading import is_number
from trialdeck.core.space import Space

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.core.dimension import Dimension
    from trialdeck.core.space import Point


class NotNative(ValueError):
    """A point that hyperopt's documents cannot hold; its text says why, without the values."""


class NativeSpace(Space):
    """A space whose points are encoded as above."""

    @classmethod
    def of(cls, space: Space) -> NativeSpace:
        """Return the same dimensions with this encoding."""
        return cls(space.dimensions, space.constants)

    def encode(self, point: Mapping[str, Any]) -> dict[str, list[float | int]]:
        """Return the vals of a point, which may lie outside of the bounds.

        Raises `NotNative` when a dimension has no value, or one of another kind.
        """
        vals: dict[str, list[float | int]] = {d.name: [] for d in self.dimensions}
        for dimension in self.active(point):
            value = point.get(dimension.name, dimension.default)
            vals[dimension.name] = [_encoded(dimension, value)]
        return vals

    def decode(self, vals: Mapping[str, Any]) -> Point:
        """Return what foreign vals say, with labels that the space does not know.

        The values may be anything: whether they fit is another question (`compatibility.fit`).
        """
        known = {dimension.name: dimension for dimension in self.dimensions}
        point: Point = {}
        for label, values in vals.items():
            if type(label) is str and type(values) in (list, tuple) and len(values) == 1:
                value = plain(values[0])
                if value is not OPAQUE:
                    point[label] = _decoded(known[label], value) if label in known else value
        return point


def _encoded(dimension: Dimension, value: Any) -> float | int:
    if value is None:
        raise NotNative(f"without a value ({dimension.name})")
    if isinstance(dimension.distribution, Choice):
        if dimension.distribution.misfit(value):
            raise NotNative(f"not an option any more ({dimension.name})")
        return dimension.distribution.encode(value)
    if not is_number(value):
        raise NotNative(f"not a number ({dimension.name})")
    return round(value) if isinstance(dimension.distribution, RandInt) else float(value)


def _decoded(dimension: Dimension, value: Any) -> Any:
    if not is_number(value):
        return value
    if isinstance(dimension.distribution, Choice):
        options = dimension.options
        known = value in range(len(options))
        # A text, as the number of no option might be equal to an option.
        return options[int(value)] if known else f"option number {value:g}"
    # hyperopt's 3 * 0.1 and exp(log(0.1)) may lie beyond a bound by a last digit.
    near = dimension.distribution.nearest(value)
    return near if math.isclose(near, value, rel_tol=1e-12) else value
