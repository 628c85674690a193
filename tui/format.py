"""Numbers, durations, times and texts as the terminal shows them."""

from __future__ import annotations

import json
import math
import os
import time
import unicodedata
from typing import TYPE_CHECKING, Any

from trialdeck.tui.glyphs import glyph

if TYPE_CHECKING:
    from collections.abc import Sequence

METRIC_DIGITS = 5  # the best trials of a search often differ in the fourth digit


def number(value: float, digits: int = 4) -> str:
    """Return a number with `digits` significant digits: 0.0213, 12346, 1.5e-7."""
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    if 10**digits <= abs(value) < 1e9:
        return f"{value:.0f}"
    return f"{value:.{digits}g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def metric(value: object) -> str:
    """Return a value that the objective returned; a dash for none."""
    if value is None:
        return glyph("none")
    if isinstance(value, float):
        return number(value, METRIC_DIGITS)
    return shown(value)


def column(values: Sequence[float | None]) -> list[str]:
    """Return numbers with equally many decimals, so that their points stand below each other."""
    finite = [abs(v) for v in values if v is not None and math.isfinite(v)]
    largest = max(finite, default=0.0)
    if all(isinstance(v, int) for v in values) or not 1e-3 <= largest < 1e5:
        return [metric(value) for value in values]
    decimals = max(0, METRIC_DIGITS - 1 - max(-1, math.floor(math.log10(largest))))
    return [metric(None) if v is None else f"{v:.{decimals}f}" for v in values]


def shown(value: object) -> str:
    """Return a hyperparameter or any other plain value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    return one_line(json.dumps(value, ensure_ascii=False, default=str))


def duration(seconds: float) -> str:
    """Return a duration in its two largest units: "4.2 s", "3 m 20 s", "2 d 5 h"."""
    if not math.isfinite(seconds):
        return glyph("none")
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _two(whole, 60, "m", 1, "s")
    whole = round(seconds / 60)
    return _two(whole, 60, "h", 1, "m") if whole < 24 * 60 else _two(whole, 24 * 60, "d", 60, "h")


def _two(whole: int, large: int, large_unit: str, small: int, small_unit: str) -> str:
    rest = whole % large // small
    return f"{whole // large} {large_unit}" + (f" {rest} {small_unit}" if rest else "")


def clock(at: float | None) -> str:
    """Return a time in the zone of this machine: without the date when it is today's."""
    if not at:
        return glyph("none")
    then = time.localtime(at)
    today = time.localtime()[:3] == then[:3]
    return time.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M", then)


def size(count: float) -> str:
    """Return a number of bytes: "340 B", "1.2 MB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5:
            return f"{number(count, 2 if count < 10 else 3)} {unit}"
        count /= 1000
    return f"{number(count, 3)} TB"


def near(path: str) -> str:
    """Return a path as short as it is from here."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def plural(count: int, singular: str, many: str = "") -> str:
    """Return "1 core", "4 cores"."""
    return f"{count} {singular if count == 1 else many or singular + 's'}"


def one_line(text: str) -> str:
    """Return a text without anything that moves the cursor or changes the terminal."""
    return "".join(_tame(character) for character in text).strip()


def _tame(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else "?"


def width_of(text: str) -> int:
    """Return how many columns a text takes; East Asian characters take two, accents none."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """Return a text that takes at most `width` columns, with a sign where it is cut."""
    if width_of(text) <= width:
        return text
    sign = glyph("cut")
    kept = ""
    left = width - width_of(sign)
    for character in text:
        left -= _columns(character)
        if left < 0:
            break
        kept += character
    return kept.rstrip() + sign if width > 0 else ""


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Return a text filled up with blanks to `width` columns, at its left end if `right`."""
    blanks = " " * max(0, width - width_of(text))
    return blanks + text if right else text + blanks


def jsonable(value: Any) -> str:
    """Return anything that msgspec knows as JSON for a script, with indentation."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
