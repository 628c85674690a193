"""The best hyperparameters, as a table and as what to write into a parameter file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialdeck.core.kept_network import load_statement
from trialdeck.core.params.toml_text import dotted, render
from trialdeck.tui.format import metric, near, one_line, shown
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.progress import best_value
from trialdeck.tui.stages import name_of
from trialdeck.tui.table import Cell, paint, pairs, terminal_width

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.core.kept_network import KeptNetwork
    from trialdeck.core.space import Space
    from trialdeck.core.status import Best, Status

WHOLE = 10_000  # columns: a path that is torn cannot be copied


def best_lines(
    status: Status, best: Best, space: Space, kept: KeptNetwork | None = None
) -> list[str]:
    """Return the best trial's value and point on a few lines, and where its network is."""
    value = metric(best_value(status))
    others = [
        f"{name} {metric(number)}" for name, number in best.metrics.items() if name != status.metric
    ]
    title = f"{glyph('best')} best {status.metric} {value}, {name_of(best.tid)}"
    lines = [paint(Cell(title, "green", bold=True)), "", *point_lines(best.params, space)]
    lines += ["", *pairs([("also", ", ".join(others))])] if others else []
    return lines + (["", *pairs(network_facts(kept), width=WHOLE)] if kept else [])


def network_facts(kept: KeptNetwork) -> list[tuple[str, str]]:
    """Return where a network lies and how it is loaded, as names and texts."""
    if kept.site:
        on = f"on {one_line(kept.site)}, if its objective has left one:"
        return [("network", on), ("", one_line(kept.folder))]
    folder = near(kept.folder)
    names = ", ".join(one_line(name) for name in kept.files)
    where = f"{folder}/{names}" if len(kept.files) == 1 else f"{folder}: {names}"
    loading = [("in Python", load_statement(folder))] if kept.python else []
    return [("network", where), *loading]


def point_lines(point: Mapping[str, Any], space: Space, width: int | None = None) -> list[str]:
    """Return a point, a value on each line; what an option carries is set in below it."""
    items = [("  " * _depth(name, space) + name, shown(value)) for name, value in point.items()]
    return pairs(items, width=width or terminal_width())


def _depth(name: str, space: Space) -> int:
    """Return how many choices a dimension is inside of; 0 for what is no longer searched."""
    depth = 0
    while name in space and (parent := space[name].parent) is not None:
        name, depth = parent.choice, depth + 1
    return depth


def fixed_table(point: Mapping[str, Any], space: Space) -> str:
    """Return the values that the objective got as a [fixed] table in TOML, with all digits."""
    values = space.complete(point)
    return "\n".join(["[fixed]", *(f"{dotted([n])} = {render(v)}" for n, v in values.items())])
