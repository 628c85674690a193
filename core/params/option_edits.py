"""Adding, renaming and deleting the options of a choice in the text of a parameter file."""

from __future__ import annotations

from string import ascii_lowercase
from typing import Any

from trialdeck.core.distributions.options import mended_probabilities, same
from trialdeck.core.errors import EditError
from trialdeck.core.params.edits import load, set_value, way_to
from trialdeck.core.params.rows import value_of
from trialdeck.core.reading import key_of, shown


def added(text: str, key: str, option: Any = None) -> str:
    """Return the text with another option at the end of those of a choice."""
    options, weights = _options(text, key)
    new = option if option is not None else _fresh(options)
    _check_new(options, new)
    text = set_value(text, f"{key}.options.{len(options)}", new)
    if weights is None:
        return text
    count = len(options) + 1
    scaled = [*(weight * len(options) / count for weight in weights), 1 / count]
    return set_value(text, f"{key}.probabilities", mended_probabilities(scaled, count))


def renamed(text: str, key: str, option: str | int, new: Any) -> str:
    """Return the text with another name or value for an option; what it carries stays."""
    options, _ = _options(text, key)
    number = _number(options, key, option)
    _check_new([*options[:number], *options[number + 1 :]], new)
    place = _place(key, options, number)
    if not isinstance(options[number], dict):
        return set_value(text, place, new)
    if not isinstance(new, str):
        raise EditError(f"{shown(new)}: an option that carries something has a text as its name")
    return set_value(text, f"{place}.name", new)


def deleted(text: str, key: str, option: str | int) -> str:
    """Return the text without an option and all that it carries."""
    options, weights = _options(text, key)
    number = _number(options, key, option)
    text = set_value(text, _place(key, options, number), None)
    if weights is None:
        return text
    left = [*weights[:number], *weights[number + 1 :]]
    return set_value(text, f"{key}.probabilities", mended_probabilities(left, len(left)))


def carrying(text: str, key: str, option: str | int) -> tuple[str, str]:
    """Return the text with an option that can carry dimensions, and the key of that option."""
    options, _ = _options(text, key)
    number = _number(options, key, option)
    place = _place(key, options, number)
    if isinstance(options[number], dict):
        return text, place
    if not isinstance(options[number], str):
        raise EditError(
            f"the option {shown(options[number])} can carry nothing: only one that is a text can"
        )
    return set_value(text, place, {"name": options[number]}), key_of(
        f"{key}.options", options[number]
    )


def _options(text: str, key: str) -> tuple[list[Any], list[float] | None]:
    """Return the options of a choice, and its probabilities if there is one for each."""
    data = load(text)
    table = value_of(data, way_to(data, key))
    options = table.get("options") if isinstance(table, dict) else None
    if not isinstance(options, list):
        raise EditError(f"{key} has no options")
    weights = table.get("probabilities")
    fitting = isinstance(weights, list) and len(weights) == len(options)
    numbers = fitting and all(type(weight) in (int, float) for weight in weights)
    return options, weights if numbers else None


def _number(options: list[Any], key: str, option: str | int) -> int:
    """Return the number of an option that is given by its name or by its number."""
    if isinstance(option, int):
        if 0 <= option < len(options):
            return option
        raise EditError(f"{key} has no option number {option}")
    for number, one in enumerate(options):
        if same(_name(one), option):
            return number
    raise EditError(f"{key} has no option {shown(option)}")


def _name(option: Any) -> Any:
    return option.get("name") if isinstance(option, dict) else option


def _place(key: str, options: list[Any], number: int) -> str:
    """Return the key of an option: by name for a table that is the first of this name."""
    name = _name(options[number])
    tables = (n for n, one in enumerate(options) if isinstance(one, dict) and _name(one) == name)
    if isinstance(name, str) and next(tables, None) == number:
        return key_of(f"{key}.options", name)
    return f"{key}.options.{number}"


def _check_new(others: list[Any], new: Any) -> None:
    if any(same(_name(one), new) for one in others):
        raise EditError(f"there is an option {shown(new)} already")


def _fresh(options: list[Any]) -> str:
    """Return a text that is no option yet: a letter, or option_2 and so on."""
    names = list(map(_name, options))
    more = [f"option_{number}" for number in range(2, len(options) + 3)]
    free: list[str] = [name for name in [*ascii_lowercase, *more] if name not in names]
    return free[0]
