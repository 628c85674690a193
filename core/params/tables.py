"""A table of the file -> its struct: each value on its own, so that every mistake is told."""

from __future__ import annotations

import datetime
import math
import tomllib
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from trialdeck.core.errors import Fix, Problem
from trialdeck.core.params.mistakes import Mistake, closest, convert, what
from trialdeck.core.params.model import (
    BACKENDS,
    DEFAULT_OBJECTIVE,
    CheckpointsTable,
    CoresTable,
    PruningTable,
    QuickTable,
    ReducedSampleTable,
    SearchTable,
    Table,
)
from trialdeck.core.params.ssh_keys import host_name_problem
from trialdeck.core.params.toml_text import dotted
from trialdeck.core.reading import fix_of, rename_fix, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.core.params.model import Reader

T = TypeVar("T", bound=Table)

TABLES: dict[str, tuple[str, ...]] = {
    "search": SearchTable.__struct_fields__,
    "fixed": (),
    "space": (),
    "pruning": PruningTable.__struct_fields__,
    "cores": CoresTable.__struct_fields__,
    "checkpoints": CheckpointsTable.__struct_fields__,
    "reduced_sample": ReducedSampleTable.__struct_fields__,
    "quick": QuickTable.__struct_fields__,
    "backends": tuple(BACKENDS),
}

# of keys that every file must have
EXAMPLES = {"name": '"my-search"', "objective": f'"{DEFAULT_OBJECTIVE}"', "fraction": "0.1"}


def table_in(data: Mapping[str, Any], path: tuple[str, ...], problems: list[Problem]) -> Any:
    """Return data[path[-1]] if it is a table, else {}; anything but a table is a problem."""
    value = data.get(path[-1], {})
    if isinstance(value, dict):
        return value
    name = dotted(path)
    text, cure = f"{shown(value)} is {what(value)}; a table is wanted", f"Write [{name}]"
    if isinstance(value, list):
        text, cure = "this is a list of tables; one table is wanted", f"{cure} in single brackets"
    problems.append(Problem(name, text, cure))
    return {}


def read_table(
    kind: type[T],
    data: Mapping[str, Any],
    path: tuple[str, ...],
    problems: list[Problem],
    readers: Mapping[str, Reader] | None = None,
) -> T | None:
    """Return `data` as a struct, or None when a problem was found.

    `readers` are added to those of the struct: they know what the struct cannot (the folder).
    """
    before = len(problems)
    readers = {**kind.READERS, **(readers or {})}
    values = {}
    for field in msgspec.structs.fields(kind):
        if field.name not in data:
            if field.required:
                cure = f"For example: {field.name} = {EXAMPLES[field.name]}"
                key = dotted([*path, field.name])
                example = tomllib.loads(f"value = {EXAMPLES[field.name]}")["value"]
                fix = fix_of({key: example})
                problems.append(Problem(key, "this key is missing", cure, (fix,)))
            continue
        if field.name in kind.TABLES:
            values[field.name] = _read_tables(
                kind.TABLES[field.name], data, (*path, field.name), problems
            )
            continue
        try:
            reader = readers.get(field.name)
            value = data[field.name]
            values[field.name] = reader(value) if reader else convert(value, field.type)
        except Mistake as mistake:
            problems.append(mistake.at(*path, field.name))
    check_names(data, kind.__struct_fields__, path, problems)
    return None if len(problems) > before else kind(**values)


def _read_tables(
    kind: type[Table], data: Mapping[str, Any], path: tuple[str, ...], problems: list[Problem]
) -> dict[str, dict[str, Any]]:
    """Return the tables by name that are at the end of `path`, with the keys that they have."""
    found = {}
    tables = table_in(data, path, problems)
    for name in tables:
        if said := host_name_problem(name):
            problems.append(Problem(dotted([*path, name]), said, "Give it another name"))
        given = table_in(tables, (*path, name), problems)
        table = read_table(kind, given, (*path, name), problems)
        if table is not None:
            found[name] = {key: getattr(table, key) for key in given}
    return found


