"""Trials per second that processes record together, beside the peers, in turns.

    python -m tests.bench.peers [--processes 8 16] [--rounds 3] [--seconds 4] [--folder DIR]

The objective takes no time, suggestions are random, there are ten dimensions. Every record is
synced to the disk, ours with its claims. What each process has counted is looked up in the store at
the end. Put `--folder` on the file system in question.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

KINDS = ("trialdeck", "history-trials", "optuna-journal", "locked-pickle", "optuna-sqlite")
WORDS = {
    "trialdeck": "Trialdeck, as pools record",
    "history-trials": "Trialdeck, fmin with HistoryTrials",
    "optuna-journal": "Optuna, JournalFileBackend",
    "locked-pickle": "hyperopt, a pickle under a lock",
    "optuna-sqlite": "Optuna, sqlite (WAL)",
}


def measure(kind: str, folder: Path, processes: int, seconds: float) -> tuple[float, float]:
    """Return trials per second of all, and the slowest process as a share of the mean."""
    folder.mkdir(parents=True)
    if kind.startswith("optuna"):
        from tests.bench.stores import optunas

        optunas.prepare(kind, folder)
    words = [kind, str(folder), str(seconds), str(processes)]
    command = [sys.executable, "-m", "tests.bench.stores", *words]
    pipe = subprocess.PIPE
    running = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    done = [int(process.communicate()[0]) for process in running]
    assert counted(kind, folder) == sum(done), (kind, done)
    return sum(done) / seconds, min(done) / (sum(done) / processes)


def counted(kind: str, folder: Path) -> int:
    """Return how many finished trials a store has."""
    if kind.startswith("optuna"):
        from tests.bench.stores import optunas

        return optunas.counted(kind, folder)
    if kind == "locked-pickle":
        from tests.bench.stores import pickled

        return pickled.counted(folder)
    from tests.bench.stores import ours

    return ours.counted(folder)


def file_system(folder: Path) -> str:
    """Return the type of the file system of a folder."""
    said = subprocess.run(
        ["stat", "-f", "-c", "%T", str(folder)], capture_output=True, text=True, check=True
    )
    return said.stdout.strip()


def table(processes: int, found: dict[str, list[tuple[float, float]]]) -> None:
    """Print the medians, and how many times as fast the first is, with the range of all rounds."""
    title = f"{processes} processes"
    print(f"\n{title:<36} {'trials/s':>17} {'slowest/mean':>13}   ours is so many times as fast")
    first = [rate for rate, _ in found[KINDS[0]]]
    for kind, rounds in found.items():
        rates = [rate for rate, _ in rounds]
        ratios = [ours / rate for ours, rate in zip(first, rates, strict=True)]
        share = statistics.median(share for _, share in rounds)
        print(
            f"{WORDS[kind]:<36} {statistics.median(rates):>17,.1f} {share:>13.2f}   "
            f"{statistics.median(ratios):>6.1f}  ({min(ratios):.1f} to {max(ratios):.1f})"
        )


def main() -> None:
    """Print a table for each number of processes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--processes", type=int, nargs="+", default=[8, 16])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        print(f"on {file_system(Path(name))}, {given.rounds} rounds of {given.seconds:g} s each")
        for processes in given.processes:
            found: dict[str, list[tuple[float, float]]] = {kind: [] for kind in given.kinds}
            for turn in range(given.rounds):
                for kind in given.kinds:
                    folder = Path(name) / f"{processes}-{turn}-{kind}"
                    found[kind].append(measure(kind, folder, processes, given.seconds))
            table(processes, found)


if __name__ == "__main__":
    main()
