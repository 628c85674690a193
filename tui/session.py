"""The parameter file and its search, as the application's threads use them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from trialdeck.core import searches
from trialdeck.core.errors import ParamsError, SearchError, TrialdeckError
from trialdeck.core.params.read import read_params
from trialdeck.core.params.revisions import newest_number

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.params.model import Params
    from trialdeck.core.search import Search
    from trialdeck.tui.deck import Deck

_Stamp = tuple[int, int, int] | None


class Session:
    """Finds the search of a deck, and finds it again when the parameter file names another.

    One object reads the history for all threads, so that it is read once.
    """

    def __init__(self, deck: Deck) -> None:
        self.deck = deck
        self.file = deck.params_file.absolute()
        self._search: Search | None = None
        self._stamp: _Stamp = (0, 0, 0)
        self._lock = threading.RLock()

    @property
    def search(self) -> Search:
        """The search. Raises SearchError (or ParamsError) when there is none."""
        with self._lock:
            found = self.find()
            return found if found is not None else self.deck.search()

    @property
    def has_draft(self) -> bool:
        """Whether there is a parameter file."""
        return self.file.exists()

    def find(self) -> Search | None:
        """Return the search if there is one. Costs little while nothing has changed."""
        with self._lock:
            stamp = _stamp(self.file)
            if stamp != self._stamp or self._search is None:
                self._stamp = stamp
                self._search = self._found()
            elif not self._search.paths.root.is_dir():
                self._search = None
            return self._search

    def draft(self) -> Params:
        """Return what the parameter file says. Raises ParamsError with every mistake in it."""
        return read_params(self.file)

    def publish(self, **how: Any) -> Search:
        """Publish the draft if it has changed (see `search.start`), and return its search."""
        with self._lock:
            started = searches.start(self.file, **how)
            return self._keep(started) or started

    def _found(self) -> Search | None:
        if not self.deck.history.is_dir():
            return None
        try:
            found = self.deck.search()
        except (SearchError, ParamsError):
            return None
        # Checks make the folder; only what has been published is a search.
        return self._keep(found) if newest_number(found.paths) else None

    def _keep(self, found: Search) -> Search | None:
        """Return the search that is read already if it is the same, with the new settings."""
        if self._search is not None and self._search.paths == found.paths:
            self._search.launcher.settings = found.launcher.settings
        else:
            self.leave()
            found.connect()
            self._search = found
        return self._search

    def leave(self) -> None:
        """Let go of other machines; what runs there runs on."""
        if self._search is not None:
            self._search.disconnect()

    def why_none(self) -> str:
        """Return why there is no search, where that is not simply the beginning."""
        if self.deck.search_name is None and not self.deck.history.is_dir():
            return ""
        try:
            self.deck.search()
        except TrialdeckError as error:
            return str(error)
        return ""


def _stamp(file: Path) -> _Stamp:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
