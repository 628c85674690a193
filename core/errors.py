"""Everything that can go wrong in a way that a user causes or can mend.

TrialdeckError
├── ParamsError            a parameter file with mistakes: all of them, each with its cure
├── DraftConflict          the draft is not based on the newest published revision
├── DraftChanged           the draft's file was changed by another since it was read
├── EditError              a change to the parameters that cannot be made
├── FilterError            an expression that chooses trials, with a mistake in it
├── SearchError            no such search, a name that is taken, nothing to resume, …
├── HistoryError           a history that cannot be read or written
│   └── FormatTooNew       written by a newer Trialdeck
├── ObjectiveError         the user's function cannot be loaded or called
├── DataError              the data files of the default network are missing or wrong
├── TrialsFileError        a Trials.p (or CSV, JSON) that cannot be imported
├── PointsError            points that do not fit the space: all that is wrong, each with its cure
├── KnownPoints            points that have run already, or wait to
└── LaunchError            a backend could not start, find or end cores

The text of each says what is wrong, where, and how to mend it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import LaunchError, TrialdeckError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "DataError",
    "DraftChanged",
    "DraftConflict",
    "EditError",
    "FilterError",
    "Fix",
    "FormatTooNew",
    "HistoryError",
    "KnownPoints",
    "LaunchError",
    "ObjectiveError",
    "ParamsError",
    "PointsError",
    "Problem",
    "SearchError",
    "TrialdeckError",
    "TrialsFileError",
]


@dataclass(frozen=True, slots=True)
class Fix:
    """A cure that can be written for the user.

    `text` is a few words for a key hint ("low = 1e-4, high = 0.1"), `values` has the new value by
    dotted key; None removes the key. Two keys of one table, of which one is removed and the other
    gets its value, are a renaming.
    """

    text: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a parameter file.

    `key` is the dotted path of the value (``space.learning_rate.low``), `text` says what is wrong
    with the offending value in it, `cure` what to write instead ("" when `text` says it already).
    Each of `fixes` is a way to make it go away. `place` is the line and the column, from 1, where
    the text is no TOML.
    """

    key: str
    text: str
    cure: str = ""
    fixes: tuple[Fix, ...] = field(default=(), compare=False)
    place: tuple[int, int] | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """One line for a terminal."""
        return f"{self.key}: {self.text}" + (f". {self.cure}" if self.cure else "")


class ParamsError(TrialdeckError):
    """A parameter file that cannot be used; `problems` lists every mistake in it."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        count = "one mistake" if len(self.problems) == 1 else f"{len(self.problems)} mistakes"
        super().__init__("\n".join([f"{source}: {count}", *(f"  {p}" for p in self.problems)]))


class DraftConflict(TrialdeckError):
    """The draft was made from an older revision than the newest; its text shows the difference."""


class DraftChanged(TrialdeckError):
    """The draft's file is not what was read; its text shows what another changed in it."""


class EditError(TrialdeckError):
    """A change to the parameters that cannot be made: a name that is taken, a row that is gone."""


class FilterError(TrialdeckError):
    """An expression that chooses trials, with a mistake in it; `at` is where, from 0.

    The text of the error has the expression with a caret below the place; `reason` is without.
    """

    def __init__(self, expression: str, at: int, text: str, cure: str = "") -> None:
        self.at = at
        self.reason = f"{text}. {cure}" if cure else text
        super().__init__(f"{expression}\n{' ' * at}^ {self.reason}")


class SearchError(TrialdeckError):
    """No such search, a name that is taken, or a request that its state does not allow."""


class HistoryError(TrialdeckError):
    """A history that cannot be read or written."""


class FormatTooNew(HistoryError):
    """The history was written by a newer version of Trialdeck."""


class ObjectiveError(TrialdeckError):
    """The objective cannot be loaded, or cannot be called with the parameters it would get."""


class DataError(TrialdeckError):
    """Data files of the default network that are missing, damaged, or not what they should be."""


class TrialsFileError(TrialdeckError):
    """A file of trials that cannot be imported."""


class PointsError(TrialdeckError):
    """Points that do not fit the space; `wrong` has for each where it is from, and its problems."""

    def __init__(self, wrong: Sequence[tuple[str, Sequence[Problem]]]) -> None:
        self.wrong = tuple(wrong)
        lines = []
        for place, problems in self.wrong:
            lines += [f"{place} does not fit, so nothing is queued:", *(f"  {p}" for p in problems)]
        super().__init__("\n".join(lines))


class KnownPoints(TrialdeckError):
    """Points that have run already, or wait to, are asked for again."""
