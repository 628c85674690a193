"""Everything that can go wrong in a way that a user causes or can mend.

TrialdeckError
├── ParamsError            a parameter file with mistakes: all of them, each with its cure
├── DraftConflict          the draft is not based on the newest published revision
├── SearchError            no such search, a name that is taken, nothing to resume, …
├── HistoryError           a history that cannot be read or written
│   └── FormatTooNew       written by a newer Trialdeck
├── ObjectiveError         the user's function cannot be loaded or called
├── DataError              the data files of the default network are missing or wrong
├── TrialsFileError        a Trials.p (or CSV, JSON) that cannot be imported
└── LaunchError            a backend could not start, find or end cores

The text of each says what is wrong, where, and how to mend it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialdeck.backends.base import LaunchError, TrialdeckError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "DataError",
    "DraftConflict",
    "FormatTooNew",
    "HistoryError",
    "LaunchError",
    "ObjectiveError",
    "ParamsError",
    "Problem",
    "SearchError",
    "TrialdeckError",
    "TrialsFileError",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a parameter file.

    `key` is the dotted path of the value (``space.learning_rate.low``), `text` says what is wrong
    with the offending value in it, `cure` what to write instead ("" when `text` says it already).
    """

    key: str
    text: str
    cure: str = ""

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
