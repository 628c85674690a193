"""Many writers on one history that do nothing but claim and record.

``python -m tests.core.pool.crowd HISTORY COUNT BUDGET``
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.core.history.disks import small_disk
from trialdeck.core.budget import Budget
from trialdeck.core.history.events import Environment, Finished, Started
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.pool.ledger import Ledger
from trialdeck.core.pool.scheduling import Assignment, Scheduler


def crowded(folder: Path, count: int, budget: int) -> None:
    """Let so many writers share a budget, on a disk where nobody waits; assert that it is exact."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with small_disk(folder / "disk", 32768) as disk:
        paths = HistoryPaths(disk / "history" / "t")
        paths.create()
        words = ["-m", "tests.core.pool.crowd", str(paths.root), str(count), str(budget)]
        subprocess.run([sys.executable, "-P", *words], env=environment, check=True, timeout=100)
        snapshot = History(paths).refresh()
    assert sorted(snapshot.trials) == list(range(budget))
    assert snapshot.counts.ok == budget
    assert snapshot.damaged == ()
    assert all(len(trial.events) == 2 for trial in snapshot.trials.values())
    assert sum(1 for info in snapshot.writers.values() if info.closed) == count
    assert len({trial.writer for trial in snapshot.trials.values()}) > count / 10


def crowd(paths: HistoryPaths, count: int, budget: int) -> bool:
    """Fork so many writers, let them begin at once; return whether all ended well."""
    waiting, go = os.pipe()
    children = []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            os.close(go)
            _be_one(paths, waiting, count, budget)
        children.append(child)
    os.close(waiting)
    os.close(go)
    ends = [os.waitpid(child, 0)[1] for child in children]
    return not any(ends)


def _be_one(paths: HistoryPaths, waiting: int, count: int, budget: int) -> None:
    status = 1
    try:
        ledger = Ledger(paths, "pool")
        os.read(waiting, 1)
        work(paths, ledger, count, budget)
        ledger.close()
        status = 0
    finally:
        os._exit(status)


def work(paths: HistoryPaths, ledger: Ledger, count: int, budget: int) -> None:
    """Run trials until there are none left to claim."""
    history = History(paths)
    scheduler = Scheduler(paths, ledger, lambda _writer: False)
    while True:
        snapshot = history.refresh()
        given = scheduler.next(snapshot, budget=Budget(budget), retries=0, live_cores=count)
        if given is None:
            return
        record(ledger, given)
        scheduler.release(given.tid)


def record(ledger: Ledger, given: Assignment) -> None:
    """Record a whole trial."""
    about = {"writer": ledger.writer, "tid": given.tid, "attempt": given.attempt}
    begun = Started(**about, point={"x": given.tid})
    assert ledger.started(begun, Environment(writer=ledger.writer, id="e"))
    ledger.finished(Finished(**about, outcome="ok", loss=float(given.tid)))


if __name__ == "__main__":
    given_words = (Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    sys.exit(not crowd(HistoryPaths(given_words[0]), *given_words[1:]))