def check_names(
    data: Mapping[str, Any],
    known: tuple[str, ...],
    path: tuple[str, ...],
    problems: list[Problem],
) -> None:
    """Add a problem for every key of the table at `path` that is not known there."""
    problems.extend(_unknown(name, known, path, data) for name in data if name not in known)


def _unknown(
    name: str, known: tuple[str, ...], path: tuple[str, ...], data: Mapping[str, Any]
) -> Problem:
    key = dotted([*path, name])
    fixes = [fix_of({key: None})]
    here = f"[{dotted(path)}]" if path else "the file"
    others = [table for table, names in TABLES.items() if name in names and (table,) != path]
    if others:
        wrong_place = f"there is no such key in {here}"
        fixes = [
            Fix(f"move it to [{table}]", {key: None, dotted([table, name]): data[name]})
            for table in others
        ] + fixes
        cure = f"It belongs to {' or '.join(f'[{t}]' for t in others)}"
        return Problem(key, wrong_place, cure, tuple(fixes))
    kind = "key" if path else "table"
    guess = closest(name, known)
    cure = f"Did you mean {guess}?" if guess else f"Known are {', '.join(known)}"
    if guess and guess not in data:
        fixes.insert(0, rename_fix(dotted(path), name, guess, data[name]))
    return Problem(key, f"there is no such {kind} in {here}", cure, tuple(fixes))


def read_backends(data: Any, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    """Return the tables of [backends], each checked by the struct of its backend."""
    found = {}
    for name in data:
        if name not in BACKENDS:
            guess = closest(name, BACKENDS)
            cure = f"Did you mean {guess}? " if guess else ""
            cure += f"Known are {', '.join(BACKENDS)}"
            key = dotted(["backends", name])
            fixes = [fix_of({key: None})]
            if guess and guess not in data:
                fixes.insert(0, rename_fix("backends", name, guess, data[name]))
            problems.append(Problem(key, "there is no such backend", cure, tuple(fixes)))
            continue
        path = ("backends", name)
        given = table_in(data, path, problems)
        table = read_table(BACKENDS[name], given, path, problems)
        if table is not None:
            found[name] = {key: getattr(table, key) for key in given}
            _check_host(found[name], path, problems)
    return found


def _check_host(table: Mapping[str, Any], path: tuple[str, ...], problems: list[Problem]) -> None:
    """Add a problem if `host` is none of the hosts that there are."""
    host, hosts = table.get("host"), table.get("hosts")
    if host and hosts is not None and host not in hosts:
        guess = closest(host, hosts)
        known = f"There is {', '.join(hosts)}" if hosts else "There are none"
        key = dotted([*path, "host"])
        fixes = (fix_of({key: guess}),) if guess else ()
        cure = f"Did you mean {guess}?" if guess else known
        problems.append(Problem(key, f"there is no host {shown(host)}", cure, fixes))


def check_json(value: Any, path: tuple[str, ...], problems: list[Problem]) -> None:
    """Add a problem for everything in a value of [fixed] that JSON has no word for."""
    key = dotted(path)
    as_text = () if isinstance(value, dict | list) else (fix_of({key: shown(value)}),)
    if isinstance(value, (datetime.date, datetime.time)):
        text = f"{shown(value)} is a date or time, which the history cannot store"
        cure = f'Write it as text: "{shown(value)}"'
        problems.append(Problem(key, text, cure, as_text))
    elif isinstance(value, float) and not math.isfinite(value):
        text = f"{shown(value)} is not finite, which the history cannot store"
        cure = f'Write it as text, "{shown(value)}", and use float() in the objective'
        problems.append(Problem(key, text, cure, as_text))
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        text = f"{shown(value)} has more than 64 bits, which the history cannot store"
        cure = "Write it as text, and use int() in the objective"
        problems.append(Problem(key, text, cure, as_text))
    elif isinstance(value, dict):
        for name, item in value.items():
            check_json(item, (*path, name), problems)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            check_json(item, (*path, str(number)), problems)
