"""Tables for dimensions that nobody has written yet: new ones, and those of another type."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions import DISTRIBUTIONS, Bounded, Choice, Normal, Numeric, PChoice
from trialdeck.core.distributions.bounds import LARGEST_LOG
from trialdeck.core.distributions.options import mended_probabilities
from trialdeck.core.errors import EditError
from trialdeck.core.reading import did_you_mean, is_number
from trialdeck.core.space import parse_space

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.core.errors import Problem

_BEGINNINGS: dict[str, dict[str, Any]] = {
    "uniform": {"low": 0.0, "high": 1.0},
    "quniform": {"low": 0.0, "high": 1.0, "q": 0.1},
    "uniformint": {"low": 1, "high": 10},
    "loguniform": {"low": 1e-4, "high": 1e-1},
    "qloguniform": {"low": 1, "high": 100, "q": 1},
    "normal": {"mu": 0.0, "sigma": 1.0},
    "qnormal": {"mu": 0, "sigma": 10, "q": 1},
    "lognormal": {"mu": 0.0, "sigma": 1.0},
    "qlognormal": {"mu": 3.0, "sigma": 1.0, "q": 1},
    "randint": {"low": 0, "high": 100},
    "choice": {"options": ["a", "b"]},
    "pchoice": {"options": ["a", "b"], "probabilities": [0.5, 0.5]},
}
_MOST_LISTED = 12  # values of a grid that become options


def new_table(kind: str) -> dict[str, Any]:
    """Return a table of this type with sensible values. Raises EditError when there is none."""
    if kind not in DISTRIBUTIONS:
        raise EditError(f"there is no type {kind}. {did_you_mean(kind, DISTRIBUTIONS)}")
    return {"type": kind, **copy.deepcopy(_BEGINNINGS[kind])}


def retyped(old: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the table of another type that says most of what `old`, right or wrong, says."""
    new = new_table(kind)
    made = DISTRIBUTIONS[kind]
    if issubclass(made, Choice):
        new |= _as_options(old, with_probabilities=issubclass(made, PChoice))
    elif issubclass(made, Numeric) and (ends := _ends(old)) is not None:
        new |= _as_normal(*ends, made) if issubclass(made, Normal) else _as_bounds(*ends, made)
    for name in ("mu", "sigma"):
        if name in new and is_number(old.get(name)) and _same_scale(old, made):
            new[name] = old[name]
    if "q" in new and is_number(old.get("q")) and old["q"] > 0:
        new["q"] = old["q"]
    elif "q" in new and issubclass(made, Bounded):
        new["q"] = _step(new["low"], new["high"])
    if "default" in old:
        new["default"] = old["default"]
    return _mended(new)


def _same_scale(old: Mapping[str, Any], made: type[Any]) -> bool:
    """Return whether mu and sigma mean the same in both: of the number, or of its logarithm."""
    before = _class_of(old)
    return "mu" not in old or (before is not None and before.is_log == made.is_log)


def _class_of(table: Mapping[str, Any]) -> Any:
    kind = table.get("type")
    return DISTRIBUTIONS.get(kind) if isinstance(kind, str) else None


def _ends(old: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the lowest and the highest value that is likely, None when nothing says so."""
    kind = old.get("type")
    low, high = old.get("low", 0 if kind == "randint" else None), old.get("high")
    numbers = [low, high]
    if is_number(high) and kind == "randint":
        numbers[1] = old["high"] - 1
    if is_number(old.get("mu")) and is_number(old.get("sigma")):
        numbers = [old["mu"] - 2 * old["sigma"], old["mu"] + 2 * old["sigma"]]
        if _class_of(old) is not None and _class_of(old).is_log:
            numbers = [math.exp(min(x, LARGEST_LOG)) for x in numbers]
        numbers = [_short(x) for x in numbers]
    elif isinstance(old.get("options"), list):
        numbers = list(old["options"])
    if not numbers or not all(map(is_number, numbers)) or min(numbers) == max(numbers):
        return None
    return min(numbers), max(numbers)


def _as_bounds(low: float, high: float, made: type[Numeric]) -> dict[str, Any]:
    if made.is_log and low <= 0:
        if high <= 0:
            return {}
        low = _short(high / 1000)
    if made.whole:
        low, high = math.floor(low), math.ceil(high)
    return {"low": low, "high": high + 1 if made.type == "randint" else high}


def _as_normal(low: float, high: float, made: type[Numeric]) -> dict[str, Any]:
    if made.is_log:
        if low <= 0:
            return {}
        low, high = math.log(low), math.log(high)
    return {"mu": _short((low + high) / 2), "sigma": _short((high - low) / 4)}


def _as_options(old: Mapping[str, Any], *, with_probabilities: bool) -> dict[str, Any]:
    options = copy.deepcopy(old.get("options"))
    if not isinstance(options, list):
        options = _values(old)
    if not options:
        return {}
    if not with_probabilities:
        return {"options": options}
    given = old.get("probabilities")
    weights = given if isinstance(given, list) else []
    return {"options": options, "probabilities": mended_probabilities(weights, len(options))}


def _values(old: Mapping[str, Any]) -> list[Any]:
    """Return the values of a short grid, the bounds of everything else that has some."""
    dimensions = parse_space({"x": old}, []).dimensions
    if not dimensions or dimensions[0].bounds is None:
        return []
    distribution, (low, high) = dimensions[0].distribution, dimensions[0].bounds
    count = distribution.size()
    if count is None or not 2 <= count <= _MOST_LISTED:
        return [low, high]
    return [distribution.nearest(low + (high - low) * n / (count - 1)) for n in range(count)]


def _step(low: float, high: float) -> float:
    if isinstance(low, int) and isinstance(high, int):
        return 1
    tenth = (high - low) / 10
    power = 10.0 ** math.floor(math.log10(tenth))
    return _short(max(n for n in (1, 2, 5) if n * power <= tenth * 1.0001) * power)


def _short(number: float) -> float:
    return float(f"{number:.4g}")


def _mended(table: dict[str, Any]) -> dict[str, Any]:
    """Return the table after writing the first fix of each mistake in it."""
    kind = table["type"]
    for _ in range(8):
        problems: list[Problem] = []
        parse_space({"x": table}, problems)
        problems = [problem for problem in problems if ".options." not in problem.key]
        if not problems and table["type"] == kind:
            return table
        values = problems[0].fixes[0].values if problems and problems[0].fixes else {}
        if not values or not all(key.startswith("space.x.") for key in values):
            break
        for key, value in values.items():
            name = key.removeprefix("space.x.")
            table[name] = value
            if value is None:
                del table[name]
    return new_table(kind)
