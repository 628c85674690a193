"""The progress of a search as a bar and a line; the bar's place is the length of the Trials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.tui.format import cut, duration, metric, number, one_line, width_of
from trialdeck.tui.glyphs import COLORS, glyph
from trialdeck.tui.stages import stage_texts
from trialdeck.tui.table import Cell, paint

if TYPE_CHECKING:
    from trialdeck.core.status import Status

NAME_WIDTH = 24
UNSETTLED = ("running", "failed", "pruned", "interrupted")


def best_value(status: Status) -> float | None:
    """Return the best trial's metric as the objective returned it."""
    if status.best is None:
        return None
    value = status.best.metrics.get(status.metric)
    if isinstance(value, int | float):
        return float(value)
    return -status.best.loss if status.direction == "maximize" else status.best.loss


def bar(done: int, total: int, width: int) -> str:
    """Return a bar of `width` columns; it is full only when everything is done."""
    full = min(width, width * done // max(1, total))
    filled = paint(Cell(glyph("done") * full, "green"))
    return filled + paint(Cell(glyph("left") * (width - full), "bright_black"))


def headline(status: Status, width: int) -> str:
    """Return the search's name, the bar, and "37 of 100"."""
    name = cut(status.search, NAME_WIDTH)
    count = f"{status.progress} of {status.max_trials}"
    left = width - width_of(name) - width_of(count) - 4
    return f"{name}  {bar(status.progress, status.max_trials, max(4, left))}  {count}"


def details(status: Status, width: int) -> str:
    """Return the best value, the rate, the time left and the other counts, as far as they fit."""
    texts = [Cell(text) for text in _said(status)] + counts(status)
    line, used, between = "", 0, glyph("between")
    for cell in texts:
        space = width_of(between) if line else 0
        if used + space + width_of(cell.text) > width:
            if not line:
                line = cut(cell.text, width)
            break
        line += (between if line else "") + paint(cell)
        used += space + width_of(cell.text)
    return line


def plain(status: Status) -> str:
    """Return one line for a log: no bar, no colour."""
    others = [f"{getattr(status, name)} {name}" for name in UNSETTLED if getattr(status, name)]
    said = [f"{status.progress} of {status.max_trials} trials", *_said(status), *others]
    return ", ".join(said)


def facts(status: Status) -> list[str]:
    """Return the best value, the rate and the time left, as far as they are known."""
    facts = []
    if status.best is not None:
        value = metric(best_value(status))
        facts.append(f"best {status.metric} {value} (trial {status.best.tid})")
    if status.trials_per_hour is not None:
        facts.append(rate(status.trials_per_hour))
    if status.eta_seconds:
        facts.append(f"{duration(status.eta_seconds)} left")
    return facts


def _said(status: Status) -> list[str]:
    reason = one_line(status.reason) if status.state != "finished" else ""
    return [*facts(status), *stage_texts(status)[1:], *([reason] if reason else [])]


def rate(per_hour: float) -> str:
    """Return how fast trials finish, in the unit that gives a readable number."""
    for size, unit in ((3600, "s"), (60, "min"), (1, "h")):
        if per_hour >= size:
            return f"{number(per_hour / size, 2)}/{unit}"
    return f"{number(per_hour * 24, 2)}/day"


def counts(status: Status) -> list[Cell]:
    """Return how many trials are in each of the states that are not counted as progress."""
    return [
        Cell(f"{glyph(name)} {getattr(status, name)} {name}", COLORS[name])
        for name in UNSETTLED
        if getattr(status, name)
    ]
