"""One process that runs trials: says when it is ready, begins when it is told to."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path


def main() -> None:
    """Run the store of this kind in that folder for so many seconds; print the number of trials."""
    kind, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    work = _work(kind, int(sys.argv[4]))
    print("ready", flush=True)
    sys.stdin.readline()
    print(work(folder, seconds))


def _work(kind: str, processes: int):
    if kind.startswith("optuna"):
        from tests.bench.stores import optunas

        return partial(optunas.run, kind)
    if kind == "locked-pickle":
        from tests.bench.stores import pickled

        return pickled.locked_pickle
    from tests.bench.stores import ours

    ours.warm_up(kind)
    return (
        ours.history_trials
        if kind == "history-trials"
        else partial(ours.records, processes=processes)
    )


if __name__ == "__main__":
    main()
