"""What this machine offers to cores."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialdeck.core.params.model import Params

MOST_CORES = 8  # more than that is started only when somebody asks for it


def usable_cpus() -> int:
    """Return how many CPUs this process may use."""
    return len(os.sched_getaffinity(0))


def default_cores(backend: str, params: Params) -> int:
    """Return how many cores to start on a backend when nobody says."""
    wanted: int | None = params.backends.get(backend, {}).get("cores") or params.cores.count
    return wanted or min(MOST_CORES, usable_cpus())
