"""Reading the options of a choice and their probabilities."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions.base import DISTRIBUTIONS
from trialdeck.core.reading import is_number, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.reading import Offer, Reading

SUM_TOLERANCE = 2e-6  # three times 0.333333 will do


def same(one: Any, other: Any) -> bool:
    """Return whether two values are equal; true is not 1, while 1 is 1.0, also in lists."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def value_mistake(value: Any) -> str:
    """Return why a value cannot be kept in a history, "" if it can."""
    if isinstance(value, list):
        return next(filter(None, map(value_mistake, value)), "")
    if isinstance(value, dict):
        return next(filter(None, map(value_mistake, value.values())), "")
    if isinstance(value, str | bool):
        return ""
    if is_number(value):
        return "" if abs(value) < 2.0**63 or isinstance(value, float) else "it has too many digits"
    return "it is not finite" if isinstance(value, float) else "it is no text, number or list"


def read_options(reading: Reading) -> tuple[Any, ...] | None:
    """Return the options, a table by its name; None after complaining."""
    options = reading.table.get("options")
    before = len(reading.problems)
    if options is None:
        reading.complain("options", "is missing", 'Write options = ["…", "…"]')
    elif not isinstance(options, list):
        cure = f"Write options = [{shown(options)}, …]"
        reading.complain("options", f"{shown(options)} is not a list", cure)
    else:
        for number, option in enumerate(options):
            _check_option(reading, number, option)
        _check_together(reading, options)
    if options is None or len(reading.problems) > before:
        return None
    return tuple(map(_by_name, options))


def _by_name(option: Any) -> Any:
    return option.get("name", option) if isinstance(option, dict) else option


def _check_option(reading: Reading, number: int, option: Any) -> None:
    """Check an option by itself; the dimensions that a table carries are read elsewhere."""
    if not isinstance(option, dict):
        text = value_mistake(option)
        if text:
            cure = f'Write it as text: "{option}"'
            plain = ({_at(number): str(option)},) if not isinstance(option, list) else ()
            text = f"{shown(option)} cannot be an option: {text}"
            _complain(reading, text, cure, *plain)
        return
    name = option.get("name")
    if not isinstance(name, str) or not name:
        wrong = "has no name" if name is None else f"has the name {shown(name)}, which is no text"
        cure = 'Write { name = "…", … } with the dimensions that belong to this option'
        reading.complain("options", f"the option {shown(option)} {wrong}", cure)
    elif option.get("type") in DISTRIBUTIONS:
        cure = f"Write {{ name = …, {name} = {{ type = {shown(option['type'])}, … }} }}"
        reading.complain("options", f"the option {shown(option)} is a dimension itself", cure)


def _check_together(reading: Reading, options: list[Any]) -> None:
    """Check for too few options, and equal ones."""
    if not options:
        reading.complain("options", "[] has no options", 'Write options = ["…", "…"]')
    if len(options) == 1:
        cure = f"To keep it so, write it under [fixed]: {reading.name} = {shown(options[0])}"
        if isinstance(options[0], dict):
            cure = "Write what it carries under [space] and [fixed]"
        keep = () if isinstance(options[0], dict) else ({"": options[0]},)
        reading.complain("options", f"{shown(options[0])} is the only option", cure, *keep)
    numbered = enumerate(map(_by_name, options))
    for (first, one), (second, other) in combinations(numbered, 2):
        if same(one, other):
            _complain(
                reading,
                f"{shown(other)} is there twice",
                "Remove one of the two",
                _without_equals(options, one),
            )
        elif one == other:
            text = f"{shown(one)} and {shown(other)} are equal to each other"
            cure = f'Write them as text: "{shown(one)}", "{shown(other)}"'
            texts = {_at(first): shown(one), _at(second): shown(other)}
            _complain(reading, text, cure, texts)


def _without_equals(options: list[Any], value: Any) -> dict[str, Any]:
    """Return the offer that keeps the first of equal options; the last goes first."""
    equal = [n for n, option in enumerate(options) if same(_by_name(option), value)]
    return {_at(number): None for number in reversed(equal[1:])}


def _at(number: int) -> str:
    return f"options.{number}"


def _complain(reading: Reading, text: str, cure: str, *offers: Offer) -> None:
    """Complain about the options; an offer names them by number, unless one has such a name."""
    options = reading.table["options"]
    names = [str(_by_name(option)) for option in options if isinstance(option, dict)]
    unclear = any(name.isdecimal() for name in names) or "probabilities" in reading.table
    reading.complain("options", text, cure, *(() if unclear else offers))


def read_probabilities(reading: Reading) -> tuple[float, ...] | None:
    """Return one probability for each option, summing to 1; None after complaining."""
    probabilities = reading.table.get("probabilities")
    options = reading.table.get("options")
    count = len(options) if isinstance(options, list) and options else 0
    text = _probabilities_mistake(probabilities, count)
    if text:
        mended = mended_probabilities(
            probabilities if isinstance(probabilities, list) else [], count
        )
        offers = ({"probabilities": mended},) if mended else ()
        reading.complain("probabilities", text, f"Write probabilities = {shown(mended)}", *offers)
        return None
    total = math.fsum(probabilities or [])
    return tuple(p / total for p in probabilities or [])


def _probabilities_mistake(probabilities: Any, count: int) -> str:
    if probabilities is None:
        return "is missing"
    if not isinstance(probabilities, list):
        return f"{shown(probabilities)} is not a list"
    for p in probabilities:
        if not is_number(p) or not 0 <= p <= 1e9:
            return f"{shown(p)} in {shown(probabilities)} is not a probability"
    if count and len(probabilities) != count:
        return f"{shown(probabilities)} has {len(probabilities)} numbers for {count} options"
    total = math.fsum(probabilities)
    if abs(total - 1) > SUM_TOLERANCE:
        return f"{shown(probabilities)} sums to {total:.10g}, not 1"
    return ""


def mended_probabilities(probabilities: Sequence[Any], count: int) -> list[float]:
    """Return the numbers scaled to sum to 1; equal ones if there is nothing to scale."""
    usable = len(probabilities) == count and all(map(is_number, probabilities))
    weights = [min(abs(p), 1e9) for p in probabilities] if usable else [1] * count
    total = math.fsum(weights)
    if total == 0:
        weights, total = [1] * count, count
    scaled = [round(w / total, 4) for w in weights]
    if scaled:
        largest = scaled.index(max(scaled))
        scaled[largest] = round(scaled[largest] + 1 - math.fsum(scaled), 4)
    return scaled
