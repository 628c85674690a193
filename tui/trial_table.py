"""The table of trials: which columns fit, and in which order the trials come."""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING, Any

import click

from trialdeck.core.status import shown as metric_of
from trialdeck.tui.format import column, duration, plural, shown, width_of
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.table import GAP, Cell, Column, natural_widths, state_cell, table, terminal_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trialdeck.core.history.snapshot import Trial
    from trialdeck.core.params.model import Params

LONGEST = 16  # a hyperparameter's column
LEADING = ("trial", "state", "metric", "time")


def in_order(trials: Iterable[Trial], by: str, params: Params) -> list[Trial]:
    """Return trials sorted by a column; "-" before its name turns the order around.

    The metric's order is from best to worst. Trials without the value come last. Raises
    click.BadParameter for an unknown column.
    """
    name = by.removeprefix("-")
    known = ["tid", "state", "time", "stage", "loss", metric_name(params)]
    known += [dimension.name for dimension in params.space.dimensions]
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        cure = f"did you mean {close[0]}?" if close else f"there is {', '.join(known)}"
        raise click.BadParameter(f'there is no column "{name}"; {cure}', param_hint="--sort")
    have: list[tuple[Any, Trial]] = []
    lack: list[Trial] = []
    for trial in trials:
        value = _value(trial, name, params)
        if value is None:
            lack.append(trial)
        else:
            have.append((_comparable(value), trial))
    have.sort(key=lambda pair: pair[0], reverse=by.startswith("-"))
    return [trial for _, trial in have] + lack


def _value(trial: Trial, name: str, params: Params) -> Any:
    if name == "tid":
        return trial.tid
    if name == "state":
        return str(trial.state)
    if name == "stage":
        return trial.stage
    if name == "time":
        return trial.seconds or None
    if name in ("loss", metric_name(params)):
        return trial.loss
    return trial.point.get(name)


def _comparable(value: Any) -> tuple[int, float, str]:
    """Return a key that orders numbers by size, and before texts."""
    if isinstance(value, int | float) and math.isfinite(value):
        return 0, float(value), ""
    return 1, 0.0, str(value)


def metric_name(params: Params) -> str:
    """Return the name of what is optimised."""
    return params.search.metric or "loss"


def trial_lines(
    trials: Sequence[Trial], params: Params, best: int | None, width: int | None = None
) -> list[str]:
    """Return the table, with as many hyperparameters as fit, and a line about the others."""
    width = width or terminal_width()
    columns, cells = _leading(trials, params, best)
    left = width - sum(natural_widths(columns, cells)) - GAP * (len(columns) - 1)
    names = _names(trials, params)
    for shown_so_far, name in enumerate(names):
        texts = [_text(trial, name) for trial in trials]
        left -= GAP + min(LONGEST, max([width_of(name), *map(width_of, texts)]))
        if left < 0:
            missing = plural(len(names) - shown_so_far, "more hyperparameter")
            break
        columns.append(Column(name, right=_is_numeric(name, params), cuts=True))
        for row, text in zip(cells, texts, strict=True):
            row.append(Cell(text))
    else:
        return table(columns, cells, width)
    return [*table(columns, cells, width), "", f"{missing}: `trialdeck show TID`, --csv, --json"]


def _leading(
    trials: Sequence[Trial], params: Params, best: int | None
) -> tuple[list[Column], list[list[Cell]]]:
    name = metric_name(params)
    values = [metric_of(trial, name, params.search.direction) for trial in trials]
    columns = [
        Column("trial", right=True),
        Column("state"),
        Column(name, right=True, cuts=True),
        Column("time", right=True),
    ]
    cells: list[list[Cell]] = [
        [
            Cell(str(trial.tid), bold=trial.tid == best),
            state_cell("best") if trial.tid == best else state_cell(trial.state),
            Cell(text),
            Cell(duration(trial.seconds) if trial.seconds else glyph("none")),
        ]
        for trial, text in zip(trials, column(values), strict=True)
    ]
    if any(trial.stage for trial in trials):
        columns.append(Column("stage", right=True))
        for row, trial in zip(cells, trials, strict=True):
            row.append(Cell(str(trial.stage)))
    return columns, cells


def _names(trials: Sequence[Trial], params: Params) -> list[str]:
    """Return the dimensions of the space, then those that only older trials have."""
    names = dict.fromkeys(dimension.name for dimension in params.space.dimensions)
    for trial in trials:
        names |= dict.fromkeys(trial.point)
    return list(names)


def _text(trial: Trial, name: str) -> str:
    return shown(trial.point[name]) if name in trial.point else ""


def _is_numeric(name: str, params: Params) -> bool:
    return name in params.space and params.space[name].kind == "numeric"
