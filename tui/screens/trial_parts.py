"""The parts of a trial's page, as lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from trialdeck.core.status import shown as metric_of
from trialdeck.core.trial_fields import host_of, metric_name
from trialdeck.tui.best import point_lines
from trialdeck.tui.format import cut, duration, metric, one_line, pad
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.table import GAP, Cell, natural_widths, pairs
from trialdeck.tui.trial_page import ATTEMPT_COLUMNS, attempt_row, provenance, tame
from trialdeck.tui.widgets.lines import flow, title, wrapped
from trialdeck.tui.widgets.styles import MUTED, STYLES, THEME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.params.model import Params
    from trialdeck.tui.table import Column

MESSAGE_LINES = 3  # of the message, where the traceback follows it


def heading(
    snapshot: Snapshot, trial: Trial, params: Params, width: int, now: float
) -> list[Content]:
    """Return number, state, value and duration; on as many lines as that takes."""
    name, direction = metric_name(params), params.search.direction
    parts = [Content.styled(f"trial {trial.tid}", "bold"), _state(snapshot, trial)]
    value = metric_of(trial, name, direction)
    if value is not None:
        parts.append(Content.styled(f"{one_line(name)} {metric(value)}", "bold"))
    if trial.state == "running" and trial.started_at:
        parts.append(Content(f"for {duration(max(0.0, now - trial.started_at))}"))
    elif trial.seconds:
        parts.append(Content(duration(trial.seconds)))
    host = host_of(snapshot, trial)
    if host and trial.cause != "queued":
        parts.append(Content(f"{one_line(host)}, core {trial.core}"))
    best = snapshot.trials.get(snapshot.best) if snapshot.best is not None else None
    if best is not None and best.tid != trial.tid:
        told = metric(metric_of(best, name, direction))
        parts.append(Content.styled(f"best is {told}, trial {best.tid}", MUTED))
    return flow(parts, width)


def _state(snapshot: Snapshot, trial: Trial) -> Content:
    if trial.tid == snapshot.best:
        return Content.styled(f"{glyph('best')} best", STYLES["best"])
    cause = f": {trial.cause}" if trial.cause else ""
    return Content.styled(f"{glyph(trial.state)} {trial.state}{cause}", STYLES[trial.state])


def error_lines(trial: Trial, width: int) -> list[Content]:
    """Return what went wrong, first in a few words, then from where."""
    if not (trial.message or trial.traceback):
        return []
    message = wrapped(trial.message.strip(), width, THEME["red"] if trial.cause else "")
    if not trial.traceback:
        return [Content(""), *message]
    lines = [Content(cut(tame(line), width)) for line in trial.traceback.rstrip().split("\n")]
    return [Content(""), *message[:MESSAGE_LINES], Content(""), title("traceback"), *lines]


def point_part(trial: Trial, params: Params, width: int) -> list[Content]:
    """Return the point, nested as the space is, and what else was returned."""
    lines = [title("point")]
    if not trial.point:
        lines += wrapped("not known: its start is missing", width)
    lines += [Content(cut(line, width)) for line in point_lines(trial.point, params.space, width)]
    name = metric_name(params)
    others = [(one_line(n), metric(v)) for n, v in trial.metrics.items() if n != name]
    if others:
        lines += [Content(""), title("also returned")]
        lines += [Content(cut(line, width)) for line in pairs(others, width=width)]
    return lines


def history_part(snapshot: Snapshot, trial: Trial, width: int) -> list[Content]:
    """Return the attempts, and where the trial comes from."""
    rows = [attempt_row(attempt) for attempt in trial.attempts]
    lines = [Content(""), title("attempts"), *table_lines(ATTEMPT_COLUMNS, rows, width - 2)]
    lines += [Content(""), title("where it comes from")]
    facts = provenance(snapshot, trial)
    return lines + [Content(line) for line in pairs(facts, width=width)]


def table_lines(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell | str]], width: int
) -> list[Content]:
    """Return the lines of a small table, set in; the last column is cut where there is no room."""
    cells = [[c if isinstance(c, Cell) else Cell(c) for c in row] for row in rows]
    titles = [Cell(column.title, "bright_black") for column in columns]
    widths = natural_widths(columns, cells)
    widths[-1] = max(0, min(widths[-1], width - sum(widths[:-1]) - GAP * (len(widths) - 1)))
    lines = []
    for row in [titles, *cells]:
        parts = [
            Content.styled(
                pad(cut(cell.text, wide), wide, right=column.right),
                THEME.get(cell.color, MUTED if cell.color else ""),
            )
            for cell, column, wide in zip(row, columns, widths, strict=True)
        ]
        lines.append(Content("  ") + Content(" " * GAP).join(parts))
    return lines
