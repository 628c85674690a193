"""A pool in a job of a place that is made of a file: what the file says can be changed any time.

``python -m tests.core.pool.placed FACTS HISTORY …`` takes what ``trialdeck.core`` does. What real
places say of real jobs is tested with these.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from subprocess import STDOUT, Popen

from trialdeck.backends.base import LaunchError, OwnJob, SingleJobs, State, Status
from trialdeck.core.__main__ import arguments, run
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.pool import surplus

BACKEND = "files"


class FactsJob(OwnJob):
    """Says of its job what the file says, each after `slow` seconds."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def _said(self, key: str):
        facts = json.loads(self.file.read_text())
        if facts.get("silent"):
            raise LaunchError("no answer")
        time.sleep(facts.get("slow", 0.0))
        return facts.get(key)

    def seconds_left(self) -> float | None:
        ends_at = self._said("ends_at")
        return None if ends_at is None else ends_at - time.time()

    def grace(self) -> float | None:
        return self._said("grace")

    def why_ending(self) -> str:
        return self._said("why") or ""


class FactsPlace(SingleJobs):
    """Scarce, if the file says so. Notes what it is asked and told."""

    name = BACKEND

    def __init__(self, file: Path) -> None:
        self.file = file
        self.scarce = json.loads(file.read_text()).get("scarce", True)

    def own_job(self, _job: str) -> OwnJob:
        return FactsJob(self.file)

    def poll(self, handles):
        said = json.loads(self.file.read_text()).get("jobs", {})
        with self.file.with_suffix(".asked").open("a") as notes:
            notes.write(" ".join(handle.job for handle in handles) + "\n")
        jobs = {
            job: Status(State(state), reason, taken=taken)
            for job, (state, reason, taken) in said.items()
        }
        return {handle: Status(State.RUNNING, jobs=jobs) for handle in handles}


def write_facts(folder: Path, **facts) -> Path:
    """Write what the place says, all at once."""
    file = folder / "facts.json"
    new = folder / "facts.new"
    new.write_text(json.dumps(facts))
    new.rename(file)
    return file


@contextmanager
def a_placed_pool(search, facts: Path, job: str, cores: int = 1, name: str = "launched"):
    """Run a pool in the job `job` for as long as the block takes."""
    words = ["--cores", str(cores), "--backend", BACKEND, "--job", job, "--name", name]
    command = [sys.executable, "-P", "-m", "tests.core.pool.placed", str(facts)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with (search.paths.logs / "pool.log").open("ab") as log:
        pool = Popen(
            [*command, str(search.paths.root), *words],
            start_new_session=True,
            stdout=log,
            stderr=STDOUT,
            env=environment,
        )
    try:
        yield pool
    finally:
        pool.kill()
        pool.wait()


if __name__ == "__main__":
    place = FactsPlace(Path(sys.argv.pop(1)))
    surplus.IDLE_SECONDS = 3.0  # instead of a minute
    given = arguments()
    run(given, HistoryPaths(given.history.resolve()), place)
