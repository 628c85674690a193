"""Revisions of searches that a script runs with hyperopt's `fmin`: written by `HistoryTrials`.

Such a revision has a table [script] in place of all others. It says what the script searches, so
that the search can be shown like any other; pools do not run it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.dimension import Dimension, Parent
from trialdeck.core.distributions import DISTRIBUTIONS
from trialdeck.core.distributions.choice import Choice, PChoice
from trialdeck.core.distributions.normal import Normal
from trialdeck.core.errors import ParamsError, Problem
from trialdeck.core.params.model import CoresTable, Params, QuickTable, SearchTable
from trialdeck.core.space import Space

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trialdeck.core.distributions import Distribution

TABLE = "script"
UNLIMITED = 1_000_000  # the ids of trials are below it
_HEAD = """\
# Written by HistoryTrials: what a script searches with hyperopt's fmin.
# Its trials are run by that script, not by cores.
"""


class Label(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of hyperopt's labels, as the expression of the space has it.

    `prior` and `arguments` are the name and the numbers of hyperopt's own distribution ("" when
    they are worked out while drawing). `options` are a choice's, `parent` is the choice and the
    option below which the label lies.
    """

    label: str
    prior: str = ""
    arguments: list[float] = []
    whole: bool = False  # what the objective gets is made an int
    options: list[Any] = []
    parent: list[str] = []


class Script(msgspec.Struct, frozen=True, omit_defaults=True):
    """The table [script]. Without `max_evals` there is no limit."""

    objective: str
    max_evals: int | None = None
    labels: list[Label] = []


def revision_text(script: Script) -> str:
    """Return the revision that says this."""
    import tomlkit

    return f"{_HEAD}{tomlkit.dumps({TABLE: msgspec.to_builtins(script)})}"


def is_script(data: Mapping[str, Any]) -> bool:
    """Whether a parsed revision is a script's."""
    return TABLE in data


def script_of(data: Mapping[str, Any], source: str) -> Script:
    """Return the table of a parsed revision. Raises ParamsError."""
    try:
        return msgspec.convert(data[TABLE], Script)
    except msgspec.ValidationError as error:
        raise ParamsError(source, [Problem(TABLE, str(error))]) from error


def params_of(script: Script, name: str, folder: Path) -> Params:
    """Return the parameters that such a search is shown with."""
    return Params(
        search=SearchTable(
            name=name,
            objective=script.objective,
            max_trials=min(script.max_evals or UNLIMITED, UNLIMITED),
        ),
        fixed={},
        space=space_of(script.labels),
        cores=CoresTable(),
        quick=QuickTable(),
        backends={},
        folder=folder,
        script=script,
    )


# -- the space ------------------------------------------------------------------------------


class Undescribed(Normal):
    """Numbers from a distribution that is worked out while drawing."""

    def describe(self) -> str:
        """Return words for the header of a table."""
        return "as the script draws it"


def space_of(labels: Sequence[Label]) -> Space:
    """Return the dimensions of a script's labels. Names may be any; nothing is checked."""
    return Space(tuple(_dimension(label) for label in labels))


def _dimension(label: Label) -> Dimension:
    distribution = _distribution(label)
    parent = Parent(*label.parent) if label.parent else None
    return Dimension(label.label, distribution, parent, written={"type": distribution.type})


def _distribution(label: Label) -> Distribution:
    if label.options and label.prior == "categorical":
        return PChoice(options=tuple(label.options), probabilities=tuple(label.arguments))
    if label.options:
        return Choice(options=tuple(label.options))
    try:
        return _numeric(label)
    except (KeyError, TypeError, ValueError, OverflowError, ZeroDivisionError):
        return Undescribed(mu=0.0, sigma=1.0)


def _numeric(label: Label) -> Distribution:
    prior, given = label.prior, list(label.arguments)
    kind: Any = DISTRIBUTIONS[prior]
    if prior == "randint":
        low, high = (0.0, *given) if len(given) == 1 else given
        return kind(low=int(low), high=int(high))  # type: ignore[no-any-return]
    if "normal" in prior:
        return kind(**dict(zip(("mu", "sigma", "q"), map(_tidy, given), strict=False)))  # type: ignore[no-any-return]
    low, high = min(given[:2]), max(given[:2])
    if "log" in prior:
        low, high = _exp(low), _exp(high)
    if len(given) == 2:
        return kind(low=low, high=high)  # type: ignore[no-any-return]
    return _stepped(low, high, given[2], label)


def _stepped(low: float, high: float, q: float, label: Label) -> Distribution:
    """Return the multiples of q that hyperopt's rounding can reach."""
    low, high = _tidy(round(low / q) * q), _tidy(round(high / q) * q)
    if label.whole and q == 1:
        return DISTRIBUTIONS["uniformint"](low=low, high=high)  # type: ignore[call-arg]
    prior = label.prior if low >= q else "quniform"
    return DISTRIBUTIONS[prior](low=low, high=high, q=_tidy(q))  # type: ignore[call-arg]


def _exp(number: float) -> float:
    """Return what people have taken the logarithm of, without its last digits."""
    return float(f"{math.exp(number):.12g}")


def _tidy(number: float) -> float:
    return int(number) if float(number).is_integer() else number
