"""The processes that a Slurm of the tests has started for its jobs."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def kill_processes(conf: Path, node: str = "") -> list[int]:
    """Kill all processes of jobs of a cluster, of one node or of all; return the killed."""
    found = [pid for pid in _pids() if pid != os.getpid() and _belongs(pid, conf, node)]
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return found


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _belongs(pid: int, conf: Path, node: str) -> bool:
    """Whether a process is one of a job, or watches over one (a slurmstepd)."""
    process = Path("/proc") / str(pid)
    with contextlib.suppress(OSError):  # it has just ended
        if (process / "comm").read_text() == "slurmstepd\n":
            # It shows no environment, but it keeps files of its node open.
            files = [str(link.readlink()) for link in (process / "fd").iterdir()]
            return any(file.startswith(f"{conf.parent}/{node}") for file in files)
        variables = (process / "environ").read_bytes().split(b"\0")
        here = f"SLURM_CONF={conf}".encode() in variables
        on_node = not node or f"SLURMD_NODENAME={node}".encode() in variables
        return here and on_node and any(v.startswith(b"SLURM_JOB_ID=") for v in variables)
    return False
