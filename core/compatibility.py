"""What of an old history fits a changed space, and why the rest does not."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions import LogUniform, Uniform
from trialdeck.core.distributions.options import same
from trialdeck.core.reading import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trialdeck.core.distributions import Distribution, Misfit
    from trialdeck.core.space import Point, Space

_NOTHING = object()


@dataclass(frozen=True)
class Fit:
    """Which old trials stay usable, as points of the new space, and why the others do not."""

    usable: dict[int, Point] = field(default_factory=dict)
    rejected: dict[int, str] = field(default_factory=dict)  # every reason, for people
    reasons: dict[str, int] = field(default_factory=dict)  # each trial under its first one
    defaults: dict[str, Any] = field(default_factory=dict)  # what usable trials had no value for

    def summary(self) -> str:
        """Return one line: how many stay, why not the others, which defaults are used."""
        total = len(self.usable) + len(self.rejected)
        if total == 0:
            return "there are no old trials"
        kept = f"{len(self.usable)} of {total}" if self.rejected or total == 1 else f"all {total}"
        ordered = sorted(self.reasons.items(), key=lambda item: (-item[1], item[0]))
        counts = ", ".join(f"{count} {reason}" for reason, count in ordered)
        text = f"{kept} {'trial stays' if total == 1 else 'trials stay'} usable"
        text += f", {counts}" if counts else ""
        for name, default in self.defaults.items():
            text += f"; {name} is new: old trials get its default {shown(default)}"
        return text


class _Judge:
    """Says of values whether one dimension can take them; remembers the few of a grid."""

    def __init__(self, distribution: Distribution) -> None:
        self.distribution = distribution
        self.known: dict[tuple[type, Any], tuple[Misfit | None, Any]] = {}
        self.is_finite = distribution.size() is not None
        plain = type(distribution) in (Uniform, LogUniform)
        self.low, self.high = (distribution.bounds if plain else None) or (math.inf, -math.inf)

    def __call__(self, value: Any) -> tuple[Misfit | None, Any]:
        """Return why it does not fit, and the value in the type that the dimension has now."""
        kind = type(value)
        if kind is float and self.low <= value <= self.high:
            return None, value
        if not self.is_finite or kind not in (int, float, str, bool):
            return self._judged(value)
        found = self.known.get((kind, value))
        if found is None:
            found = self.known[kind, value] = self._judged(value)
        return found

    def _judged(self, value: Any) -> tuple[Misfit | None, Any]:
        misfit = self.distribution.misfit(value)
        # An int where a float was, without drift on a grid.
        return (misfit, None) if misfit else (None, self.distribution.nearest(value))


class _Fitting:
    """Old trials on their way into a new space, one after the other."""

    def __init__(self, space: Space, fixed: Mapping[str, Any]) -> None:
        self.space = space
        self.fixed = fixed
        self.dimensions = [
            (d.name, d.parent, d.default, _Judge(d.distribution)) for d in space.dimensions
        ]

    def refit(self, tid: int, point: Mapping[str, Any], then: Mapping[str, Any], to: Fit) -> None:
        """Add one trial to a fit; `then` is what was fixed at its time."""
        new: Point = {}
        defaults: dict[str, Any] = {}
        reasons: list[tuple[str, str]] = []
        # A choice comes first, then what its option carries.
        for name, parent, default, judge in self.dimensions:
            if parent is not None and new.get(parent.choice) != parent.option:
                continue
            value = point.get(name, _NOTHING)
            if value is _NOTHING:
                value = then.get(name, _NOTHING)
            if value is _NOTHING and default is not None:
                value = defaults[name] = default
            if value is _NOTHING:
                text = f"{name}: has no value there, and no default here"
                reasons.append((f"without a value ({name})", text))
                continue
            misfit, near = judge(value)
            if misfit:
                reasons.append((f"{misfit.kind} ({name})", f"{name}: {misfit.text}"))
            else:
                new[name] = near
        reasons += _compared(self.fixed, point)
        if self.space.constants:
            carried = self.space.complete(new).items()
            constants = {name: value for name, value in carried if name not in new}
            reasons += _compared(constants, {**then, **point})
        if reasons:
            to.reasons[reasons[0][0]] = to.reasons.get(reasons[0][0], 0) + 1
            to.rejected[tid] = "; ".join(text for _, text in reasons)
        else:
            to.usable[tid] = new
            to.defaults.update(defaults)


def _compared(constants: Mapping[str, Any], old: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Reject a trial that had another value for what is constant now."""
    return [
        (
            f"fixed at another value now ({name})",
            f"{name}: was {shown(old[name])} and is fixed at {shown(constants[name])} now",
        )
        for name in constants
        if name in old and not same(old[name], constants[name])
    ]


def fit(
    space: Space,
    fixed: Mapping[str, Any],
    trials: Iterable[tuple[int, Mapping[str, Any], Mapping[str, Any]]],
) -> Fit:
    """Return what of `trials`, each (tid, point, [fixed] of its revision), `space` can use.

    A dimension's value is that of the point, else what was fixed at the time, else its default.
    Points may be complete: what an option used to carry is then known too. Dimensions that were
    removed are ignored, unless `fixed`, or a chosen option, has another value for them now; what
    changed between the two [fixed] is not judged here.
    """
    result = Fit()
    fitting = _Fitting(space, fixed)
    for tid, point, old_fixed in trials:
        fitting.refit(tid, point, old_fixed, result)
    return result
