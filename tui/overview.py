"""Where a search stands, on a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.tui.format import cut, duration, metric, near, plural, size, width_of
from trialdeck.tui.glyphs import COLORS, glyph
from trialdeck.tui.progress import bar, best_value, rate
from trialdeck.tui.stages import correlation, name_of, no_best, progress
from trialdeck.tui.table import Cell, paint, pairs, terminal_width

if TYPE_CHECKING:
    from trialdeck.core.disk_use import DiskUse
    from trialdeck.core.status import Status

STATE_COLORS = {"running": "cyan", "waiting": "yellow", "paused": "yellow", "finished": "green"}
WHOLE = 10_000  # a path that is cut cannot be copied
SETTLED = ("ok", "failed", "pruned", "interrupted")


def overview(status: Status, width: int | None = None) -> list[str]:
    """Return the lines of `trialdeck status`."""
    width = width or terminal_width()
    lines = [_title(status, width), _bar(status, width), "", *pairs(_facts(status), 0, WHOLE)]
    if status.reason:
        lines += ["", sentence(status.reason)]
    if status.stuck and status.stuck not in status.reason:
        lines += ["", f"{glyph('warning')} {sentence(status.stuck)}"]
    if status.silent:
        lines += ["", f"{glyph('warning')} {sentence(status.silent)}"]
    if status.unpruned:
        lines += ["", f"{glyph('warning')} {sentence(status.unpruned)}"]
    if status.damaged:
        places = plural(status.damaged, "place")
        lines += ["", f"{glyph('warning')} The history is damaged in {places}: `trialdeck check`."]
    return lines


def _title(status: Status, width: int) -> str:
    name = cut(status.search, width - len(status.state) - 2)
    blanks = " " * (width - width_of(name) - len(status.state))
    state = Cell(status.state, STATE_COLORS.get(status.state, ""))
    return paint(Cell(name, bold=True)) + blanks + paint(state)


def _bar(status: Status, width: int) -> str:
    count = f"{status.progress} of {status.max_trials} trials"
    return f"{bar(status.progress, status.max_trials, width - len(count) - 2)}  {count}"


def _facts(status: Status) -> list[tuple[str, str]]:
    facts = []
    if status.best is not None:
        value = metric(best_value(status))
        facts.append((f"best {status.metric}", f"{value} ({name_of(status.best.tid)})"))
    elif none := no_best(status):
        facts.append((f"best {status.metric}", none))
    facts += [(f"stage {stage.stage}", progress(stage)) for stage in status.stages]
    if status.rank_correlation is not None:
        facts.append(("order", correlation(status.rank_correlation)))
    if status.trials_per_hour is not None:
        left = f", about {duration(status.eta_seconds)} left" if status.eta_seconds else ""
        facts.append(("rate", rate(status.trials_per_hour) + left))
    if status.limits:
        facts.append(("limits", ", ".join(status.limits)))
    if status.pools or status.running:
        where = f"{plural(status.cores, 'core')} in {plural(status.pools, 'pool')}"
        facts.append(("now", f"{_count('running', status.running)} on {where}"))
    counts = [_count(name, n) for name in SETTLED if (n := getattr(status, name))]
    facts.append(("so far", "  ".join(counts) or "nothing"))
    facts.append(("history", near(status.history)))
    if status.disk is not None and status.disk.kinds:
        facts.append(("takes", on_disk(status.disk)))
    return facts


def _count(name: str, count: int) -> str:
    return f"{paint(Cell(glyph(name), COLORS[name]))} {count} {name}"


def on_disk(use: DiskUse, kinds: int = 3) -> str:
    """Return what a history takes, and which kinds of files the most of that."""
    total = ("" if use.complete else "more than ") + size(use.total)
    ranked = sorted(use.kinds.items(), key=lambda item: -item[1])
    most = [f"{kind} {size(count)}" for kind, count in ranked[:kinds] if count]
    return f"{total} ({', '.join(most)})" if most else total


def sentence(text: str) -> str:
    """Return a text with a capital letter and a full stop, where it has none."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "`", "?")) else ".")
