"""How often a pool asks the file server: metadata operations per trial, with ever more cores.

    python -m tests.bench.metadata [--cores 1 16 200]

A real pool under strace, with an objective that takes no time. Counted are the calls of the pool's
own process, the only one there that writes; what its start and its end cost is the same for a short
search and for a long one, and so falls out of the difference of the two. Beside it the process that
suggests lists and reads the journals once for each point.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from trialdeck.core.searches import start

CALLS = {
    "open": ("open", "openat", "creat"),
    "stat": ("stat", "lstat", "newfstatat", "statx", "access", "faccessat", "faccessat2"),
    "symlink": ("symlink", "symlinkat"),
    "readlink": ("readlink", "readlinkat"),
    "list": ("getdents64",),
    "make, rename, remove": ("mkdir", "rename", "renameat", "unlink", "unlinkat", "rmdir", "link"),
    "fsync": ("fsync", "fdatasync"),
}
PARAMS = """\
[search]
name = "search"
objective = "objective.py:square"
algorithm = "rand"
max_trials = {trials}
[cores]
preload = []
[space]
x = {{ type = "uniform", low = -5.0, high = 5.0 }}
"""


def counts(folder: Path, cores: int, trials: int) -> Counter[str]:
    """Run a search of so many trials; return the calls of the pool by group."""
    folder.mkdir(parents=True)
    (folder / "objective.py").write_text("def square(x):\n    return x * x\n")
    (folder / "params.toml").write_text(PARAMS.format(trials=trials))
    paths = start(folder / "params.toml").paths
    wanted = ",".join(f"?{name}" for names in CALLS.values() for name in names)
    pool = [sys.executable, "-P", "-m", "trialdeck.core", str(paths.root), "--cores", str(cores)]
    out = folder / "strace.txt"
    strace = ["strace", "-c", "-U", "name,calls", "-e", f"trace={wanted}", "-o", str(out)]
    subprocess.run([*strace, *pool], check=True, stdout=subprocess.DEVNULL)
    found = dict(re.findall(r"^\s*(\w+)\s+(\d+)", out.read_text(), re.MULTILINE))
    groups = {group: sum(int(found.get(n, 0)) for n in names) for group, names in CALLS.items()}
    return Counter(groups)


def main() -> int:
    """Print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 16, 200])
    given = parser.parse_args()
    if shutil.which("strace") is None:
        print("strace is not installed here: nothing is counted")
        return 0
    print(f"{'per trial':<24}" + "".join(f"{f'{cores} cores':>12}" for cores in given.cores))
    columns: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name:
        for cores in given.cores:
            few = max(100, 2 * cores)
            short = counts(Path(name) / f"{cores}-short", cores, few)
            long = counts(Path(name) / f"{cores}-long", cores, 3 * few)
            columns.append({group: (long[group] - short[group]) / (2 * few) for group in CALLS})
    for group in CALLS:
        print(f"{group:<24}" + "".join(f"{column[group]:>12.2f}" for column in columns))
    print(f"{'all':<24}" + "".join(f"{sum(column.values()):>12.2f}" for column in columns))
    return 0


if __name__ == "__main__":
    sys.exit(main())
