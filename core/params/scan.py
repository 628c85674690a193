"""Where every value stands in the text of one pair, so that a change inside it is a small one.

The text must be valid TOML: nothing is checked here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialdeck.core.params.toml_text import KEY, split_key

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEY = re.compile(KEY)
_SKIPPED = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]+"  # the only value with a space in it
    r"|[^\s,\]}#]+",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Value:
    """A value from `start` to `end`; `entries` are what a list or a table in braces holds."""

    start: int
    end: int
    kind: str  # "[", "{", or "" for all else
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A value in a list, where `key` is (), or a pair in braces, whose key begins at `start`."""

    start: int
    key_end: int
    key: tuple[str, ...]
    value: Value

    @property
    def end(self) -> int:
        """Where the value ends."""
        return self.value.end


def scan_pair(text: str) -> Entry:
    """Return where the key and the value of ``key = value`` stand."""
    return _pair(text, 0)


def entry_at(pair: Entry, steps: Sequence[str | int]) -> tuple[Value, int] | None:
    """Return the list or table that holds what `steps` lead to, and the number of the entry there.

    Steps are keys and places in lists, from the pair's value on. None when there is no such entry,
    and when its key is written in pieces (``a.b = 1, a.c = 2``).
    """
    value = pair.value
    rest = list(steps)
    while rest:
        found = _find(value, rest)
        if found is None:
            return None
        number, used = found
        if used == len(rest):
            return value, number
        value, rest = value.entries[number].value, rest[used:]
    return None


def value_at(pair: Entry, steps: Sequence[str | int]) -> Value | None:
    """Return the value that `steps` lead to, the pair's own for none."""
    if not steps:
        return pair.value
    found = entry_at(pair, steps)
    return found[0].entries[found[1]].value if found else None


def _find(value: Value, steps: Sequence[str | int]) -> tuple[int, int] | None:
    """Return the number of the entry that is first on the way, and how many steps it takes."""
    first = steps[0]
    if value.kind == "[":
        known = isinstance(first, int) and first < len(value.entries)
        return (first, 1) if known and isinstance(first, int) else None
    for number, entry in enumerate(value.entries):
        if tuple(steps[: len(entry.key)]) == entry.key:
            return number, len(entry.key)
    return None


def _pair(text: str, start: int) -> Entry:
    match = _KEY.match(text, start)
    if match is None:
        raise ValueError(f"no key at {start} of {text!r}")
    equals = text.index("=", match.end())
    key = match[0].strip()
    begin = start + len(match[0]) - len(match[0].lstrip())
    value = _value(text, _skip(text, equals + 1))
    return Entry(begin, begin + len(key), split_key(key), value)


def _value(text: str, start: int) -> Value:
    opening = text[start]
    if opening not in "[{":
        match = _SCALAR.match(text, start)
        if match is None:
            raise ValueError(f"no value at {start} of {text!r}")
        return Value(start, match.end(), "")
    closing = "]" if opening == "[" else "}"
    entries: list[Entry] = []
    place = _skip(text, start + 1)
    while text[place] != closing:
        if opening == "{":
            entry = _pair(text, place)
        else:
            value = _value(text, place)
            entry = Entry(place, place, (), value)
        entries.append(entry)
        place = _skip(text, entry.end)
        if text[place] == ",":
            place = _skip(text, place + 1)
    return Value(start, place + 1, opening, tuple(entries))


def _skip(text: str, start: int) -> int:
    match = _SKIPPED.match(text, start)
    return match.end() if match else start
