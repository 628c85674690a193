"""Suggested points as lines: what they are, and what speaks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.suggest.algorithms import OURS, startup
from trialdeck.core.suggest.explaining import GOOD, NEAR
from trialdeck.tui.best import point_lines
from trialdeck.tui.format import metric, number, plural, shown
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.table import Cell, Column, paint, state_cell, table

if TYPE_CHECKING:
    from trialdeck.core.params.model import Params
    from trialdeck.core.suggest.explaining import Explanation, Neighbour, Standing
    from trialdeck.core.suggest.upcoming import Suggestion

# What is so of every point that an algorithm suggests once it learns from results.
REASONS = {
    "tpe": "tpe looks for points that are frequent among good trials and rare among the others.",
    "hyperopt.tpe": "It looks for values that good trials have often and the others seldom.",
    "anneal": "anneal draws near one of the good trials, the nearer the more trials there are.",
}
_VALUES = (
    Column("dimension", cuts=True),
    Column("value", right=True),
    Column("like it, of the best", right=True),
    Column("of the rest", right=True),
    Column("it is above", right=True),
)


def suggested_lines(params: Params, one: Suggestion) -> list[str]:
    """Return a point, whose trial it would be, and where it comes from."""
    title = paint(Cell(f"trial {one.tid} would get", bold=True))
    lines = [title, "", *point_lines(one.params, params.space), "", *_origin(params, one)]
    if one.explanation is not None and one.explanation.finished:
        lines += ["", *_explained(params, one.explanation)]
    elif one.explanation is not None:
        lines += ["No trial has finished yet, so there is nothing to compare it with."]
    return lines


def _origin(params: Params, one: Suggestion) -> list[str]:
    algorithm = params.search.algorithm
    if algorithm == "rand":
        return ["Drawn from the space, as rand does always."]
    until = plural(startup(params), "trial")
    if one.drawn and algorithm == OURS:
        return [f"One of the first points, which are spread evenly until {until} have finished."]
    if one.drawn:
        return [
            f"Drawn from the space until {algorithm} knows of {until}: it knows of {one.learnt}."
        ]
    known, reason = plural(one.learnt, "trial"), REASONS.get(algorithm, "")
    return [f"Suggested by {algorithm}, which knows of {known}.", *([reason] if reason else [])]


def _explained(params: Params, said: Explanation) -> list[str]:
    values = table(_VALUES, map(_value_row, said.values))
    name = params.search.metric or "loss"
    columns = (
        Column("nearest", right=True),
        Column("state"),
        Column(name, right=True),
        Column("distance", right=True),
    )
    return [
        *values,
        "",
        f"The best are the first {GOOD:.0%} of {plural(said.finished, 'finished trial')}. A value",
        f"is like another that is the same, or at most {NEAR:.0%} of the scale away.",
        "",
        *table(columns, map(_near_row, said.nearest)),
        "",
        "A distance is 0 at the same point, and 1 where all values are as far as can be.",
    ]


def _value_row(one: Standing) -> list[Cell | str]:
    none = glyph("none")
    return [
        one.name,
        shown(one.value),
        f"{one.good_near} of {one.good}" if one.good else none,
        f"{one.rest_near} of {one.rest}" if one.rest else none,
        f"{one.above:.0%}" if one.above is not None else none,
    ]


def _near_row(one: Neighbour) -> list[Cell | str]:
    return [str(one.tid), state_cell(one.state), metric(one.value), number(one.distance, 2)]
