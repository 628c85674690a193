"""How long trials take, against how long a job may run."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import islice
from typing import TYPE_CHECKING

from trialdeck.core.stages import SEARCHING, stage_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from trialdeck.core.history.snapshot import Snapshot

FEWEST = 3  # so many trials must have ended before their durations say anything
LOOKED_AT = 1000  # trials with the highest tids, among which the newest are
SHORTEST_LEAD = 2.0  # seconds


def durations(
    snapshot: Snapshot, most: int = 200, by: Collection[str] | None = None
) -> list[float]:
    """Return how many seconds the newest trials took that ended ok, sorted; at most `most`.

    With `by`, only those that these writers ran. Only those of the stage in which one has ended
    last count, once there are enough of them: on a part of the sample a trial takes less time.
    """
    newest = islice(snapshot.trials.newest_first(), LOOKED_AT)
    ended = (trial for trial in newest if trial.state == "ok" and not trial.imported)
    chosen = list(islice((t for t in ended if by is None or t.writer in by), most))
    last = max(chosen, key=lambda trial: trial.finished_at or 0.0, default=None)
    stage = stage_of(last.tid) if last is not None else SEARCHING
    latest = [trial for trial in chosen if stage_of(trial.tid) == stage]
    return sorted(trial.seconds for trial in (latest if len(latest) >= FEWEST else chosen))


def longest_of(durations: Sequence[float], share: float = 0.9) -> float | None:
    """Return the seconds within which that share of the sorted `durations` ended.

    None while there are too few to tell.
    """
    if len(durations) < FEWEST:
        return None
    return durations[max(0, math.ceil(share * len(durations)) - 1)]


def share_longer(durations: Sequence[float], seconds: float) -> float | None:
    """Return which share (0 to 1) of the sorted `durations` took longer than `seconds`.

    None while there are too few to tell.
    """
    if len(durations) < FEWEST:
        return None
    return 1.0 - bisect_right(durations, seconds) / len(durations)


def lead(grace: float, total: float) -> float:
    """Return how many seconds before the end of a job trials are told to stop.

    `grace` is what they get to do so, at most a tenth of the `total` seconds of the job.
    """
    return max(SHORTEST_LEAD, min(grace, total / 10))
