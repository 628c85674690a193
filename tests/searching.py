"""Projects in a temporary folder, and real pools on them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conditions import until
from trialdeck.core.searches import start

if TYPE_CHECKING:
    from trialdeck.core.search import Search

ODD = Path(__file__).parent / "core" / "pool" / "odd.py"

TEMPLATE = """\
[search]
name = "t"
objective = "odd.py:{objective}"
max_trials = {max_trials}
{search}
[cores]
preload = []
{cores}
[fixed]
{fixed}
[space]
x = {{ type = "uniform", low = -3.0, high = 5.0 }}
{space}
"""


def project(
    folder: Path, objective: str, max_trials: int = 10, *, search="", cores="", fixed="", space=""
) -> Path:
    """Write a project whose objective is one of odd.py; return its parameter file."""
    shutil.copy(ODD, folder / "odd.py")
    file = folder / "params.toml"
    file.write_text(
        TEMPLATE.format(
            objective=objective,
            max_trials=max_trials,
            search=search,
            cores=cores,
            fixed=fixed,
            space=space,
        )
    )
    return file


def searching(folder: Path, objective: str, max_trials: int = 10, **rest: str) -> Search:
    """Return a published search."""
    return start(project(folder, objective, max_trials, **rest))


def start_pool(
    search: Search, cores: int = 2, trials: int | None = None
) -> subprocess.Popen[bytes]:
    """Start a pool as a child of the test."""
    words = [str(search.paths.root), "--cores", str(cores)]
    words += ["--trials", str(trials)] if trials is not None else []
    with (search.paths.logs / "pool.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "trialdeck.core", *words],
            start_new_session=True,
            stderr=subprocess.STDOUT,
            stdout=log,
        )


@contextmanager
def a_pool(search: Search, cores: int = 2, trials: int | None = None):
    """Run a pool for as long as the block takes."""
    pool = start_pool(search, cores, trials)
    try:
        yield pool
    finally:
        pool.kill()
        pool.wait()


def finish(search: Search, cores: int = 2, timeout: float = 30.0) -> int:
    """Run a pool to its end; return its exit status."""
    with a_pool(search, cores) as pool:
        return pool.wait(timeout)


def wait_for(search: Search, condition, timeout: float = 20.0):
    """Wait until `condition(snapshot)` is true; return the snapshot."""
    found = []

    def look():
        found.append(search.snapshot())
        return condition(found[-1])

    def said():
        log = (search.paths.logs / "pool.log").read_text(errors="replace")
        return f"the search; it is {search.status()}\n{log[-3000:]}"

    until(look, timeout, said)
    return found[-1]
