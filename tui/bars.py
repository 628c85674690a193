"""Bars made of characters: upright ones for numbers, lying ones for options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.tui.format import cut, one_line, pad, width_of
from trialdeck.tui.glyphs import is_unicode

if TYPE_CHECKING:
    from collections.abc import Sequence

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_PLAIN = " .:#"  # for terminals without block characters


def upright(counts: Sequence[int], height: int) -> list[str]:
    """Return lines with one column for each count; the largest is `height` lines high."""
    steps = _EIGHTHS if is_unicode() else _PLAIN
    full = len(steps) - 1
    most = max(counts, default=0)
    if most <= 0 or height <= 0:
        return []
    # What is there at all is seen.
    levels = [max(1, round(c / most * height * full)) if c else 0 for c in counts]
    return [
        "".join(steps[min(full, max(0, level - full * line))] for level in levels)
        for line in reversed(range(height))
    ]


def lying(names: Sequence[str], shares: Sequence[float], width: int) -> list[str]:
    """Return a line for each name with a bar for its share of 1, and the share in percent."""
    names = [one_line(name) for name in names]
    wide = min(max(map(width_of, names), default=0), max(6, width // 2))
    room = max(1, width - wide - 8)
    most = max(shares, default=0.0) or 1.0
    block = "█" if is_unicode() else "#"
    lines = []
    for name, share in zip(names, shares, strict=True):
        bar = block * max(int(share > 0), round(share / most * room))
        lines.append(f"{pad(cut(name, wide), wide)}  {bar} {share:.0%}")
    return lines
