"""Which trained networks are kept, and what finished trials have left that nobody needs.

A network is what an attempt put into its `model_dir`, ``models/<tid>/<attempt>/``. Those of the
best `keep_best` trials of each stage stay, as losses of two stages cannot be compared: the ok ones
with the lowest losses, the lower tid of equals, among those that have a network here. So trials
without one (imported, or run on another machine) take no place, and who has to go follows from the
history and from what lies here alone. All pools that use a folder come to the same, however much
later one of them knows what another does: a trial that is behind `keep_best` others now stays
behind them. What a pool that was killed has left over, the next one to finish a trial removes.

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
    best: dict[int, Path] = {}
    for stage in {trial.stage for trial, _ in models}:
        best |= _best(paths, [trial for trial, _ in models if trial.stage == stage], keep_best)
    for trial, folder in models:
        network = best.get(trial.tid)
        found += [folder] if network is None else _other_attempts(trial, network)
    return found


def network_of(paths: HistoryPaths, trial: Trial) -> tuple[Path, list[str]] | None:
    """Return the folder with a trial's network and the names in it, None when there is none here.

    It is that of the attempt with the result. Only when that attempt had been believed to be lost
    just before it recorded the result, has another one taken the network over, for the same point.
    """
    folders = [paths.model(trial.tid, trial.attempt)]
    if not _names(folders[0]):
        tids = (name for name in _names(folders[0].parent) if name.isdecimal())
        folders = [paths.model(trial.tid, attempt) for attempt in sorted(map(int, tids))[::-1]]
    return next(((folder, names) for folder in folders if (names := _names(folder))), None)


def _names(folder: Path) -> list[str]:
    """Return what is in a folder; hidden files are being written, or were when a process ended."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names will do
    except OSError:
        return []
    return sorted(name for name in names if not name.startswith("."))


def _settled(folder: Path, snapshot: Snapshot) -> Iterator[tuple[Trial, Path]]:
    """Yield the trials that have their result, and what they have in a folder."""
    for tid in sorted(int(name) for name in _names(folder) if name.isdecimal()):
        trial = snapshot.trials.get(tid)
        if trial is not None and trial.state.settled:
            yield trial, folder / str(tid)


def _best(paths: HistoryPaths, trials: list[Trial], count: int) -> dict[int, Path]:
    """Return the best trials that have a network by tid, and where it is."""
    ok = [trial for trial in trials if trial.state is TrialState.OK and trial.loss is not None]
    best: dict[int, Path] = {}
    for trial in sorted(ok, key=lambda trial: (trial.loss, trial.tid)):
        if len(best) >= count:
            break
        if network := network_of(paths, trial):
            best[trial.tid] = network[0]
    return best


def _other_attempts(trial: Trial, network: Path) -> list[Path]:
    """Return what attempts left that ended without the result of their trial."""
    ended = {a.attempt for a in trial.attempts if a.state in ENDED} - {trial.attempt}
    names = {str(attempt) for attempt in ended} - {network.name}
    return [network.with_name(name) for name in _names(network.parent) if name in names]
