"""Whether the trials fit into the jobs of a launch, by how long they have taken so far."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trialdeck.core.params.durations import format_duration
from trialdeck.core.timing import durations, lead, share_longer

if TYPE_CHECKING:
    from trialdeck.backends.base import Jobs
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.params.model import Params


def time_warnings(
    params: Params, snapshot: Snapshot, cores: int, jobs: Jobs, seconds: float
) -> list[str]:
    """Return what is to be said of `jobs` that are ended after `seconds`, a sentence each.

    `cores` is the number of cores of all jobs that run at once. Nothing is said before three trials
    have finished.
    """
    took = durations(snapshot)
    usable = seconds - lead(params.cores.grace, seconds)
    if usable <= 0:
        return []
    cut = share_longer(took, usable)
    if cut is None:
        return []
    found = []
    if cut > 0:
        found.append(
            f"{math.ceil(100 * cut)} % of the finished trials took longer than a job has "
            f"({format_duration(seconds)} less {format_duration(seconds - usable)} to end in): "
            f"they would be cut."
        )
    left = max(0, params.search.max_trials - snapshot.counts.finished)
    each = math.ceil(cores / jobs.at_once)
    able = math.floor(jobs.in_all * each * usable / (sum(took) / len(took)))
    if able < left:
        many = "1 job" if jobs.in_all == 1 else f"{jobs.in_all} jobs"
        found.append(
            f"{many} of {format_duration(seconds)} will do about {able} trials if they take as "
            f"long as those so far, {left} are left: let them last longer, or have more of them."
        )
    return found
