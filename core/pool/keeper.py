"""Removes what trials leave, once their results are known to be in the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core import keeping

if TYPE_CHECKING:
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot


class Keeper:
    """Keeps the best networks for one pool; `recorded` are trials that it has just finished."""

    def __init__(self, paths: HistoryPaths, recorded: set[int]) -> None:
        self.paths = paths
        self.recorded = recorded

    def look(self, snapshot: Snapshot, keep_best: int) -> None:
        """Tidy up if a result of this pool is new in the snapshot."""
        if seen := [tid for tid in self.recorded if _is_settled(snapshot, tid)]:
            self.recorded.difference_update(seen)
            keeping.tidy(self.paths, snapshot, keep_best)


def _is_settled(snapshot: Snapshot, tid: int) -> bool:
    trial = snapshot.trials.get(tid)
    return trial is not None and trial.state.settled
