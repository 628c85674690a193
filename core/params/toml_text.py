"""Keys and values as they are written in TOML, without a library that is slow to load."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_BARE = re.compile(r"[A-Za-z0-9_-]+")
PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
KEY = rf"[ \t]*{PART}(?:[ \t]*\.[ \t]*{PART})*[ \t]*"  # a key, dotted or not


def dotted(parts: Iterable[str]) -> str:
    """Return the parts of a key as one key: ``space."my rate".low``."""
    return ".".join(part if _BARE.fullmatch(part) else _quoted(part) for part in parts)


def split_key(key: str) -> tuple[str, ...]:
    """Return the parts of a dotted key. Raises ValueError for what is no key."""
    if re.fullmatch(KEY, key) is None:
        raise ValueError(f"{key!r} is no key")
    return path_of(tomllib.loads(f"{key} = 0"))


def path_of(tree: Any) -> tuple[str, ...]:
    """Return the keys on the way down a tree in which every table has one key."""
    parts = []
    while isinstance(tree, dict) and tree:
        ((name, tree),) = tree.items()
        parts.append(name)
    return tuple(parts)


def render(value: Any) -> str:
    """Return a value as TOML on one line. Raises TypeError for what TOML has no word for."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{dotted([key])} = {render(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(render, value))}]"
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    raise TypeError(f"{value!r} ({type(value).__name__}) cannot be written as TOML")


def render_pair(key: str, value: Any) -> str:
    """Return ``key = value`` as whole lines: a list of tables with one of them per line."""
    tables = isinstance(value, list) and value and all(isinstance(item, dict) for item in value)
    if not tables:
        return f"{key} = {render(value)}\n"
    return "".join([f"{key} = [\n", *(f"  {render(item)},\n" for item in value), "]\n"])


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's, but TOML wants DEL escaped too
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _float(value: float) -> str:
    return float.__repr__(value).replace("e-0", "e-").replace("e+", "e")


_WRITERS: dict[type, Callable[[Any], str]] = {  # bool before int, which it is too
    bool: lambda value: "true" if value else "false",
    int: int.__repr__,
    float: _float,
    str: _quoted,
    datetime.date: lambda value: value.isoformat(),
    datetime.time: lambda value: value.isoformat(),
}
