"""A pool as a process: ``python -P -m trialdeck.core HISTORY --cores N``."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trialdeck import backends
from trialdeck.backends.base import BACKEND_VARIABLE, JOB_VARIABLE
from trialdeck.core.errors import LaunchError, TrialdeckError
from trialdeck.core.history.paths import HistoryPaths

if TYPE_CHECKING:
    from trialdeck.backends.base import Backend


def main() -> int:
    """Run a pool until it is done; return the exit status."""
    given = arguments()
    try:
        paths = HistoryPaths(given.history.resolve())
        run(given, paths, _place(given.backend, paths))
    except TrialdeckError as error:
        print(error, file=sys.stderr)  # noqa: T201 - goes to the pool's log
        return 2
    return 0


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(prog="python -P -m trialdeck.core", description=__doc__)
    parser.add_argument("history", type=Path, help="the folder history/<name>")
    parser.add_argument("--cores", type=int, default=1, help="trials at once")
    parser.add_argument("--trials", type=int, default=None, help="start so many trials at most")
    parser.add_argument("--backend", default="", help="the backend that started this pool")
    parser.add_argument("--job", default="", help="the backend's name for this job")
    parser.add_argument("--name", default="", help="the name of the launch")
    return parser.parse_args()


def run(given: argparse.Namespace, paths: HistoryPaths, place: Backend | None) -> None:
    """Run a pool at a place, unless there is nothing for it to do: it then leaves no trace."""
    from trialdeck.core.pool.beginning import Beginning

    beginning = Beginning(paths, given.name, scarce=place is not None and place.scarce)
    if reason := beginning.reason_to_leave():
        print(f"nothing to do: {reason}")  # noqa: T201 - goes to the pool's log
        return
    from trialdeck.core.pool.pool import Pool

    Pool(
        paths,
        given.cores,
        backend=given.backend,
        job=given.job or _own_job(given.backend),
        name=given.name,
        trials=given.trials,
        place=place,
        watch=(beginning.outlook, beginning.liveness),
    ).run()


def _place(backend: str, paths: HistoryPaths) -> Backend | None:
    """Return the backend that started this pool; None for none, or one that is unknown here."""
    try:
        return backends.create(backend, {}, paths.launches) if backend else None
    except LaunchError:
        return None


def _own_job(backend: str) -> str:
    """Return the backend's name for this job, which it has put into the environment."""
    if backend and os.environ.get(BACKEND_VARIABLE) == backend:
        return os.environ.get(JOB_VARIABLE, "")
    return ""


if __name__ == "__main__":
    sys.exit(main())
