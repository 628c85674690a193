"""One change to the text of a parameter file, also inside the options of a choice.

Keys are dotted paths in which an option goes by its name. Everything raises ParamsError when the
text is no TOML, and EditError for a change that cannot be made.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from trialdeck.core.errors import EditError
from trialdeck.core.params import inside
from trialdeck.core.params.blocks import Kind, Statement, join, split
from trialdeck.core.params.rows import parent_key, steps_to, value_of
from trialdeck.core.params.scan import Entry, Value, entry_at, scan_pair, value_at
from trialdeck.core.params.syntax import load_toml
from trialdeck.core.params.toml_text import PART, dotted, render, render_pair, split_key
from trialdeck.core.params.write import set_values, with_plain_lines
from trialdeck.core.reading import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.core.errors import Fix
    from trialdeck.core.params.rows import Steps

_SOURCE = "the parameters"
_HEADER = re.compile(r"[ \t]*\[\[?")


class Spot(NamedTuple):
    """A value inside the braces or brackets of a pair: entry `number` of `holder` there."""

    statements: list[Statement]
    at: int  # the number of the pair
    holder: Value
    number: int

    @property
    def entry(self) -> Entry:
        """The entry itself."""
        return self.holder.entries[self.number]

    @property
    def text(self) -> str:
        """The text of the pair."""
        return self.statements[self.at].text

    def written(self, text: str) -> str:
        """Return the whole text with another one for the pair."""
        return _with_pair(self.statements, self.at, text)


def load(text: str) -> dict[str, Any]:
    """Return the tables of the text."""
    return load_toml(text, _SOURCE)


def way_to(data: Mapping[str, Any], key: str) -> Steps:
    """Return the steps to what a key names, which must exist."""
    try:
        steps = steps_to(data, key)
    except ValueError as error:
        raise EditError(f"{key!r} is no key") from error
    if value_of(data, steps) is None:
        raise EditError(f"there is no {key} in the parameters any more")
    return steps


def set_value(text: str, key: str, value: Any) -> str:
    """Return the text with one value; None takes the key away."""
    data = load(text)
    try:
        steps = steps_to(data, key)
    except ValueError as error:
        raise EditError(f"{key!r} is no key") from error
    old = value_of(data, steps)
    if type(old) is type(value) and old == value:
        return text
    if not any(isinstance(step, int) for step in steps) and _pair_around(split(text), steps) < 0:
        return set_values(text, {key: value})
    return with_plain_lines(text, lambda plain: _set_inside(plain, steps, value))


def renamed(text: str, key: str, new: str) -> tuple[str, str]:
    """Return the text with the last part of a key changed in its place, and the new key."""
    data = load(text)
    steps = way_to(data, key)
    above = parent_key(key)
    new_key = key_of(above, new).removeprefix(".")
    if steps[-1] == new:
        return text, key
    if new in value_of(data, steps[:-1]):
        raise EditError(f"the name {new} is already taken by {new_key}")
    return with_plain_lines(text, lambda plain: _renamed(plain, steps, new)), new_key


def fixed(text: str, fix: Fix) -> str:
    """Return the text with a fix written into it."""
    data = load(text)
    taken = [key for key, value in fix.values.items() if value is None]
    given = [key for key, value in fix.values.items() if value is not None]
    if len(taken) == len(given) == 1 and parent_key(taken[0]) == parent_key(given[0]):
        old, new = (steps_to(data, keys[0]) for keys in (taken, given))
        if value_of(data, old) == fix.values[given[0]] and value_of(data, new) is None:
            return renamed(text, taken[0], split_key(given[0])[-1])[0]
    for key, value in fix.values.items():
        text = set_value(text, key, value)
    return text


def line_of(text: str, key: str) -> int | None:
    """Return the line, from 1, on which a key is written."""
    text = text.replace("\r\n", "\n")
    data = load(text)
    try:
        steps = steps_to(data, key)
    except ValueError:
        return None
    if value_of(data, steps) is None:
        return None
    statements = split(text)
    at = _pair_around(statements, steps)
    within = 0
    if at >= 0:
        found = entry_at(scan_pair(statements[at].text), steps[len(statements[at].path) :])
        within = (
            statements[at].text.count("\n", 0, found[0].entries[found[1]].start) if found else 0
        )
    else:
        at = next(n for n, one in enumerate(statements) if _leads_to(one, steps))
    return 1 + join(statements[:at]).count("\n") + within


def spot_of(text: str, steps: Steps) -> tuple[str, Spot | None]:
    """Return where a value stands inside a pair; None when it has statements of its own.

    A choice whose options are written as tables of their own, or whose keys are in pieces, is
    written anew in braces first: hence the text.
    """
    for attempt in (text, _in_braces(text, steps)):
        statements = split(attempt)
        at = _pair_around(statements, steps)
        if at >= 0:
            rest = steps[len(statements[at].path) :]
            found = entry_at(scan_pair(statements[at].text), rest)
            if found is not None:
                return attempt, Spot(statements, at, *found)
        elif not any(isinstance(step, int) for step in steps):
            return text, None
    raise EditError(f"{dotted(map(str, steps))} is written in a way that only the text can change")


def rendered(value: Any) -> str:
    """Return a value as TOML, a list of tables with one of them per line."""
    return render_pair("", value).removeprefix(" = ").rstrip()


def rename_statement(statement: Statement, path: Steps, new: str) -> Statement:
    """Return a statement at or below `path`, a table's header or a pair, with a new last part."""
    if statement.kind is Kind.PAIR and len(statement.table) >= len(path):
        return statement  # its table's header says it
    text = statement.text
    header = _HEADER.match(text) if statement.is_header else None
    start = header.end() if header else 0
    number = len(path) - 1 - (0 if header else len(statement.table))
    parts = list(re.finditer(PART, text[: text.index("\n")] if "\n" in text else text))
    parts = [part for part in parts if part.start() >= start]
    part = parts[number]
    after = text[part.end() :]
    key = dotted([new])
    gap = len(after) - len(after.lstrip(" "))
    if header is None and gap > 1 and after.lstrip(" ").startswith("="):
        # the = stays below the others, where there is room
        after = " " * max(1, gap + len(part[0]) - len(key)) + after.lstrip(" ")
    changed = (*statement.path[: len(path) - 1], new, *statement.path[len(path) :])
    return Statement(
        statement.kind,
        text[: part.start()] + key + after,
        statement.table,
        tuple(map(str, changed)),
    )


