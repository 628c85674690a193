"""The settings of [backends.slurm], and the jobs that a launch becomes with them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialdeck.backends.base import Jobs, LaunchError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.backends.base import JobSpec

MOST_JOBS = 1000  # of one array, where nobody has changed Slurm's MaxArraySize
WARNING_SECONDS = 60.0
_UNITS = {"K": 1 / 1024, "": 1.0, "M": 1.0, "G": 1024.0, "T": 1024.0**2}  # in MB

# Options of sbatch that are ours, and what to use instead.
_OURS = {
    "array": "cores and refill",
    "job-name": "nothing: launches are found by their names",
    "output": "nothing: logs are kept with the history",
    "error": "nothing: logs are kept with the history",
    "open-mode": "nothing: logs are appended to",
    "chdir": "nothing: jobs run in the folder of the parameter file",
    "signal": "nothing: cores know when their job ends",
    "requeue": "nothing: preempted jobs are always queued again",
    "no-requeue": "nothing: preempted jobs are always queued again",
    "parsable": "nothing",
    "wait": "nothing",
    "wrap": "setup",
    "test-only": "`trialdeck launch slurm --dry-run`",
    "export": "setup = [\"export NAME=value\"]",
    "partition": "partition",
    "time": "time",
    "cpus-per-task": "cpus",
    "mem": "memory",
    "gres": "gpus",
    "gpus": "gpus",
    "constraint": "constraint",
    "account": "account",
    "qos": "qos",
    "nodes": "nothing: a job is on one node",
    "ntasks": "cores_per_job",
}  # fmt: skip
_SHORT = {
    "a": "array", "J": "job-name", "o": "output", "e": "error", "D": "chdir", "W": "wait",
    "p": "partition", "t": "time", "c": "cpus-per-task", "G": "gpus", "C": "constraint",
    "A": "account", "q": "qos", "N": "nodes", "n": "ntasks",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What jobs are to have. `time` is in seconds; cpus, memory and gpus are of one job."""

    partition: str = ""
    time: float | None = None
    cpus: int | None = None
    memory: str = ""
    gpus: int | str = ""
    constraint: str = ""
    account: str = ""
    qos: str = ""
    sbatch: Sequence[str] = ()
    setup: Sequence[str] = ()
    cores_per_job: int = 1
    refill: int = 10

    def jobs(self, spec: JobSpec) -> Jobs:
        """Return how many jobs a launch becomes."""
        at_once = math.ceil(spec.cores / self.cores_per_job)
        return Jobs(at_once, max(at_once, min(at_once * self.refill, MOST_JOBS)))

    def cores_of_one(self, spec: JobSpec) -> int:
        """Return how many cores each job has: not more than the launch is to have."""
        return math.ceil(spec.cores / self.jobs(spec).at_once)

    @property
    def cpus_of_one(self) -> int:
        """How many CPUs a job gets."""
        return self.cpus or self.cores_per_job

    @property
    def gres(self) -> str:
        """The GPUs of a job as Slurm writes them, or ""."""
        wanted = str(self.gpus).strip()
        if wanted in ("", "0"):
            return ""
        return wanted if wanted.startswith("gpu") else f"gpu:{wanted}"

    @property
    def megabytes(self) -> float | None:
        """The memory of a job in MB, None when it is not set."""
        match = re.fullmatch(r"(\d+)([KMGT]?)B?", self.memory.strip().upper())
        if match is None:
            return None
        return int(match[1]) * _UNITS[match[2]]

    @property
    def warning(self) -> int:
        """Seconds before its end at which Slurm is to warn a job that cannot ask for its end."""
        return round(min(WARNING_SECONDS, self.time / 10)) if self.time else round(WARNING_SECONDS)


def check_options(options: Sequence[str]) -> None:
    """Raise LaunchError for options of sbatch that are set otherwise."""
    for option in options:
        if problem := option_problem(option):
            raise LaunchError(f"backends.slurm.sbatch: {problem}")


def option_problem(option: str) -> str:
    """Return what is wrong with a further option of sbatch, or ""."""
    if "\n" in option or not option.startswith("-") or option.strip("-") == "":
        return f'"{option}" is no option of sbatch: it begins with -, as in "--exclude=node7"'
    name = option.lstrip("-").split("=")[0].split()[0]
    if not option.startswith("--"):
        name = _SHORT.get(name[0], name)
    if name in _OURS:
        return f"{option.split('=', maxsplit=1)[0]} is set by Trialdeck; use {_OURS[name]}"
    return ""
