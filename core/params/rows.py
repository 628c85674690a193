"""The dimensions as they are written, broken ones too: what an editor of the space lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.core.distributions import DISTRIBUTIONS, Choice
from trialdeck.core.params.toml_text import split_key
from trialdeck.core.reading import key_of, shown
from trialdeck.core.space import parse_space

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from trialdeck.core.dimension import Dimension
    from trialdeck.core.errors import Problem

Steps = tuple[str | int, ...]  # keys, and places in lists


@dataclass(frozen=True, slots=True)
class Row:
    """One dimension as written.

    `key` addresses it for as long as nothing is renamed or moved away: a dotted path, in which an
    option goes by its name (``space.optimizer.options.sgd.momentum``). `depth` is 0 below [space],
    1 below an option of a choice there, and so on; `option` is the name of that option. `type` is
    as written, "" if there is none; `table` is as written, {} for what is no table. `problems` are
    its own, without those of the dimensions below it. `summary` describes it in a few words.
    """

    key: str
    name: str
    depth: int
    option: str
    type: str
    table: Mapping[str, Any]
    problems: tuple[Problem, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class _Found:
    """A dimension in the tables of a file."""

    key: str
    name: str
    depth: int
    option: str
    value: Any


def rows_of(data: Mapping[str, Any], problems: Sequence[Problem]) -> tuple[Row, ...]:
    """Return the dimensions of a parsed file, nested ones after their choice."""
    table = data.get("space")
    if not isinstance(table, dict):
        return ()
    found = list(_dimensions(table))
    whole = {dimension.name: dimension for dimension in parse_space(table, []).dimensions}
    owners = _owners([each.key for each in found], problems)
    return tuple(_row(each, tuple(owners[n]), whole) for n, each in enumerate(found))


def nested(option: Mapping[str, Any]) -> dict[str, Any]:
    """Return the dimensions that an option carries, by name."""
    return {
        name: value
        for name, value in option.items()
        if isinstance(value, dict) and ("type" in value or {"low", "high"} <= set(value))
    }


def options_of(table: Any) -> list[Any]:
    """Return the options of a dimension, [] for one that has none."""
    if not isinstance(table, dict):
        return []
    options = table.get("options")
    kind = DISTRIBUTIONS.get(table["type"]) if isinstance(table.get("type"), str) else None
    is_number = kind is not None and not issubclass(kind, Choice)
    return options if isinstance(options, list) and not is_number else []


def carried_keys(key: str, table: Any) -> Iterator[str]:
    """Yield the keys of all that the options of a dimension carry, constants too."""
    for above, _, option in _options(key, table):
        yield from (key_of(above, name) for name in option if name != "name")
        for name, value in nested(option).items():
            yield from carried_keys(key_of(above, name), value)


def steps_to(data: Any, key: str) -> Steps:
    """Return the way to a dotted key, with the place of an option instead of its name.

    The last keys need not exist. Raises ValueError for what is no key.
    """
    steps: list[str | int] = []
    tree = data
    for part in split_key(key):
        step: str | int = part
        if isinstance(tree, list):
            step = _place(tree, part)
        steps.append(step)
        tree = child(tree, step)
    return tuple(steps)


def child(tree: Any, step: str | int) -> Any:
    """Return what is one step down, None when nothing is there."""
    if isinstance(tree, dict):
        return tree.get(step)
    if isinstance(tree, list) and isinstance(step, int) and 0 <= step < len(tree):
        return tree[step]
    return None


def value_of(data: Any, steps: Iterable[str | int]) -> Any:
    """Return the value at the end of the way, None when nothing is there."""
    for step in steps:
        data = child(data, step)
    return data


def _place(options: list[Any], part: str) -> int | str:
    for number, option in enumerate(options):
        if isinstance(option, dict) and option.get("name") == part:
            return number
    return int(part) if part.isdecimal() else part


def _dimensions(table: Mapping[str, Any]) -> Iterator[_Found]:
    for name, value in table.items():
        yield from _below(_Found(key_of("space", name), name, 0, "", value))


def _below(found: _Found) -> Iterator[_Found]:
    yield found
    for key, option_name, option in _options(found.key, found.value):
        for name, value in nested(option).items():
            yield from _below(_Found(key_of(key, name), name, found.depth + 1, option_name, value))


def _options(key: str, table: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the options that are tables: the key, the name, and the table of each."""
    names: set[str] = set()
    for number, option in enumerate(options_of(table)):
        if isinstance(option, dict):
            name = option.get("name")
            # A second option of the same name goes by its number: keys are unique.
            part = name if isinstance(name, str) and name not in names else str(number)
            names.add(part)
            shown_name = name if isinstance(name, str) else str(number)
            yield key_of(f"{key}.options", part), shown_name, option


def _owners(keys: list[str], problems: Sequence[Problem]) -> list[list[Problem]]:
    """Return for each key the problems that belong to it and to no longer key."""
    owned: list[list[Problem]] = [[] for _ in keys]
    numbers = {key: number for number, key in reversed(list(enumerate(keys)))}
    for problem in problems:
        key = problem.key
        while key and key not in numbers:
            key = parent_key(key)
        if key:
            owned[numbers[key]].append(problem)
    return owned


def parent_key(key: str) -> str:
    """Return a dotted key without its last part, "" when it has one part only."""
    if '"' not in key:
        return key.rpartition(".")[0]
    try:
        parts = split_key(key)
    except ValueError:
        return ""
    joined = ""
    for part in parts[:-1]:
        joined = key_of(joined, part).removeprefix(".")
    return joined


def _row(found: _Found, problems: tuple[Problem, ...], whole: Mapping[str, Dimension]) -> Row:
    table = found.value if isinstance(found.value, dict) else {}
    kind = table.get("type")
    dimension = whole.get(found.name)
    if dimension is not None and dimension.written == found.value:
        summary = dimension.describe()
    else:
        summary = _best_effort(found.value)
    return Row(
        key=found.key,
        name=found.name,
        depth=found.depth,
        option=found.option,
        type=kind if isinstance(kind, str) else "" if kind is None else shown(kind),
        table=table,
        problems=problems,
        summary=summary,
    )


def _best_effort(value: Any) -> str:
    """Return what is written of a broken dimension."""
    if not isinstance(value, dict):
        return shown(value)
    options = value.get("options")
    if isinstance(options, list):
        names = [o.get("name", o) if isinstance(o, dict) else o for o in options]
        return " | ".join(name if isinstance(name, str) else shown(name) for name in names)
    return ", ".join(f"{name} = {shown(item)}" for name, item in value.items() if name != "type")
