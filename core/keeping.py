"""Which trained networks are kept, and what finished trials have left that nobody needs.

A network is what an attempt put into its `model_dir`, ``models/<tid>/<attempt>/``. Those of the
best `keep_best` trials stay: the ok ones with the lowest losses, the lower tid of equals, among
those that have a network here. So trials without one (imported, or run on another machine) take no
place, and who has to go follows from the history and from what lies here alone. All pools that use
a folder come to the same, however much later one of them knows what another does: a trial that is
behind `keep_best` others now stays behind them. What a pool that was killed has left over, the next
one to finish a trial removes.

Nothing is removed that belongs to a trial without a result, or to one that is not known yet.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from trialdeck.core.history.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot, Trial

ENDED = ("interrupted", "superseded")  # attempts whose own writers say so: they never count


def tidy(paths: HistoryPaths, snapshot: Snapshot, keep_best: int) -> None:
    """Remove what is `surplus`, as far as that is possible."""
    for folder in surplus(paths, snapshot, keep_best):
        shutil.rmtree(folder, ignore_errors=True)


def surplus(paths: HistoryPaths, snapshot: Snapshot, keep_best: int) -> list[Path]:
    """Return the folders of checkpoints and networks that nobody needs."""
    found = [folder for _, folder in _settled(paths.checkpoints, snapshot)]
    models = list(_settled(paths.models, snapshot))
    best = _best(paths, [trial for trial, _ in models], keep_best)
    for trial, folder in models:
        found += _other_attempts(paths, trial) if trial.tid in best else [folder]
    return found


def network_files(paths: HistoryPaths, trial: Trial) -> list[str]:
    """Return the names in the folder of a trial's network; none when there is none here."""
    try:
        names = os.listdir(paths.model(trial.tid, trial.attempt))  # noqa: PTH208 - names will do
    except OSError:
        return []
    return sorted(name for name in names if not name.startswith("."))


def _settled(folder: Path, snapshot: Snapshot) -> Iterator[tuple[Trial, Path]]:
    """Yield the trials that have their result, and what they have in a folder."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names will do
    except OSError:
        return
    for tid in sorted(int(name) for name in names if name.isdecimal()):
        trial = snapshot.trials.get(tid)
        if trial is not None and trial.state.settled:
            yield trial, folder / str(tid)


def _best(paths: HistoryPaths, trials: list[Trial], count: int) -> set[int]:
    """Return the tids of the best trials that have a network."""
    ranked = sorted(
        (trial.loss, trial.tid)
        for trial in trials
        if trial.state is TrialState.OK and trial.loss is not None and network_files(paths, trial)
    )
    return {tid for _, tid in ranked[:count]}


def _other_attempts(paths: HistoryPaths, trial: Trial) -> list[Path]:
    """Return what attempts left that ended without the result of their trial."""
    ended = {a.attempt for a in trial.attempts if a.state in ENDED} - {trial.attempt}
    folders = [paths.model(trial.tid, attempt) for attempt in sorted(ended)]
    return [folder for folder in folders if folder.is_dir()]
