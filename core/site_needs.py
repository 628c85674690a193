"""How many tids a site should have, and which of those it has are better run elsewhere."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from trialdeck.core.budget import is_wanted, open_at, unclaimed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from trialdeck.core.budget import Budget
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.history.writers import WriterFile

AHEAD = 2  # tids that a site has for each core beside those that run


def unfinished_at(snapshot: Snapshot, site: str) -> dict[int, int]:
    """Return the trials of a site that run or wait there, with the attempt that would be next."""
    trials = (snapshot.trials[tid] for tid in snapshot.unfinished)
    return {trial.tid: trial.attempt + 1 for trial in trials if trial.site == site}


def in_hand(snapshot: Snapshot, budget: Budget, site: str) -> list[int]:
    """Return the tids of a site that it has not started and may still start, in order."""
    return [tid for tid in open_at(snapshot, site) if is_wanted(tid, snapshot, budget)]


def wanted(snapshot: Snapshot, budget: Budget, site: str, cores: int, ahead: int) -> int:
    """Return how many more tids a site with so many working cores would have."""
    return max(0, cores * ahead - len(in_hand(snapshot, budget, site)))


def fair(
    snapshot: Snapshot, budget: Budget, site: str, pools: Collection[WriterFile], count: int
) -> int:
    """Return how many of `count` tids that a site would have it should be granted.

    What cores elsewhere could begin at once is left to them; its own can have theirs. `pools` are
    all living ones.
    """
    hungry = _hungry(snapshot, budget, site, pools)
    left = sum(1 for _ in islice(unclaimed(snapshot, budget), count + hungry))
    return min(count, max(_lacking(snapshot, budget, site, pools), left - hungry))


def idle_cores(pools: Iterable[WriterFile]) -> int:
    """Return how many cores of working pools have nothing to do."""
    return sum(
        max(0, pool.cores_wanted - sum(core.state != "idle" for core in pool.cores))
        for pool in pools
        if pool.state == "running"
    )


def surplus(
    snapshot: Snapshot, budget: Budget, site: str, pools: Collection[WriterFile]
) -> list[int]:
    """Return the tids that a site has in advance while cores elsewhere have nothing to do.

    `pools` are all living ones. Nothing is surplus as long as there are tids for everybody, and
    nothing that the site's own cores could begin at once.
    """
    if any(True for _ in unclaimed(snapshot, budget)):
        return []
    own = in_hand(snapshot, budget, site)
    spare = len(own) - idle_cores(pool for pool in pools if pool.site == site)
    count = min(spare, _hungry(snapshot, budget, site, pools))
    return own[-count:] if count > 0 else []


def _hungry(snapshot: Snapshot, budget: Budget, site: str, pools: Collection[WriterFile]) -> int:
    """Return how many cores at other sites have nothing to do, and have been granted nothing."""
    others = {pool.site for pool in pools} - {site}
    return sum(_lacking(snapshot, budget, other, pools) for other in others)


def _lacking(snapshot: Snapshot, budget: Budget, site: str, pools: Collection[WriterFile]) -> int:
    """Return how many cores of a site have nothing to do, and have been granted nothing."""
    idle = idle_cores(pool for pool in pools if pool.site == site)
    return max(0, idle - len(in_hand(snapshot, budget, site)))
