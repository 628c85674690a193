"""What finished trials have left that a pool would have removed, had it not been killed."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from trialdeck.core.errors import HistoryError, ParamsError
from trialdeck.core.keeping import surplus
from trialdeck.core.params import revisions

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot

SETTLING_SECONDS = 600.0  # a pool may be about to remove what a trial has left that ended just now


def remains(paths: HistoryPaths, snapshot: Snapshot) -> list[Path]:
    """Return the folders of checkpoints and networks that nobody needs any more."""
    before = time.time() - SETTLING_SECONDS
    found = []
    for folder in surplus(paths, snapshot, _wanted(paths)):
        trial = snapshot.trials[int(folder.relative_to(paths.root).parts[1])]
        if (trial.finished_at or 0.0) < before:
            found.append(folder)
    return found


def _wanted(paths: HistoryPaths) -> int:
    """Return how many networks are to stay; all, when nobody can say."""
    try:
        return revisions.load(paths, revisions.newest_number(paths)).checkpoints.keep_best
    except (HistoryError, ParamsError):
        return sys.maxsize
