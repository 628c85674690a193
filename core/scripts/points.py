"""Points as the history keeps them, and values as hyperopt's documents do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions import Choice, RandInt, UniformInt
from trialdeck.core.scripts.expression import active_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    import hyperopt

    from trialdeck.core.space import Point, Space

_NON_FINITE = ("nan", "inf", "-inf")


def point_of(space: Space, vals: Mapping[str, Any]) -> Point:
    """Return the point of a document's vals: options by name, whole numbers as ints."""
    point: Point = {}
    for label, values in vals.items():
        if isinstance(values, list | tuple) and len(values) == 1:
            point[str(label)] = _shown(space, label, values[0])
    return point


def _shown(space: Space, label: str, drawn: Any) -> Any:
    value = drawn.item() if hasattr(drawn, "item") else drawn
    if label not in space or isinstance(value, bool) or not isinstance(value, int | float):
        return value
    distribution = space[label].distribution
    if isinstance(distribution, Choice):
        known = value in range(len(distribution.options))
        return distribution.options[int(value)] if known else value
    whole = isinstance(distribution, UniformInt) and math.isfinite(value) and value == int(value)
    return int(value) if whole else value


def vals_of(space: Space, point: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what hyperopt drew for a point: a list for each label of the space, and of the point.

    The list is empty where the point has no value, or an option that there is no more.
    """
    vals: dict[str, list[Any]] = {}
    for dimension in space.dimensions:
        vals[dimension.name] = []
        value = point.get(dimension.name)
        if value is None:
            continue
        if not isinstance(dimension.distribution, Choice):
            vals[dimension.name] = [_drawn(dimension.distribution, _number(value))]
        elif dimension.distribution.misfit(value) is None:
            vals[dimension.name] = [dimension.distribution.encode(value)]
    return vals | {label: [value] for label, value in point.items() if label not in vals}


def vals_again(
    domain: hyperopt.base.Domain, space: Space, point: Mapping[str, Any]
) -> dict[str, list[Any]] | None:
    """Return what hyperopt would have to draw for a point, None if it cannot."""
    vals = vals_of(space, point)
    active = active_labels(domain, vals)
    for label in active:
        if not vals[label] or space[label].distribution.misfit(point[label]) is not None:
            return None
    return {label: vals[label] if label in active else [] for label in domain.params}


def _drawn(distribution: Any, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return round(value) if isinstance(distribution, RandInt) else float(value)


def result_of(metrics: Mapping[str, Any], loss: float | None, status: str) -> dict[str, Any]:
    """Return hyperopt's result of what the history keeps of one; "nan" and "inf" are numbers."""
    result = {name: _number(value) for name, value in metrics.items()}
    result["status"] = status
    if loss is not None:
        result["loss"] = loss
    return result


def metrics_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the history keeps of a result beside the loss; any status but ok is among it."""
    return {str(name): value for name, value in result.items() if name != "status" or value != "ok"}


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, str) and value in _NON_FINITE else value