def _set_inside(text: str, steps: Steps, value: Any) -> str:
    if value_of(load(text), steps) is None:
        return text if value is None else _added_inside(text, steps, value)
    text, spot = spot_of(text, steps)
    if spot is None:
        return set_values(text, {dotted(map(str, steps)): value})
    if value is None:
        return spot.written(inside.removed(spot.text, spot.holder, spot.number))
    return spot.written(inside.replaced(spot.text, spot.entry.value, render(value)))


def _added_inside(text: str, steps: Steps, value: Any) -> str:
    *above, last = steps
    parent = value_of(load(text), above)
    if not isinstance(parent, dict | list):
        raise EditError(f"there is no {dotted(map(str, above))} in the parameters")
    new = render(value) if isinstance(parent, list) else f"{dotted([str(last)])} = {render(value)}"
    text, statements, at, holder = _holder(text, tuple(above))
    changed = inside.inserted(statements[at].text, holder, len(holder.entries), new)
    return _with_pair(statements, at, changed)


def _holder(text: str, steps: Steps) -> tuple[str, list[Statement], int, Value]:
    """Return where a list or a table in braces stands."""
    for attempt in (text, _in_braces(text, steps)):
        statements = split(attempt)
        for at, one in enumerate(statements):
            if one.kind is Kind.PAIR and steps[: len(one.path)] == one.path:
                value = value_at(scan_pair(one.text), steps[len(one.path) :])
                if value is not None:
                    return attempt, statements, at, value
    raise EditError(f"{dotted(map(str, steps))} is written in a way that only the text can change")


def _in_braces(text: str, steps: Steps) -> str:
    """Return the text with the pair around, or the outermost list on the way, written anew."""
    statements = split(text)
    at = _pair_around(statements, steps)
    if at >= 0:
        pair = scan_pair(statements[at].text)
        whole = rendered(value_of(load(text), statements[at].path))
        changed = inside.replaced(statements[at].text, pair.value, whole)
        return _with_pair(statements, at, changed)
    lists = [number for number, step in enumerate(steps) if isinstance(step, int)]
    if not lists:
        return text
    path = steps[: lists[0]]
    value, key = value_of(load(text), path), dotted(map(str, path))
    return set_values(set_values(text, {key: None}), {key: value})


def _renamed(text: str, steps: Steps, new: str) -> str:
    text, spot = spot_of(text, steps)
    if spot is not None:
        key = dotted([*spot.entry.key[:-1], new])
        return spot.written(inside.renamed(spot.text, spot.entry, key))
    statements = [
        rename_statement(one, steps, new) if one.is_written and _leads_to(one, steps) else one
        for one in split(text)
    ]
    return join(statements)


def _leads_to(statement: Statement, steps: Steps) -> bool:
    return statement.is_written and statement.path[: len(steps)] == steps


def _pair_around(statements: list[Statement], steps: Steps) -> int:
    """Return the number of the pair that has the steps inside its braces, -1 for none."""
    for number, one in enumerate(statements):
        if (
            one.kind is Kind.PAIR
            and len(one.path) < len(steps)
            and steps[: len(one.path)] == one.path
        ):
            return number
    return -1


def _with_pair(statements: list[Statement], at: int, text: str) -> str:
    one = statements[at]
    changed = Statement(one.kind, text, one.table, one.path)
    return join([*statements[:at], changed, *statements[at + 1 :]])
