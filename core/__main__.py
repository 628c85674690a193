"""A pool as a process: ``python -P -m trialdeck.core HISTORY --cores N``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.history.paths import HistoryPaths


def main() -> int:
    """Run a pool until it is done; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -P -m trialdeck.core", description=__doc__)
    parser.add_argument("history", type=Path, help="the folder history/<name>")
    parser.add_argument("--cores", type=int, default=1, help="trials at once")
    parser.add_argument("--trials", type=int, default=None, help="start so many trials at most")
    parser.add_argument("--backend", default="", help="the backend that started this pool")
    parser.add_argument("--job", default="", help="the backend's name for this job")
    parser.add_argument("--name", default="", help="the name of the launch")
    given = parser.parse_args()
    from trialdeck.core.pool.pool import Pool

    try:
        paths = HistoryPaths(given.history.resolve())
        Pool(
            paths,
            given.cores,
            backend=given.backend,
            job=given.job,
            name=given.name,
            trials=given.trials,
        ).run()
    except TrialdeckError as error:
        print(error, file=sys.stderr)  # noqa: T201 - goes to the pool's log
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
