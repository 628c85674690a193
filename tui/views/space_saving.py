"""What is done with the parameter file in the worker thread: reading, previewing, saving."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from trialdeck.core.errors import DraftChanged, DraftConflict, SearchError
from trialdeck.core.params import revisions
from trialdeck.core.params.document import Document
from trialdeck.core.params.drafts import digest
from trialdeck.core.search import Search

if TYPE_CHECKING:
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.params.model import Params
    from trialdeck.tui.session import Session


@dataclass(frozen=True, slots=True)
class Plan:
    """What saving will do.

    `revision` is the newest one of the search, 0 when it has not been started; `publishes` says
    that there will be a newer one. `lines` tell what becomes of the history. With
    `changes_meaning` its losses can be kept by the user's word only; `free_name` is that of a
    new search to begin instead.
    """

    revision: int
    publishes: bool
    lines: tuple[str, ...] = ()
    changes_meaning: bool = False
    free_name: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving has done, in words; or what kept it from being done."""

    text: str = ""
    changed: str = ""  # another program has changed the file: how
    conflict: str = ""  # saved, but a newer revision keeps it from being published: how they differ


def load(session: Session) -> Document:
    """Return the parameter file; the newest revision where there is a search without a file."""
    if session.has_draft:
        return Document.load(session.file)
    search = session.search
    newest = revisions.newest(search.paths)
    if newest is not None and search.params.script is not None:
        raise SearchError(f"{search.paths.name} is run by a script, which says what is searched")
    return Document(newest.text if newest is not None else "", session.file)


def plan(session: Session, document: Document) -> Plan:
    """Work out what saving the document, which has no mistakes, will do."""
    from trialdeck.core.migration import preview

    params = document.params
    if params is None:
        return Plan(0, publishes=False)
    paths = revisions.history_paths(params)
    newest = revisions.newest(paths)
    if newest is None:
        return Plan(0, publishes=False)
    if digest(newest.text) == digest(document.text):
        return Plan(newest.number, publishes=False)
    found = preview(paths, _search(session, paths).snapshot(), params)
    return Plan(
        newest.number,
        publishes=True,
        lines=tuple(found.lines),
        changes_meaning=found.needs_keep_losses,
        free_name=_free_name(paths),
    )


def save(
    session: Session,
    document: Document,
    *,
    overwrite: bool = False,
    keep_losses: bool = False,
    force: bool = False,
) -> Saved:
    """Write the document, and publish it where its search has been started."""
    try:
        document.save(overwrite=overwrite)
    except DraftChanged as error:
        return Saved(changed=str(error))
    params = document.params
    before = _revision(params) if params is not None else 0
    if params is None or not before:
        return Saved(f"Saved {document.path.name}.")
    try:
        session.publish(keep_losses=keep_losses, force=force)
    except DraftConflict as error:
        return Saved(conflict=str(error))
    after = _revision(params)
    if after == before:
        return Saved(f"Saved {document.path.name}; revision {after} says the same.")
    text = f"Saved; revision {after}: running cores take it up at their next trial."
    return Saved(text)


def pull(session: Session, document: Document) -> Document:
    """Take the newest revision as the draft, which is kept beside it; return it."""
    params = document.params
    if params is not None:
        revisions.pull(revisions.history_paths(params), session.file)
    return Document.load(session.file)


def _revision(params: Params) -> int:
    return revisions.newest_number(revisions.history_paths(params))


def _search(session: Session, paths: HistoryPaths) -> Search:
    """Return the search of a history, the one that is read already if it is that."""
    found = session.find()
    return found if found is not None and found.paths == paths else Search(paths)


def _free_name(paths: HistoryPaths) -> str:
    names = (f"{paths.name}-{number}" for number in count(2))
    return next(name for name in names if not paths.root.with_name(name).exists())
