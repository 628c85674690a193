"""Changing the text of a parameter file: everything that is not changed stays as it was written."""

from __future__ import annotations

import difflib
import tomllib
from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import ParamsError, Problem
from trialdeck.core.params.blocks import (
    Kind,
    Statement,
    join,
    last_of_block,
    owned_by,
    split,
    without,
)
from trialdeck.core.params.syntax import load_toml
from trialdeck.core.params.toml_text import dotted, render, render_pair, split_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Path = tuple[str, ...]

_SOURCE = "the parameters"


def set_values(text: str, values: Mapping[str, Any]) -> str:
    """Return `text` with the values at these dotted keys; missing tables and keys are made.

    A dict becomes a table in braces. None takes a key away. Raises ParamsError when `text` is no
    TOML, for a key that is none, or one that goes through a value which is no table.
    """
    load_toml(text, _SOURCE)
    return with_plain_lines(text, lambda plain: _set_all(plain, values))


def without_backends(text: str) -> str:
    """Return `text` without [backends…]; comments stay with the tables that they head."""
    load_toml(text, _SOURCE)
    return with_plain_lines(text, lambda plain: _remove(plain, ("backends",)))


def with_backends_of(text: str, other: str) -> str:
    """Return `text`, which has no [backends…], with those of `other` at its end."""
    load_toml(other, _SOURCE)
    return with_plain_lines(text, lambda plain: _add_backends(plain, _plain(other)))


def difference(old: str, new: str, old_name: str, new_name: str) -> str:
    """Return how two texts differ, for people: lines with - and +, with a line around them."""
    lines = difflib.unified_diff(
        old.replace("\r\n", "\n").splitlines(),
        new.replace("\r\n", "\n").splitlines(),
        old_name,
        new_name,
        n=1,
        lineterm="",
    )
    return "\n".join("  …" if line.startswith("@@") else line for line in lines)


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def with_plain_lines(text: str, change: Callable[[str], str]) -> str:
    """Change the text without its byte order mark and its carriage returns, and put them back."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    changed = change(_plain(text))
    return mark + (changed.replace("\n", "\r\n") if "\r\n" in text else changed)


def _add_backends(text: str, other: str) -> str:
    statements = split(other)
    owned = owned_by(statements, ("backends",))
    top = tables = ""
    for number in sorted(owned):
        one = statements[number]
        if one.kind is Kind.PAIR and not one.table:
            top += one.text  # backends.local.cores = 4, above all tables
        else:
            tables += ("" if number - 1 in owned else "\n") + one.text
    return top + _joined(text, tables, "") if tables else top + text


def _set_all(text: str, values: Mapping[str, Any]) -> str:
    for key, value in values.items():
        path = _path(key)
        present, old = _find(tomllib.loads(text), path)
        if value is None:
            text = _remove(text, path) if present else text
        elif not present or type(old) is not type(value) or old != value:
            text = _set(text, path, value)
    return text


def _path(key: str) -> Path:
    try:
        return split_key(key)
    except ValueError as error:
        problem = Problem(key, "this is no key", "Write a dotted one, such as search.max_trials")
        raise ParamsError(_SOURCE, [problem]) from error


def _no_table(path: Path, number: int, value: Any) -> ParamsError:
    text = f"{dotted(path[:number])} is {render(value)}, which holds no keys"
    return ParamsError(_SOURCE, [Problem(dotted(path), text)])


def _find(tree: Any, path: Path) -> tuple[bool, Any]:
    """Return whether there is a value at `path`, and the value."""
    for number, part in enumerate(path):
        if not isinstance(tree, dict):
            raise _no_table(path, number, tree)
        if part not in tree:
            return False, None
        tree = tree[part]
    return True, tree


def _set(text: str, path: Path, value: Any) -> str:
    statements = split(text)
    for number, one in enumerate(statements):
        if one.kind is Kind.PAIR and path[: len(one.path)] == one.path:
            changed = _changed_pair(one, path, value)
            return join([*statements[:number], changed, *statements[number + 1 :]])
    if any(one.path[: len(path)] == path for one in statements):
        return _set(_remove(text, path), path, value)  # tables of their own become one in braces
    return _insert(statements, path, value)


def _changed_pair(pair: Statement, path: Path, value: Any) -> Statement:
    import tomlkit  # slow to load, and only a change needs it

    document = tomlkit.parse(pair.text)
    way = list(path[len(pair.table) :])
    container: Any = document
    while len(way) > 1 and way[0] in container:
        container = container[way.pop(0)]
    while len(way) > 1:
        value = {way.pop(): value}
    item = tomlkit.value(render_pair("", value).removeprefix(" = ").rstrip())
    if way[0] not in container and " }" in pair.text:
        item.trivia.trail = " "
    container[way[0]] = item
    return Statement(pair.kind, tomlkit.dumps(document), pair.table, pair.path)


def _insert(statements: list[Statement], path: Path, value: Any) -> str:
    """Add a pair below the last one of its table, which is made where it is missing."""
    tables = {one.path: number for number, one in enumerate(statements) if one.kind is Kind.TABLE}
    tables[()] = -1
    home = next(path[:n] for n in range(len(path) - 1, -1, -1) if path[:n] in tables)
    between = path[: len(home) + 1]
    below = [one for one in statements if one.path[: len(between)] == between]
    has_tables_below = any(one.is_header for one in below)
    if between == path or (not has_tables_below and (home or below)):
        line = render_pair(dotted(path[len(home) :]), value)
        number = last_of_block(statements, tables[home]) + 1
        return _joined(join(statements[:number]), line, join(statements[number:]))
    header = f"[{dotted(path[:-1])}]\n"
    return _joined(join(statements), f"\n{header}{render_pair(dotted(path[-1:]), value)}", "")


def _joined(before: str, added: str, after: str) -> str:
    if before and not before.endswith("\n"):
        before += "\n"
    return before + (added if before else added.lstrip("\n")) + after


def _remove(text: str, path: Path) -> str:
    statements = split(text)
    for number, one in enumerate(statements):
        if (
            one.kind is Kind.PAIR
            and len(one.path) < len(path)
            and path[: len(one.path)] == one.path
        ):
            changed = _without(one, path)
            return join([*statements[:number], changed, *statements[number + 1 :]])
    return join(without(statements, owned_by(statements, path)))


def _without(pair: Statement, path: Path) -> Statement:
    """Return the pair without a key inside its braces."""
    import tomlkit  # slow to load, and only a change needs it

    document = tomlkit.parse(pair.text)
    *way, last = path[len(pair.table) :]
    container: Any = document
    for part in way:
        container = container[part]
    del container[last]
    return Statement(pair.kind, tomlkit.dumps(document), pair.table, pair.path)
