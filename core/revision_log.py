"""The published revisions of a search, one after another, and what each has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialdeck.core.errors import ParamsError, SearchError
from trialdeck.core.params import revisions
from trialdeck.core.params.changes import changes
from trialdeck.core.params.syntax import read_text
from trialdeck.core.params.write import difference, without_backends

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.params.model import Params


@dataclass(frozen=True, slots=True)
class RevisionInfo:
    """A revision: when it was published (seconds since 1970), and what differs from the one before.

    `problem` says why it cannot be used by this version, "" when it can.
    """

    number: int
    at: float
    changes: tuple[str, ...]
    problem: str = ""


def revision_log(paths: HistoryPaths) -> list[RevisionInfo]:
    """Return all revisions, the oldest first."""
    newest = revisions.newest(paths)
    found: list[RevisionInfo] = []
    before: Params | None = None
    for number in range(1, newest.number + 1 if newest else 1):
        file = _file(paths, number)
        if not file.exists():
            continue
        at = file.stat().st_mtime
        try:
            params = revisions.load(paths, number)
        except ParamsError as error:
            found.append(RevisionInfo(number, at, (), str(error)))
            continue
        said = changes(before, params).sentences if before is not None else ()
        found.append(RevisionInfo(number, at, said))
        before = params
    return found


def revision_text(paths: HistoryPaths, number: int | None = None) -> str:
    """Return what a revision says, the newest by default. Raises SearchError if it is not there."""
    newest = revisions.newest(paths)
    if newest is None:
        raise SearchError(f'nothing has been published of the search "{paths.name}" yet')
    if number is None or number == newest.number:
        return newest.text
    if not _file(paths, number).exists():
        raise SearchError(f"there is no revision {number}; the newest is {newest.number}")
    return read_text(_file(paths, number))


def draft_difference(paths: HistoryPaths, draft: Path) -> str:
    """Return how the draft differs from the newest revision, "" if it does not."""
    newest = revisions.newest(paths)
    text = without_backends(read_text(draft))
    number = newest.number if newest is not None else 0
    return difference(revision_text(paths), text, f"revision {number}", str(draft))


def _file(paths: HistoryPaths, number: int) -> Path:
    return paths.params / f"{number:04}.toml"
