"""Where the trained network of a trial lies, and how it is loaded."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.history.trial import TrialState
from trialdeck.core.keeping import network_of
from trialdeck.core.params.model import DEFAULT_OBJECTIVE
from trialdeck.core.sites import folder_there, this_site
from trialdeck.core.trial_fields import host_of

if TYPE_CHECKING:
    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.search import Search

DEFAULT_FILE = "fcn.pt"  # of the default network


class KeptNetwork(msgspec.Struct, frozen=True):
    """The network of one trial, in `folder` on the machine `host`.

    `site` is "" where the folder can be seen from here. Otherwise it is the name of the machine
    that has it, the folder is as scp takes it, and `files` are not known: there are none either
    where the objective keeps none. `python` is a line that makes `network` of it, "" where
    only the objective knows how.
    """

    tid: int
    folder: str
    files: tuple[str, ...]
    host: str
    site: str = ""
    python: str = ""


def kept_network(search: Search, snapshot: Snapshot, tid: int) -> KeptNetwork | None:
    """Return where the network of a trial lies; None when it has none, or it was not kept."""
    trial = snapshot.trials[tid]
    if trial.state is not TrialState.OK:
        return None
    host = host_of(snapshot, trial)
    if trial.site != this_site(search.paths).name:
        return _elsewhere(search, trial, host, is_best=tid == snapshot.best)
    network = network_of(search.paths, trial)
    if network is None:
        return None
    folder, files = str(network[0]), tuple(network[1])
    python = load_statement(folder) if DEFAULT_FILE in files and _is_default(search) else ""
    return KeptNetwork(tid, folder, files, host, python=python)


def load_statement(folder: str) -> str:
    """Return the line of Python that loads what the default network has left in a folder."""
    return f'from trialdeck.core import fcn; network = fcn.load("{folder}/{DEFAULT_FILE}")'


def _is_default(search: Search) -> bool:
    return search.params.search.objective == DEFAULT_OBJECTIVE


def _elsewhere(search: Search, trial: Trial, host: str, *, is_best: bool) -> KeptNetwork | None:
    """Return where a site has the network of the best trial; of others it may have removed it."""
    if not (is_best and search.params.checkpoints.keep_best):
        return None
    file = search.liveness.writers.get(trial.writer)
    there = folder_there(search.paths).relative_to(search.paths.project)
    folder = f"{there}/models/{trial.tid}/{trial.attempt}"
    with suppress(TrialdeckError):
        where = search.launcher.place(file.backend if file else "").where
        folder = f"{where(trial.site, search.paths.project)}/{folder}"
    return KeptNetwork(trial.tid, folder, (), host, site=trial.site)
