"""What a pool in a job can learn of its job: when it ends, and why it has to."""

from __future__ import annotations

import os
import re
from pathlib import Path

from trialdeck.backends.base import OwnJob
from trialdeck.backends.slurm import words
from trialdeck.backends.slurm.commands import run
from trialdeck.backends.slurm.partitions import seconds

SECONDS = 5.0  # a job that has to end has no time to wait for an answer
_MARK = b"*** "
_TAIL = 65536


class SlurmOwnJob(OwnJob):
    """A job of Slurm, seen from inside. Its log tells why Slurm ends it, before anything else."""

    def __init__(self) -> None:
        self._log = _own_log()
        self._before = _size(self._log)
        self._grace: float | None = None

    def seconds_left(self) -> float | None:
        """Ask `squeue`; the time of a job may be changed while it runs."""
        job = _own_id()
        if not job:
            return None
        answer = run("squeue", "-h", "-j", job, "-o", "%L", seconds=SECONDS)
        return seconds(answer.out.strip())

    def grace(self) -> float | None:
        """Ask for KillWait, which is the same for all jobs."""
        if self._grace is None:
            answer = run("scontrol", "show", "config", seconds=SECONDS)
            match = re.search(r"^KillWait\s*=\s*(\d+)", answer.out, re.MULTILINE)
            self._grace = float(match[1]) if match else None
        return self._grace

    def why_ending(self) -> str:
        """Read what slurmstepd has written into the job's log."""
        if self._log is None:
            return ""
        try:
            with self._log.open("rb") as file:
                file.seek(max(self._before, _size(self._log) - _TAIL))
                lines = file.read().splitlines()
        except OSError:
            return ""
        said = [line for line in lines if b"slurmstepd" in line and _MARK in line]
        return words.why_ending(said[-1].decode(errors="replace")) if said else ""


def _own_id() -> str:
    """Return what Slurm lists this job by, and nothing else."""
    array, index = (os.environ.get(f"SLURM_ARRAY_{name}_ID") for name in ("JOB", "TASK"))
    # The last job of an array has the array's own number, which stands for all of them.
    return f"{array}_{index}" if array and index else os.environ.get("SLURM_JOB_ID", "")


def _own_log() -> Path | None:
    for number in (2, 1):
        try:
            path = Path(f"/proc/self/fd/{number}").readlink()
        except OSError:
            continue
        if path.is_file():
            return path
    return None


def _size(path: Path | None) -> int:
    try:
        return path.stat().st_size if path is not None else 0
    except OSError:
        return 0
