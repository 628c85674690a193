"""Values as people type them, without TOML's quotes where nothing else can be meant."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from trialdeck.core.params.toml_text import render
from trialdeck.core.reading import shown

_NUMBER = re.compile(r"[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)


def value_of(text: str) -> Any:
    """Return what was typed: a TOML value, a number as people write it (.5, 1., 1E-4), or text.

    Nothing typed is None.
    """
    text = text.strip()
    if not text:
        return None
    try:
        # In brackets, so that a comment or another line behind the value is none.
        (value,) = tomllib.loads(f"x = [{text}\n]")["x"]
    except (tomllib.TOMLDecodeError, ValueError, KeyError):
        return _plain(text)
    return value


def _plain(text: str) -> Any:
    if _NUMBER.fullmatch(text) is None:
        return text
    number = float(text)
    whole = number.is_integer() and not re.search(r"[.e]", text, re.IGNORECASE)
    return int(number) if whole else number


def text_of(value: Any) -> str:
    """Return a value as it is typed; `value_of` of it is the value again."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if value_of(value) == value and value == value.strip() else render(value)
    if isinstance(value, bool | int | float):
        return shown(value)
    return render(value)
