"""What confirmed points came to, and what of it may be quoted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trialdeck.core.confirming import TESTED
from trialdeck.tui.best import WHOLE, network_facts
from trialdeck.tui.format import metric, plural
from trialdeck.tui.glyphs import glyph
from trialdeck.tui.stages import name_of
from trialdeck.tui.table import Cell, paint, pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.confirming import Confirmed, Spread
    from trialdeck.core.kept_network import KeptNetwork
    from trialdeck.core.params.model import Params


def confirmed_lines(
    found: Sequence[Confirmed], params: Params, kept: KeptNetwork | None = None
) -> list[str]:
    """Return every point with its metrics over the seeds, what may be quoted, and its network."""
    name = params.search.metric or "loss"
    lines: list[str] = []
    for place, one in enumerate(found):
        best = place == 0 and bool(one.seeds)
        lines += [_title(one, best=best), *pairs(_values(one, name), 2), ""]
    lines += _quotable(found, name)
    return lines + (["", *pairs(network_facts(kept), width=WHOLE)] if kept else [])


def _title(one: Confirmed, *, best: bool) -> str:
    said = [plural(len(one.seeds), "seed")]
    said += [f"{one.failed} failed"] if one.failed else []
    said += [f"{one.waiting} to come"] if one.waiting else []
    sign = f"{glyph('best')} " if best else "  "
    color = "green" if best else ""
    return paint(Cell(f"{sign}{name_of(one.tid)}: {', '.join(said)}", color, bold=True))


def _values(one: Confirmed, name: str) -> list[tuple[str, str]]:
    found = f"   {metric(one.found)} when it was found" if one.found is not None else ""
    return [
        (other, with_spread(spread) + (found if other == name else ""))
        for other, spread in one.metrics.items()
    ]


def with_spread(spread: Spread) -> str:
    """Return "0.9812 ± 0.0006": two digits of the deviation, and the mean to as many decimals."""
    deviation = spread.deviation
    if deviation is None:
        return metric(spread.mean)
    if not deviation:
        return f"{metric(spread.mean)} ± 0"
    decimals = 1 - math.floor(math.log10(deviation))
    if not 0 <= decimals <= 12:
        return f"{spread.mean:.4g} ± {deviation:.2g}"
    return f"{spread.mean:.{decimals}f} ± {deviation:.{decimals}f}"


def _quotable(found: Sequence[Confirmed], name: str) -> list[str]:
    if not found or not found[0].seeds:
        return ["No trial that confirms has succeeded yet."]
    first = found[0]
    tested = [other for other in first.metrics if other.startswith(TESTED)]
    if not tested:
        return [
            f"The objective returned nothing that begins with {TESTED}: where trial.confirming is",
            f"true it may measure on the test sample, and return {TESTED}{name}, say.",
        ]
    count = plural(len(first.seeds), "seed")
    return [
        f"To be quoted: the first point, which is the best by {name}, with its {TESTED} values,",
        f"mean ± standard deviation over {count}. Chosen by these values it would look better",
        "than it is.",
    ]
