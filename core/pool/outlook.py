"""What a pool sees of the world: orders, revisions, the history, the other writers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trialdeck.core.budgets import Budgets
from trialdeck.core.errors import FormatTooNew, HistoryError, ParamsError
from trialdeck.core.history.reader import History
from trialdeck.core.params import revisions
from trialdeck.core.sites import this_site

if TYPE_CHECKING:
    from trialdeck.core.budget import Budget
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.params.model import Params
    from trialdeck.core.pool.ledger import Ledger
    from trialdeck.core.pool.orders import Orders


class Watcher(Protocol):
    """Watches the other writers."""

    def observe(self, snapshot: Snapshot, /) -> None:
        """Look at the signs that they live."""
        ...

    def gone(self, writer: str, /) -> bool:
        """Whether a writer will write no more."""
        ...


class Outlook:
    """The newest of everything, as far as it can be read; parameters as they are at this site.

    `away` says why the history cannot be read just now (a share that is not there for a while), or
    is "". Raises HistoryError at first when nothing has been published.
    """

    def __init__(self, paths: HistoryPaths) -> None:
        self.paths = paths
        self.revision = newest_revision(paths)
        self.site = this_site(paths)
        self.params: Params = self.site.over(revisions.load(paths, self.revision))
        self.history = History(paths)
        self.snapshot: Snapshot = self.history.refresh()
        if self.params.script is not None:
            raise HistoryError(f"{paths.root}: this search is run by a script, not by cores")
        self.away = ""
        self._budgets = Budgets()
        self._unusable = 0  # a revision that cannot be used, and that this has been said of

    @property
    def budget(self) -> Budget:
        """What there is to do."""
        return self._budgets.of(self.params, self.snapshot)

    def look(self, orders: Orders, watcher: Watcher, ledger: Ledger) -> bool:
        """Look at everything; return whether it could be read."""
        try:
            orders.look()
            self._take_up_revision(ledger)
        except (HistoryError, OSError) as error:
            self.away = str(error)
            return False
        return self.refresh(watcher)

    def refresh(self, watcher: Watcher) -> bool:
        """Read what is new in the history; return whether it could be read."""
        try:
            # Looked at before it is read: what a writer wrote before it died is then all there.
            watcher.observe(self.snapshot)
            self.snapshot = self.history.refresh(watcher.gone)
        except FormatTooNew:
            raise
        except (HistoryError, OSError) as error:
            self.away = str(error)
            return False
        self.away = ""
        return True

    def _take_up_revision(self, ledger: Ledger) -> None:
        number = newest_revision(self.paths)
        if number == self.revision:
            return
        try:
            self.params = self.site.over(revisions.load(self.paths, number))
        except ParamsError as error:  # published by a newer version, perhaps: go on as before
            if number != self._unusable:
                ledger.trouble(f"revision {number} cannot be used: {error}")
            self._unusable = number
            return
        self.revision = number


def newest_revision(paths: HistoryPaths) -> int:
    """Return the number of the newest revision. Raises HistoryError when there is none."""
    number = revisions.newest_number(paths)
    if not number:
        raise HistoryError(f"{paths.root}: no parameters have been published here yet")
    return number
