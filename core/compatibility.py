"""What of an old history fits a changed space, and why the rest does not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions.options import same
from trialdeck.core.reading import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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


@dataclass
class _Refitting:
    """One old trial on its way into the new space."""

    space: Space
    old: Mapping[str, Any]  # the trial's point, completed by what was fixed then
    point: Point = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    reasons: list[tuple[str, str]] = field(default_factory=list)  # for a summary, in full

    def refit(self) -> None:
        """Give every active dimension a value; a choice first, then what its option carries."""
        for dimension in self.space.active(self.point):
            name, distribution = dimension.name, dimension.distribution
            value = self.old.get(name, _NOTHING)
            if value is _NOTHING and dimension.default is not None:
                value = self.defaults[name] = dimension.default
            if value is _NOTHING:
                self._reject("without a value", name, "has no value there, and no default here")
            elif misfit := distribution.misfit(value):
                self._reject(misfit.kind, name, misfit.text)
            else:  # in the new type: an int where a float was, without drift on a grid
                self.point[name] = distribution.nearest(value)

    def compare(self, constants: Mapping[str, Any], old: Mapping[str, Any]) -> None:
        """Reject the trial if it had another value for what is constant now."""
        for name, value in constants.items():
            if name in old and not same(old[name], value):
                text = f"was {shown(old[name])} and is fixed at {shown(value)} now"
                self._reject("fixed at another value now", name, text)

    def _reject(self, kind: str, name: str, text: str) -> None:
        self.reasons.append((f"{kind} ({name})", f"{name}: {text}"))


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
    counts: Counter[str] = Counter()
    for tid, point, old_fixed in trials:
        old = {**old_fixed, **point}
        refitting = _Refitting(space, old)
        refitting.refit()
        refitting.compare(fixed, point)
        carried = space.complete(refitting.point)
        refitting.compare({n: v for n, v in carried.items() if n not in refitting.point}, old)
        if refitting.reasons:
            counts[refitting.reasons[0][0]] += 1
            result.rejected[tid] = "; ".join(text for _, text in refitting.reasons)
        else:
            result.usable[tid] = refitting.point
            result.defaults.update(refitting.defaults)
    result.reasons.update(counts)
    return result
