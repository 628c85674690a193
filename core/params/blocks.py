"""The text of a parameter file as statements, so that a change touches nothing else.

A TOML library that rewrites the whole file puts new keys below the comment that heads the next
table, and deletes that comment with a table. Text in pieces has neither fault.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from trialdeck.core.params.toml_text import KEY, path_of, split_key

if TYPE_CHECKING:
    from collections.abc import Collection

_PAIR = re.compile(rf"({KEY})=")


class Kind(Enum):
    """What a statement is."""

    TABLE = "[table]"
    ARRAY = "[[array of tables]]"
    PAIR = "key = value"
    COMMENT = "# comment"
    BLANK = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """Whole lines. `path` is the table's, or the pair's with that of its table in front."""

    kind: Kind
    text: str
    table: tuple[str, ...] = ()
    path: tuple[str, ...] = ()

    @property
    def is_header(self) -> bool:
        """Whether it begins a table."""
        return self.kind in (Kind.TABLE, Kind.ARRAY)

    @property
    def is_written(self) -> bool:
        """Whether it is more than a comment or a blank line."""
        return self.kind not in (Kind.COMMENT, Kind.BLANK)


def split(text: str) -> list[Statement]:
    """Return the statements of a valid TOML text; put together they are the text."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    statements: list[Statement] = []
    table: tuple[str, ...] = ()
    while lines:
        statement = _next(lines, table)
        table = statement.path if statement.is_header else table
        statements.append(statement)
    return statements


def join(statements: list[Statement]) -> str:
    """Return the text of the statements."""
    return "".join(statement.text for statement in statements)


def owned_by(statements: list[Statement], path: tuple[str, ...]) -> set[int]:
    """Return the numbers of the statements that are the tables `path…`, or pairs below it.

    The comment lines directly above a table's header are the table's; so are those between its
    pairs. What follows its last pair is not, unless it follows directly and heads no other table.
    """
    owned: set[int] = set()
    for number, statement in enumerate(statements):
        if statement.path[: len(path)] == path and statement.kind not in (Kind.COMMENT, Kind.BLANK):
            owned.add(number)
            if statement.is_header:
                owned.update(_comments_above(statements, number))
                owned.update(range(number, last_of_block(statements, number) + 1))
                owned.update(_comments_below(statements, last_of_block(statements, number)))
    return owned


def block_of(statements: list[Statement], path: tuple[str, ...]) -> range | None:
    """Return the numbers of the statements that write one value, with the comment above the first.

    None when nothing writes it, and when other things stand between them.
    """
    owned = owned_by(statements, path)
    if not owned:
        return None
    first = _comments_above(statements, min(owned)).start
    between = range(first, max(owned) + 1)
    strangers = [n for n in between if n not in owned and statements[n].is_written]
    return None if strangers else between


def without(statements: list[Statement], numbers: Collection[int]) -> list[Statement]:
    """Return the other statements; blank lines around a gap do not add up."""
    kept: list[Statement] = []
    gap = False  # between what is kept, where blank lines would add up
    for number, one in enumerate(statements):
        doubled = gap and one.kind is Kind.BLANK and (not kept or kept[-1].kind is Kind.BLANK)
        if number in numbers:
            gap = True
        elif not doubled:
            gap = False
            kept.append(one)
    while gap and kept and kept[-1].kind is Kind.BLANK:
        kept.pop()
    return kept


def last_of_block(statements: list[Statement], header: int) -> int:
    """Return the number of the last pair below a header, or of the header itself.

    `header` -1 stands for the top of the file, before the first table.
    """
    last = header
    for number in range(header + 1, len(statements)):
        if statements[number].is_header:
            break
        if statements[number].kind is Kind.PAIR:
            last = number
    return last


def _next(lines: list[str], table: tuple[str, ...]) -> Statement:
    """Take the lines of one statement away from the front of `lines`."""
    start = lines[0].strip()
    if not start:
        return Statement(Kind.BLANK, lines.pop(0), table)
    if start.startswith("#"):
        return Statement(Kind.COMMENT, lines.pop(0), table)
    if start.startswith("["):
        kind = Kind.ARRAY if start.startswith("[[") else Kind.TABLE
        return Statement(kind, lines[0], table, path_of(tomllib.loads(lines.pop(0))))
    match = _PAIR.match(lines[0])
    if match is None:
        raise ValueError(f"no key = value: {lines[0]!r}")
    return Statement(Kind.PAIR, _pair(lines), table, (*table, *split_key(match[1])))


def _pair(lines: list[str]) -> str:
    """Take the lines up to where they can be read: a value of several lines cannot before."""
    text = ""
    while lines:
        text += lines.pop(0)
        try:
            tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            continue
        break
    return text


def _comments_above(statements: list[Statement], number: int) -> range:
    first = number
    while first > 0 and statements[first - 1].kind is Kind.COMMENT:
        first -= 1
    return range(first, number)


def _comments_below(statements: list[Statement], number: int) -> range:
    end = number + 1
    while end < len(statements) and statements[end].kind is Kind.COMMENT:
        end += 1
    heads_a_table = end < len(statements) and statements[end].is_header
    return range(number + 1, number + 1 if heads_a_table else end)
