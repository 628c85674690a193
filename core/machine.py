"""What this machine offers to cores."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trialdeck import backends

if TYPE_CHECKING:
    from trialdeck.core.params.model import Params

MOST_CORES = 8  # more than that is started only when somebody asks for it
SCARCE_CORES = 4  # where others wait for what is taken; this machine's CPUs do not matter there


def usable_cpus() -> int:
    """Return how many CPUs this process may use."""
    return len(os.sched_getaffinity(0))


def default_cores(backend: str, params: Params, host: str = "") -> int:
    """Return how many cores to start on a backend when nobody says; on one of its hosts."""
    table = params.backends.get(backend, {})
    if hosts := table.get("hosts"):
        chosen = host or table.get("host") or next(iter(hosts))
        return int(hosts.get(chosen, {}).get("cores", 1))
    wanted: int | None = table.get("cores") or params.cores.count
    if wanted:
        return wanted
    return SCARCE_CORES if backends.is_scarce(backend) else min(MOST_CORES, usable_cpus())
