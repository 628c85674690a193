"""Our own: the records that a pool writes, and `fmin` with `HistoryTrials`."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING

from trialdeck.core.history import claims
from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.journal import Journal, new_writer_id
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.space import Space, parse_space

if TYPE_CHECKING:
    from pathlib import Path


def space() -> Space:
    """Return the ten dimensions that every tool searches."""
    table = {f"x{n}": {"type": "uniform", "low": 0.0, "high": 1.0} for n in range(6)}
    table |= {f"rate{n}": {"type": "loguniform", "low": 1e-5, "high": 1.0} for n in range(2)}
    table["layers"] = {"type": "uniformint", "low": 1, "high": 8}
    table["kind"] = {"type": "choice", "options": ["relu", "gelu", "tanh"]}
    return parse_space(table, [])


def paths_in(folder: Path) -> HistoryPaths:
    """Return where the history lies."""
    return HistoryPaths(folder / "history" / "search")


class Records:
    """What a pool does for each trial: claim, suggest, record the start, seal, record the end.

    New ids are looked for a random step above the last one. On average it is as many as there are
    `processes`, so that none falls behind the others: pools see where these are.
    """

    def __init__(self, folder: Path, processes: int) -> None:
        self.steps = 2 * processes - 1
        self.paths = paths_in(folder)
        self.paths.create()
        self.journal = Journal.create(self.paths, new_writer_id(), "pool")
        self.rng = random.Random(self.journal.writer)
        self.space = space()
        self.tid = 0

    def trial(self) -> None:
        """Run one that takes no time."""
        writer = self.journal.writer
        while claims.take(self.paths, self.tid, 0, writer) != writer:
            self.tid += 1
        point = self.space.sample(self.rng)
        at = round(time.time(), 3)
        self.journal.append(
            Started(
                writer=writer,
                at=at,
                tid=self.tid,
                point=point,
                revision=1,
                seed=self.rng.getrandbits(31),
                environment="0123abcd",
            ),
            strict=True,
        )
        claims.take(self.paths, self.tid, 1, writer)
        loss = point["x0"]
        self.journal.append(
            Finished(
                writer=writer,
                at=at,
                tid=self.tid,
                outcome="ok",
                loss=loss,
                metrics={"loss": loss},
                seconds=0.001,
            ),
            strict=True,
        )
        self.tid += 1 + self.rng.randrange(self.steps)


def records(folder: Path, seconds: float, processes: int) -> int:
    """Record trials for so long, one of several processes; return how many."""
    store = Records(folder, processes)
    done, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        store.trial()
        done += 1
    store.journal.close()
    return done


def history_trials(folder: Path, seconds: float) -> int:
    """Call hyperopt's fmin for so long; return how many trials this process has run."""
    from hyperopt import fmin, rand

    from tests.bench.stores.pickled import expression
    from trialdeck.core.history_trials import HistoryTrials

    trials = HistoryTrials(paths_in(folder).root, wait=False)
    ran = 0

    def objective(point: dict[str, float]) -> float:
        nonlocal ran
        ran += 1
        return point["x0"]

    more = {"verbose": False, "return_argmin": False}
    fmin(objective, expression(), algo=rand.suggest, timeout=seconds, trials=trials, **more)
    return ran


def counted(folder: Path) -> int:
    """Return how many finished trials the history has."""
    return History(paths_in(folder)).refresh().counts.ok


def warm_up(kind: str) -> None:
    """Import what is imported at the start."""
    if kind == "history-trials":
        import hyperopt  # noqa: F401

        import trialdeck.core.history_trials  # noqa: F401
    os.environ.setdefault("OMP_NUM_THREADS", "1")
