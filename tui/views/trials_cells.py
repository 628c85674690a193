"""What the table of trials says of one trial, by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialdeck.tui.format import clock, column, duration, metric, shown
from trialdeck.tui.glyphs import COLORS, glyph
from trialdeck.tui.table import Cell, state_cell

if TYPE_CHECKING:
    from trialdeck.core.history.snapshot import Trial
    from trialdeck.core.trial_fields import Field


def cell_of(field: Field, trial: Trial, best: Trial | None) -> Cell:
    """Return the cell; `best` is the best trial, whose state is a star."""
    is_best = best is not None and trial.tid == best.tid
    if field.name == "state":
        return state_cell("best") if is_best else state_cell(trial.state)
    value = field.value(trial)
    if field.name == "trial":
        return Cell(str(value), bold=is_best)
    if field.rank is not None and field.kind == "number":
        return Cell(_beside(value, field.value(best) if best is not None else None))
    if field.kind == "seconds":
        color = COLORS["running"] if trial.state == "running" else ""
        return Cell(duration(value) if value is not None else glyph("none"), color)
    return Cell(_plain(field, value))


def _beside(value: Any, best: Any) -> str:
    """Return the metric with as many decimals as the best one's, so that their points align."""
    if isinstance(value, float) and isinstance(best, float):
        return column((value, best))[0]
    return metric(value)


def _plain(field: Field, value: Any) -> str:
    if value is None:
        return ""
    if field.kind == "moment":
        return clock(value)
    return metric(value) if field.group == "returned" else shown(value)
