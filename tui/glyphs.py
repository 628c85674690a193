"""The signs for states and lines, and what stands for them where the locale is not UTF-8."""

from __future__ import annotations

import os
import sys

_GLYPHS = {
    "ok": ("✓", "+"),
    "failed": ("✗", "x"),
    "running": ("▸", ">"),
    "interrupted": ("◌", "o"),
    "pruned": ("✂", "%"),
    "voided": ("∅", "0"),
    "warning": ("!", "!"),
    "best": ("★", "*"),
    "done": ("━", "#"),
    "left": ("─", "-"),
    "cut": ("…", "~"),
    "between": (" · ", " | "),
    "none": ("—", "-"),
    "axis": ("│", "|"),
    "corner": ("└", "+"),
}
COLORS = {
    "ok": "green",
    "failed": "red",
    "running": "cyan",
    "interrupted": "yellow",
    "pruned": "magenta",
    "voided": "yellow",
    "warning": "yellow",
    "best": "green",
}


_settled: list[bool] = []  # what the user has said, if anything


def use_ascii(ascii_only: bool) -> None:  # noqa: FBT001 - it is the setting itself
    """Use only ASCII, or never, whatever the locale says."""
    _settled[:] = [not ascii_only]


def is_unicode() -> bool:
    """Whether the terminal shows UTF-8, as far as the locale and the encoding of stdout say.

    Python itself writes UTF-8 in the C locale (and sets LC_CTYPE to C.UTF-8 then), where the
    terminal may show something else.
    """
    if _settled:
        return _settled[0]
    # What Textual puts in place of stdout has no encoding.
    stdout = sys.stdout if hasattr(sys.stdout, "encoding") else sys.__stdout__
    encoding = (getattr(stdout, "encoding", None) or "").lower().replace("-", "")
    known = {name: os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG")}
    if known["LC_CTYPE"] == "C.UTF-8" and known["LANG"]:
        known["LC_CTYPE"] = None
    locale = next(filter(None, known.values()), "UTF-8")
    return encoding == "utf8" and locale.lower().replace("-", "").endswith("utf8")


def glyph(name: str) -> str:
    """Return the sign called `name`."""
    return _GLYPHS[name][0 if is_unicode() else 1]
