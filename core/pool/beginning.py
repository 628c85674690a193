"""Before a pool begins: whether it would have anything to do.

Of the jobs that wait to take the place of others most find, in the end, that the search is over.
These cost little this way, and leave no journal.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from trialdeck.core.budget import all_ended
from trialdeck.core.history.writers import BEAT_SECONDS, Life, Liveness
from trialdeck.core.launches import Launches
from trialdeck.core.pool.farewell import release_all
from trialdeck.core.pool.open_trials import claimable
from trialdeck.core.pool.outlook import Outlook
from trialdeck.core.pool.surplus import SPARE, spares

if TYPE_CHECKING:
    from trialdeck.core.history.paths import HistoryPaths

WATCH_SECONDS = BEAT_SECONDS + 5.0  # within this a spare has shown that it lives
LOOK_SECONDS = 2.0


class Beginning:
    """Looks at a search for a pool of the launch `name`, at a place that is `scarce` or not.

    What it has read, the pool goes on with. Raises HistoryError when nothing has been published.
    """

    def __init__(self, paths: HistoryPaths, name: str, *, scarce: bool) -> None:
        self.paths = paths
        self.name = name
        self.scarce = scarce
        self.outlook = Outlook(paths)
        self.liveness = Liveness(paths, site=self.outlook.site.name)

    def reason_to_leave(self) -> str:
        """Return why the pool would have nothing to do, or "".

        Where a pool waits for work, this may take as long as it takes to see that it lives.
        """
        launch = Launches(self.paths.launches).read(self.name) if self.name else None
        if launch is not None and launch.stopped:
            return launch.why or "its launch has been stopped"
        began = time.monotonic()
        while self.outlook.refresh(self.liveness):
            snapshot, budget = self.outlook.snapshot, self.outlook.budget
            if all_ended(snapshot, budget):
                problem = release_all(self.paths, self.liveness)
                why = budget.ended or "every trial has come to its end"
                return why + (f"; {problem}" if problem else "")
            if not self.scarce or claimable(snapshot, budget, self.liveness.gone):
                return ""
            lives = [self.liveness.life(file.id) for file in spares(self.paths, self.liveness)]
            if lives.count(Life.ALIVE) >= max(1, budget.awaited):
                return SPARE
            if Life.UNKNOWN not in lives or time.monotonic() - began > WATCH_SECONDS:
                return ""
            time.sleep(LOOK_SECONDS)
        return ""
