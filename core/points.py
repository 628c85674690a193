"""Points that somebody asks for: whether they fit a space, and what fills their gaps.

What is not said of a point has the default of its dimension; without one it is drawn from the
dimension's distribution, as the first points of a search are. An option is taken as said when what
only that option carries has a value.
"""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.distributions.options import same
from trialdeck.core.errors import PointsError, Problem
from trialdeck.core.reading import did_you_mean, is_number, nearest_word, shown
from trialdeck.core.seeds import seed_for
from trialdeck.core.trials_reading import value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from trialdeck.core.dimension import Dimension
    from trialdeck.core.distributions import Distribution
    from trialdeck.core.params.model import Params
    from trialdeck.core.space import Point, Space

ORIGIN = "enqueue"


@dataclass(frozen=True)
class Wanted:
    """Values for a point. `place` says to people where they are from, `origin` to the history.

    `typed` are texts that somebody wrote; what they mean depends on the dimension. With `lenient`,
    values that the space has no use for are left out: they come from another space.
    """

    values: Mapping[str, Any]
    place: str = "the point"
    origin: str = ORIGIN
    typed: bool = False
    lenient: bool = False


class Asked(msgspec.Struct, frozen=True):
    """A whole point of the space; which of its values nobody gave, and what was left out of it.

    `defaults` are names of dimensions that have their default, `drawn` those that were drawn.
    """

    params: dict[str, Any]
    origin: str = ORIGIN
    defaults: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass
class _Filling:
    """A point on its way to be whole."""

    point: Point = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    defaults: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def whole(params: Params, wanted: Sequence[Wanted], first_tid: int) -> list[Asked]:
    """Return the points that are asked for, filled up; `first_tid` only varies what is drawn.

    Raises PointsError with everything that does not fit.
    """
    fillings = [
        _filled(params.space, params.fixed, one, seed_for(params.search.seed, ORIGIN, tid))
        for tid, one in enumerate(wanted, first_tid)
    ]
    wrong = [(w.place, f.problems) for w, f in zip(wanted, fillings, strict=True) if f.problems]
    if wrong:
        raise PointsError(wrong)
    return [_asked(w, f) for w, f in zip(wanted, fillings, strict=True)]


def problems_of(params: Params, wanted: Wanted) -> list[Problem]:
    """Return why a point does not fit, [] if it does; the keys are the names of its values."""
    return _filled(params.space, params.fixed, wanted, 0).problems


def _asked(wanted: Wanted, filling: _Filling) -> Asked:
    gaps = (tuple(names) for names in (filling.defaults, filling.drawn, filling.ignored))
    return Asked(filling.point, wanted.origin, *gaps)


def _filled(space: Space, fixed: Mapping[str, Any], wanted: Wanted, seed: int) -> _Filling:
    filling = _Filling()
    rng = random.Random(seed)  # noqa: S311 - a search keeps no secrets
    implied = dict(_implied(space, wanted.values))
    for dimension in space.active(filling.point):
        value = _given(dimension, wanted, implied)
        _fill(filling, dimension, value, rng)
    for name, value in wanted.values.items():
        if name not in filling.point:
            _judge_foreign(filling, space, fixed, name, value_of(value) if wanted.typed else value)
    if wanted.lenient:
        filling.ignored = [p.key for p in filling.problems if p.key not in filling.point]
        filling.problems = [p for p in filling.problems if p.key in filling.point]
    return filling


def _implied(space: Space, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the options, by the names of their choices, that alone carry what has a value."""
    for dimension in reversed(space.dimensions):
        parent = dimension.parent if dimension.name in values else None
        while parent is not None:
            yield parent.choice, parent.option
            parent = space[parent.choice].parent


_NOTHING = object()


def _given(dimension: Dimension, wanted: Wanted, implied: Mapping[str, str]) -> Any:
    if dimension.name not in wanted.values:
        return implied.get(dimension.name, _NOTHING)
    value = wanted.values[dimension.name]
    return meant(value, dimension.distribution) if wanted.typed else value


def meant(text: str, distribution: Distribution) -> Any:
    """Return the value that a typed text means: one of the distribution if it can be one."""
    values = list(_readings(text.strip()))
    return next((v for v in values if distribution.misfit(v) is None), values[0])


def _readings(text: str) -> Iterator[Any]:
    number = None
    with suppress(ValueError):
        number = float(text)  # of what is no JSON: .5, +3
    if is_number(number) and not is_number(value_of(text)):
        yield number
    yield value_of(text)
    yield text


def _fill(filling: _Filling, dimension: Dimension, value: Any, rng: random.Random) -> None:
    name, distribution = dimension.name, dimension.distribution
    if value is not _NOTHING:
        if misfit := distribution.misfit(value):
            filling.problems.append(Problem(name, misfit.text, _cure(dimension, value)))
        value = distribution.nearest(value)
    elif dimension.default is not None:
        value = dimension.default
        filling.defaults.append(name)
    else:
        value = distribution.sample(rng)
        filling.drawn.append(name)
    filling.point[name] = value


def _cure(dimension: Dimension, value: Any) -> str:
    """Return what to write instead of a value that does not fit."""
    name, distribution = dimension.name, dimension.distribution
    if dimension.options:
        near = nearest_word(str(value), map(_plain, dimension.options))
        return f"Did you mean {near}?" if near else ""
    if not is_number(value):
        return f"Write {name}=… (a number, {distribution.describe()})"
    return f"Write {name}={shown(distribution.nearest(value))}, the nearest that fits"


def _plain(option: Any) -> str:
    return option if isinstance(option, str) else shown(option)


def _judge_foreign(
    filling: _Filling, space: Space, fixed: Mapping[str, Any], name: str, value: Any
) -> None:
    """Complain of a value that is of no dimension of the point, unless it says what is so."""
    constants = {**fixed, **space.complete(filling.point)}
    if name in space and (parent := space[name].parent) is not None:
        text = f"goes with {parent.choice} = {shown(parent.option)} only"
        cure = f"Write {parent.choice}={parent.option}, or leave {name} out"
    elif name not in constants:
        text = f"{shown(value)} is for no dimension of the space"
        cure = did_you_mean(name, (d.name for d in space.dimensions))
    elif not same(constants[name], value):
        text = f"{shown(value)} is not {shown(constants[name])}, at which it is fixed"
        cure = f"Leave {name} out"
    else:
        return
    filling.problems.append(Problem(name, text, cure))


def typed_values(words: Iterable[str]) -> dict[str, str]:
    """Return the texts of words such as layers=3, by name. Raises PointsError."""
    found: dict[str, str] = {}
    problems = []
    for word in words:
        name, sign, text = (part.strip() for part in word.partition("="))
        if not sign or not name or not text:
            problems.append(Problem(word, "is no NAME=VALUE", "Write layers=3, say"))
        elif name in found:
            problems.append(Problem(name, "is there twice", "Remove one of the two"))
        found[name] = text
    if problems:
        raise PointsError([("the point", problems)])
    return found
