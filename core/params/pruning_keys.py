"""What the keys of [pruning] mean beside those of [search]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.errors import Problem
from trialdeck.core.reading import fix_of, shown

if TYPE_CHECKING:
    from trialdeck.core.params.model import PruningTable, SearchTable

_METRIC, _DIRECTION = "pruning.metric", "pruning.direction"


def check_direction(search: SearchTable, pruning: PruningTable, problems: list[Problem]) -> None:
    """Add a problem unless it is known whether trials are judged by high or by low values.

    The metric of [search] has its direction, and "loss" is otherwise minimised; of every other
    one only the user knows.
    """
    own = search.metric or "loss"
    if pruning.metric in ("", own):
        if pruning.direction not in (None, search.direction):
            problems.append(_contradiction(search, pruning, own))
    elif pruning.metric != "loss" and pruning.direction is None:
        text = f"{shown(pruning.metric)} is not that of [search]: are its good values high or low"
        cure = 'Write direction = "maximize" or direction = "minimize" below it'
        fixes = tuple(fix_of({_DIRECTION: word}) for word in ("maximize", "minimize"))
        problems.append(Problem(_METRIC, text, cure, fixes))


def _contradiction(search: SearchTable, pruning: PruningTable, own: str) -> Problem:
    text = f"{shown(pruning.direction)}, but [search] has direction = {shown(search.direction)}"
    return Problem(
        _DIRECTION,
        f"{text} for the same metric, {own}",
        "Leave it out",
        (fix_of({_DIRECTION: None}),),
    )
