"""Changing what stands inside a list or a table in braces, and nothing beside it.

Every function takes the text, the list or table there (`scan`), and returns the new text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialdeck.core.params.scan import Entry, Value

_END_OF_LINE = re.compile(r"[ \t]*,?[ \t]*(?:#[^\n]*)?(?:\r?\n)")
_COMMENT_LINE = re.compile(r"[ \t]*#[^\n]*\n")


def replaced(text: str, value: Value, new: str) -> str:
    """Write another value in its place."""
    return text[: value.start] + new + text[value.end :]


def renamed(text: str, entry: Entry, new: str) -> str:
    """Write another key in its place."""
    return text[: entry.start] + new + text[entry.key_end :]


def removed(text: str, holder: Value, number: int) -> str:
    """Take an entry out, with its comma; with its lines and the comment above where it has them."""
    entry = holder.entries[number]
    lines = _own_lines(text, entry)
    if lines is not None:
        start, end = lines
        return text[: _above(text, start)] + text[end:]
    if len(holder.entries) == 1:
        return text[: holder.start + 1] + text[holder.end - 1 :]
    if number + 1 < len(holder.entries):
        return text[: entry.start] + text[holder.entries[number + 1].start :]
    return text[: holder.entries[number - 1].end] + text[entry.end :]


def inserted(text: str, holder: Value, number: int, new: str) -> str:
    """Put an entry in front of the one of that number, or at the end."""
    entries = holder.entries
    if not entries:
        blank = " " if holder.kind == "{" else ""
        return text[: holder.start + 1] + blank + new + blank + text[holder.end - 1 :]
    if number < len(entries):
        following = entries[number]
        lines = _own_lines(text, following)
        if lines is None:
            return f"{text[: following.start]}{new}, {text[following.start :]}"
        start = _above(text, lines[0])
        return text[:start] + _indented(text, following, new) + text[start:]
    last = entries[-1]
    lines = _own_lines(text, last)
    if lines is None:
        return f"{text[: last.end]}, {new}{text[last.end :]}"
    comma = "" if text[last.end :].lstrip(" \t").startswith(",") else ","
    before, after = text[: lines[1]], text[lines[1] :]
    before = before[: last.end] + comma + before[last.end :]
    return before + _indented(text, last, new) + after


def swapped(text: str, holder: Value, one: int, other: int) -> str:
    """Let two entries change places; what stands between them stays."""
    first, second = (holder.entries[number] for number in sorted((one, other)))
    between = text[first.end : second.start]
    return (
        text[: first.start]
        + text[second.start : second.end]
        + between
        + text[first.start : first.end]
        + text[second.end :]
    )


def _own_lines(text: str, entry: Entry) -> tuple[int, int] | None:
    """Return from where to where the lines go on which nothing but this entry stands, or None."""
    start = text.rfind("\n", 0, entry.start) + 1
    end = _END_OF_LINE.match(text, entry.end)
    if text[start : entry.start].strip() or start == 0 or end is None:
        return None
    return start, end.end()


def _above(text: str, start: int) -> int:
    """Return where the comment lines directly above a line begin."""
    while start:
        before = text.rfind("\n", 0, start - 1) + 1
        if before == 0 or not _COMMENT_LINE.fullmatch(text, before, start):
            break
        start = before
    return start


def _indented(text: str, neighbour: Entry, new: str) -> str:
    """Return a line as that of its neighbour."""
    line = text.rfind("\n", 0, neighbour.start) + 1
    return f"{text[line : neighbour.start]}{new},\n"
