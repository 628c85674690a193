"""Adding, copying, moving and deleting dimensions in the text of a parameter file.

A dimension of [space] is moved with its lines: as a pair (``x = {…}``) or as a table ([space.x]),
and the comment directly above goes with it. What an option carries stands inside braces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import EditError
from trialdeck.core.params import inside
from trialdeck.core.params.blocks import Kind, Statement, block_of, join, split, without
from trialdeck.core.params.edits import (
    load,
    rename_statement,
    renamed,
    set_value,
    spot_of,
    way_to,
)
from trialdeck.core.params.new_dimensions import new_table
from trialdeck.core.params.new_dimensions import retyped as retyped_table
from trialdeck.core.params.option_edits import carrying
from trialdeck.core.params.rows import carried_keys, nested, parent_key, value_of
from trialdeck.core.params.scan import scan_pair
from trialdeck.core.params.toml_text import dotted, render_pair
from trialdeck.core.params.write import with_plain_lines
from trialdeck.core.reading import key_of
from trialdeck.core.space_reading import names_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.core.params.rows import Steps


def add(
    text: str, kind: str, name: str | None, after: str | None, under: tuple[str, str | int] | None
) -> tuple[str, str]:
    """Return the text with another dimension, and its key."""
    data = load(text)
    name = name if name is not None else fresh_name(data, "x")
    if under is not None:
        text, above = carrying(text, *under)
        data = load(text)
    else:
        above = parent_key(after) if after else "space"
    key, table = key_of(above, name), new_table(kind)
    holder = value_of(data, way_to(data, above)) if above != "space" else data.get("space", {})
    if not isinstance(holder, dict):
        raise EditError(f"{above} is no table")
    if name in holder:
        raise EditError(f"the name {name} is already taken by {key}")
    if after is None or parent_key(after) != above:
        return set_value(text, key, table), key
    steps = way_to(data, after)
    pair = render_pair(dotted([name]), table)
    return with_plain_lines(text, lambda plain: _added_after(plain, steps, name, pair)), key


def duplicate(text: str, key: str) -> tuple[str, str]:
    """Return the text with a copy of a dimension below it, and the key of the copy."""
    data = load(text)
    steps = way_to(data, key)
    name = fresh_name(data, str(steps[-1]))
    copy = key_of(parent_key(key), name)
    text = with_plain_lines(text, lambda plain: _copied(plain, steps, name))
    data = load(text)
    # What its options carry needs names of its own too; the deepest first, so that keys stay.
    for inner in reversed(list(carried_keys(copy, value_of(data, way_to(data, copy))))):
        old = str(way_to(load(text), inner)[-1])
        text = renamed(text, inner, fresh_name(load(text), old))[0]
    return text, copy


def deleted(text: str, key: str) -> str:
    """Return the text without a dimension and the comment directly above it."""
    steps = way_to(load(text), key)

    def drop(plain: str) -> str:
        plain, spot = spot_of(plain, steps)
        if spot is not None:
            return spot.written(inside.removed(spot.text, spot.holder, spot.number))
        statements = split(plain)
        return join(without(statements, _block(statements, steps)))

    return with_plain_lines(text, drop)


def moved(text: str, key: str, by: int) -> str:
    """Return the text in which a dimension and its neighbour have changed places."""
    data = load(text)
    steps = way_to(data, key)
    table = value_of(data, steps[:-1])
    names = list(table) if len(steps) == 2 else list(nested(table))
    place = names.index(str(steps[-1]))
    if not 0 <= place + by < len(names):
        return text
    first, second = ((*steps[:-1], names[number]) for number in sorted((place, place + by)))
    return with_plain_lines(text, lambda plain: _swapped(plain, first, second))


def retyped(text: str, key: str, kind: str) -> str:
    """Return the text with another type for a dimension, and the values that go with it."""
    data = load(text)
    old = value_of(data, way_to(data, key))
    if not isinstance(old, dict):
        return set_value(text, key, new_table(kind))
    new = retyped_table(old, kind)
    for name in {**new, **old}:
        text = set_value(text, key_of(key, name), new.get(name))
    return text


def fresh_name(data: Mapping[str, Any], name: str) -> str:
    """Return the name, or the name with a number, that nothing in [space] or [fixed] has."""
    taken = {*names_in(data.get("space", {})), *names_in(data.get("fixed", {}))}
    base, _, number = name.rpartition("_")
    if not (base and number.isdecimal()):
        base = name
    candidates = [name, *(f"{base}_{count}" for count in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if candidate not in taken)


def _added_after(text: str, steps: Steps, name: str, pair: str) -> str:
    text, spot = spot_of(text, steps)
    if spot is not None:
        new = inside.inserted(spot.text, spot.holder, spot.number + 1, pair.rstrip("\n"))
        return spot.written(new)
    statements = split(_ended(text))
    block = _block(statements, steps)
    written = [statements[number] for number in block if statements[number].is_written]
    if written[0].is_header:
        header = f"[{dotted([*map(str, steps[:-1]), name])}]"
        pair = f"\n{header}\n{_lines(pair)}"
    elif len(written[0].table) < len(steps) - 1:  # space.x = {…}, above all tables
        pair = dotted(map(str, steps[len(written[0].table) : -1])) + "." + pair
    end = block.stop
    return join(statements[:end]) + pair + join(statements[end:])


def _lines(text: str) -> str:
    """Return the pairs of a table in braces as lines."""
    entries = scan_pair(text).value.entries
    return "".join(f"{text[entry.start : entry.end]}\n" for entry in entries)


def _copied(text: str, steps: Steps, name: str) -> str:
    text, spot = spot_of(text, steps)
    if spot is not None:
        value = spot.entry.value
        pair = f"{dotted([name])} = {spot.text[value.start : value.end]}"
        return spot.written(inside.inserted(spot.text, spot.holder, spot.number + 1, pair))
    statements = split(_ended(text))
    block = _block(statements, steps)
    first = next(number for number in block if statements[number].is_written)
    copies = [
        rename_statement(one, steps, name) if one.is_written else one
        for one in statements[first : block.stop]
    ]
    gap = "\n" if copies[0].is_header else ""
    return join(statements[: block.stop]) + gap + join(copies) + join(statements[block.stop :])


def _swapped(text: str, first: Steps, second: Steps) -> str:
    text, one = spot_of(text, first)
    text, other = spot_of(text, second)
    if one is not None and other is not None:
        text, one = spot_of(text, first)
        if one is None or one.holder != other.holder:
            raise _apart(first, second)
        return other.written(inside.swapped(other.text, other.holder, one.number, other.number))
    statements = split(_ended(text))
    blocks = [_block(statements, steps) for steps in (first, second)]
    if blocks[0].start > blocks[1].start:
        raise _apart(first, second)
    parts = [[statements[number] for number in block] for block in blocks]
    kinds = [next(s for s in part if s.is_written) for part in parts]
    if kinds[1].is_header and not kinds[0].is_header:
        parts[0] = _as_table(parts[0], first)
        parts[1].insert(0, Statement(Kind.BLANK, "\n"))
        if statements[blocks[1].stop :] and statements[blocks[1].stop].kind is not Kind.BLANK:
            parts[0].append(Statement(Kind.BLANK, "\n"))
    elif kinds[0].is_header != kinds[1].is_header or (
        kinds[0].table != kinds[1].table and not kinds[0].is_header
    ):
        raise _apart(first, second)
    between = statements[blocks[0].stop : blocks[1].start]
    before, after = statements[: blocks[0].start], statements[blocks[1].stop :]
    return join([*before, *parts[1], *between, *parts[0], *after])


def _as_table(block: list[Statement], steps: Steps) -> list[Statement]:
    """Return a pair ``x = {…}`` as a table [space.x], which can stand below another table."""
    *comments, pair = block
    value = scan_pair(pair.text).value
    if any(one.is_written for one in comments) or value.kind != "{":
        raise EditError(f"{dotted(map(str, steps))} can only be moved in the text")
    path = tuple(map(str, steps))
    note = pair.text[value.end :].rstrip("\n")
    header = f"[{dotted(path)}]{note}\n"
    lines = _lines(pair.text)
    return [*comments, Statement(Kind.TABLE, header + lines, pair.table, path)]


def _block(statements: list[Statement], steps: Steps) -> range:
    block = block_of(statements, tuple(map(str, steps)))
    if block is None:
        raise EditError(f"{dotted(map(str, steps))} is written in several places: use the text")
    return block


def _apart(first: Steps, second: Steps) -> EditError:
    names = [str(steps[-1]) for steps in (first, second)]
    return EditError(f"{names[0]} and {names[1]} stand in different places: move them in the text")


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
