"""A pytest plugin: `HistoryTrials` in the place of hyperopt's `Trials`, in every module."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

import hyperopt
import hyperopt.base

from trialdeck.core.history_trials import HistoryTrials
from trialdeck.core.scripts.heart import Heart

# In memory where there is such a place: what these tests ask is not whether a disk keeps it, and
# waiting for one that others write to takes most of the time.
_MEMORY = Path("/dev/shm")
_FOLDER = tempfile.TemporaryDirectory(
    prefix="trialdeck-hyperopt-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None
)


class Substitute(HistoryTrials):
    """A search of its own for each that is made as hyperopt's are: without a folder."""

    def __init__(self, exp_key=None, refresh=True):
        folder = tempfile.mkdtemp(dir=_FOLDER.name)
        super().__init__(Path(folder) / "history" / "search", exp_key, refresh=refresh)


hyperopt.Trials = hyperopt.base.Trials = Substitute


def pytest_unconfigure():
    for thread in threading.enumerate():
        if isinstance(thread, Heart):
            thread.stop()  # or it may write into the folder while that is removed
    _FOLDER.cleanup()
