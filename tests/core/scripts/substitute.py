"""A pytest plugin: `HistoryTrials` in the place of hyperopt's `Trials`, in every module."""

from __future__ import annotations

import tempfile
from pathlib import Path

import hyperopt
import hyperopt.base

from trialdeck.core.history_trials import HistoryTrials

_FOLDER = tempfile.TemporaryDirectory(prefix="trialdeck-hyperopt-")


class Substitute(HistoryTrials):
    """A search of its own for each that is made as hyperopt's are: without a folder."""

    def __init__(self, exp_key=None, refresh=True):
        folder = tempfile.mkdtemp(dir=_FOLDER.name)
        super().__init__(Path(folder) / "history" / "search", exp_key, refresh=refresh)


hyperopt.Trials = hyperopt.base.Trials = Substitute


def pytest_unconfigure():
    _FOLDER.cleanup()
