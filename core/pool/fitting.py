"""Whether another trial would end before the job does, where nothing is kept of one that does not.

An objective that writes checkpoints can begin a trial at any time: the next job goes on with it.
"""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from trialdeck.core import timing
from trialdeck.core.params.durations import format_duration

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.history.writers import Liveness
    from trialdeck.core.pool.deadline import Deadline

LOOKED_AT = 20  # unfinished trials that are looked at for checkpoints


class Fitting:
    """Decides for one pool; `too_short` says why no job like its own is long enough, or is ""."""

    def __init__(
        self, paths: HistoryPaths, deadline: Deadline, liveness: Liveness, backend: str
    ) -> None:
        self.paths = paths
        self.deadline = deadline
        self.liveness = liveness
        self.backend = backend
        self.too_short = ""

    def why_not(self, snapshot: Snapshot, grace: float) -> str:
        """Return why no more trials should be begun, which get `grace` seconds to end, or ""."""
        left = self.deadline.left(grace)
        if left is None:
            return ""
        usual = self._usual_seconds(snapshot)
        if usual is None or usual <= left or writes_checkpoints(self.paths, snapshot):
            return ""
        took = f"nine tenths of the finished trials took up to {_rough(usual)}"
        total = self.deadline.total
        if total is None or usual <= self.deadline.longest(grace) or not self.deadline.is_fresh:
            return f"{took}, and the job has {_rough(left)} left for them"
        self.too_short = (
            f"{took}, and a job has {_rough(total)}: ask for more time (time below "
            f"[backends.{self.backend}]), or write checkpoints"
        )
        return self.too_short

    def _usual_seconds(self, snapshot: Snapshot) -> float | None:
        """Return within which time nine tenths of the trials ended, None when that is not known.

        Those that ran at the same backend count, if there are enough of them: elsewhere trials
        may take longer, or less long.
        """
        here = {w for w, file in self.liveness.writers.items() if file.backend == self.backend}
        found = timing.longest_of(timing.durations(snapshot, by=here))
        return found if found is not None else timing.longest_of(timing.durations(snapshot))


def writes_checkpoints(paths: HistoryPaths, snapshot: Snapshot) -> bool:
    """Whether the objective keeps what a further attempt goes on from, as far as can be seen."""
    if paths.checkpointed.exists():
        return True
    tids = islice(sorted(snapshot.unfinished), LOOKED_AT)
    return any(holds_something(paths.checkpoint(tid, 0).parent) for tid in tids)


def holds_something(checkpoints: Path) -> bool:
    """Whether any attempt has left something in the folder with the checkpoints of one trial."""
    try:
        with os.scandir(checkpoints) as entries:
            folders = [entry.path for entry in entries if entry.is_dir()]
        return any(os.listdir(folder) for folder in folders)  # noqa: PTH208 - names will do
    except OSError:
        return False


def _rough(seconds: float) -> str:
    """Return a duration in as few words as say enough: 598 seconds are 10 minutes."""
    step = next((step for limit, step in ((60, 1), (600, 10), (7200, 60)) if seconds < limit), 600)
    return format_duration(round(seconds / step) * step)
