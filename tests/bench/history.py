"""How fast the shared history is, and how large.

    python -m tests.bench.history [--trials 100000] [--folder DIR]

Processes write as pools do, a claim and an event at the start of a trial and a claim and an event
at its end, each event synced by itself. Put `--folder` on the file system in question.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from trialdeck.core.history import claims
from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.journal import Journal, new_writer_id
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History

if TYPE_CHECKING:
    from collections.abc import Callable

POOLS = 8
REFRESHES = 50
SECONDS = 3.0


def trial(writer: str, tid: int, rng: random.Random) -> tuple[Started, Finished]:
    """Return the events of a trial with ten dimensions."""
    point: dict[str, object] = {f"dimension_{n}": rng.random() for n in range(8)}
    point |= {"layers": rng.randrange(1, 7), "optimizer": rng.choice(["adam", "sgd"])}
    start = Started(
        writer=writer,
        at=round(time.time(), 3),
        tid=tid,
        point=point,
        revision=1,
        core=tid % POOLS,
        seed=rng.getrandbits(31),
        environment="0123abcd",
    )
    loss = rng.random()
    end = Finished(
        writer=writer,
        at=round(time.time(), 3),
        tid=tid,
        outcome="ok",
        loss=loss,
        metrics={"loss": loss, "auc": rng.random()},
        seconds=12.345,
        steps=20,
    )
    return start, end


def fill(paths: HistoryPaths, trials: int) -> None:
    """Write a history of so many trials by `POOLS` pools, their claims included."""
    paths.create()
    rng = random.Random(0)
    for pool in range(POOLS):
        journal = Journal.create(paths, new_writer_id(), "pool")
        events: list[Started | Finished] = []
        for tid in range(pool, trials, POOLS):
            events += trial(journal.writer, tid, rng)
            for attempt in (0, 1):
                claims.take(paths, tid, attempt, journal.writer)
        journal.append(*events, strict=True)


def disk_use(folder: Path) -> int:
    """Return the bytes that the files and folders below `folder` take on the disk."""
    return sum(
        (Path(root) / name).lstat().st_blocks * 512
        for root, folders, files in os.walk(folder)
        for name in [*folders, *files]
    )


def timed(action: Callable[[], object]) -> float:
    """Return how many seconds it takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def reading(folder: Path, trials: int) -> None:
    """Print what it costs to read a history of so many trials."""
    paths = HistoryPaths(folder / "history" / str(trials))
    fill(paths, trials)
    cold = min(timed(History(paths).refresh) for _ in range(3))
    history = History(paths)
    history.refresh()
    journal = Journal.create(paths, new_writer_id(), "pool")
    rng = random.Random(1)
    after_one = []
    for tid in range(trials, trials + REFRESHES):
        journal.append(*trial(journal.writer, tid, rng))
        after_one.append(timed(history.refresh))
    nothing = statistics.median(timed(history.refresh) for _ in range(REFRESHES))
    print(
        f"{trials:>9,} {cold:>11.3f} {1000 * statistics.median(after_one):>13.3f} "
        f"{1000 * nothing:>13.3f} {disk_use(paths.journal) / trials:>12.0f} "
        f"{disk_use(paths.root / 'claims') / trials:>12.0f}"
    )


def work(paths: HistoryPaths) -> int:
    """Run trials that take no time, as a pool would, for some seconds; return how many."""
    journal = Journal.create(paths, new_writer_id(), "pool")
    rng = random.Random(journal.writer)
    tid = done = 0
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        while claims.take(paths, tid, 0, journal.writer) != journal.writer:
            tid += 1
        start, finish = trial(journal.writer, tid, rng)
        journal.append(start, strict=True)
        claims.take(paths, tid, 1, journal.writer)
        journal.append(finish, strict=True)
        done += 1
        tid += 1 + rng.randrange(POOLS)  # as pools do, to seldom try the same
    journal.close()
    return done


def writing(folder: Path, processes: int) -> None:
    """Print how many trials a second so many processes can record together."""
    paths = HistoryPaths(folder / "history" / f"writing-{processes}")
    paths.create()
    command = [sys.executable, "-m", "tests.bench.history", "--work", str(paths.root)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    done = [int(process.communicate()[0]) for process in running]
    counted = History(paths).refresh().counts.ok
    assert counted == sum(done), (counted, done)
    print(f"{processes:>9} {sum(done) / SECONDS:>16,.0f} {min(done) / max(done):>20.2f}")


def main() -> None:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work is not None:
        print("ready", flush=True)
        sys.stdin.readline()
        print(work(HistoryPaths(options.work)))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        print(
            "   trials   cold, s   after one, ms   nothing, ms   B on disk/trial   B claims/trial"
        )
        for trials in (1000, options.trials):
            reading(folder, trials)
        print("\nprocesses   trials a second   slowest / fastest")
        for processes in (1, POOLS):
            writing(folder, processes)


if __name__ == "__main__":
    main()
