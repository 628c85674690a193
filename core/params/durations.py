"""Durations as people write them: "90s", "45m", "2h", "1d 2h"; a number is seconds."""

from __future__ import annotations

import re
from typing import Any

from trialdeck.core.params.mistakes import Mistake, finite
from trialdeck.core.reading import shown

_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([dhms])", re.ASCII)
_EXAMPLES = 'Write seconds as a number, or text such as "90s", "45m", "2h", "1d 2h"'


def duration(value: Any) -> float:
    """Return seconds, more than 0. Raises Mistake for what is no duration."""
    seconds = duration_or_zero(value)
    if seconds <= 0:
        raise Mistake(f"{shown(value)} is too short; more than 0 seconds are wanted")
    return seconds


def duration_or_zero(value: Any) -> float:
    """Return seconds, 0 or more. Raises Mistake for what is no duration."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Mistake(f"{shown(value)} is no duration", _EXAMPLES)
    seconds = _parse(value) if isinstance(value, str) else finite(value)
    if seconds < 0:
        raise Mistake(f"{shown(value)} is less than 0 seconds", _EXAMPLES)
    return seconds


def format_duration(seconds: float) -> str:
    """Return seconds in the same notation, to a whole second: "1d 2h", "90s" as "1m 30s"."""
    left = round(seconds)
    parts = []
    for unit, size in _UNITS.items():
        count, left = divmod(left, int(size))
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"


def _parse(text: str) -> float:
    """Add up the parts; every unit once, the longer first."""
    seconds, position, units = 0.0, 0, list(_UNITS)
    while position < len(text.rstrip()):
        part = _PART.match(text, position)
        if part is None or part[2] not in units:
            raise Mistake(f"{shown(text)} is no duration", _duration_cure(text))
        seconds += float(part[1]) * _UNITS[part[2]]
        units = units[units.index(part[2]) + 1 :]
        position = part.end()
    if not text.strip():
        raise Mistake('"" is no duration', _EXAMPLES)
    return finite(seconds)


def _duration_cure(text: str) -> str:
    if re.fullmatch(r"\s*\d+(\.\d+)?\s*", text, re.ASCII):
        return f'Write {text.strip()} without quotes, or "{text.strip()}s" for seconds'
    return _EXAMPLES
