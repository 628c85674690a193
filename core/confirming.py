"""The best points once more with other seeds, and what they came to: what may be quoted.

Every point gets the same few seeds. The trials are queued as any that waits to be run; their
numbers say point and seed (`stages`), so nothing is run twice, whoever asks for it and however
often.
"""

from __future__ import annotations

import math
import statistics
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.errors import SearchError
from trialdeck.core.history import claims
from trialdeck.core.retrying import Queue
from trialdeck.core.stages import (
    CONFIRMING,
    PROMOTED,
    best_first,
    confirming,
    first_stage,
    first_with_points,
    of_stage,
    origin_of,
    source_of,
    standing,
)
from trialdeck.core.status import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.params.model import Params

TESTED = "test_"  # how names of metrics on the test sample begin


class Spread(msgspec.Struct, frozen=True):
    """A metric of one point over its seeds; `deviation` is that of the sample (n - 1).

    It is None where there is one value only.
    """

    mean: float
    deviation: float | None
    values: tuple[float, ...]


class Confirmed(msgspec.Struct, frozen=True):
    """One point: the trial that found it, its metric there, and the metrics over its seeds.

    `seeds` are those of its successes, in the order of `values`. `metrics` has the metric itself
    and what begins with "test_".
    """

    tid: int
    params: dict[str, Any]
    found: float | None
    seeds: tuple[int, ...]
    failed: int
    waiting: int
    metrics: dict[str, Spread]


def leaders(params: Params, snapshot: Snapshot, top: int) -> list[Trial]:
    """Return the trials with the best `top` points on the full sample, the best first.

    Raises SearchError when there are none.
    """
    whole = list(of_stage(snapshot, PROMOTED)) if params.fraction < 1 else first_stage(snapshot)
    found = list(islice(best_first(whole), top))
    if found:
        return found
    if params.fraction < 1 and snapshot.counts.ok:
        raise SearchError(
            "no trial on the full sample has succeeded yet, and only these can be confirmed: "
            "`trialdeck run` goes on"
        )
    raise SearchError("no trial has succeeded yet: there is nothing to confirm")


def wanted(snapshot: Snapshot, points: Iterable[Trial], seeds: int) -> list[int]:
    """Return the numbers of the trials that confirm points with so many seeds each."""
    numbers = first_with_points(snapshot, list(points))
    tids = (confirming(number, seed) for number in numbers for seed in range(seeds))
    return [standing(tid, snapshot) for tid in tids]


def queue_all(
    paths: HistoryPaths, snapshot: Snapshot, tids: Sequence[int], gone: Callable[[str], bool]
) -> list[int]:
    """Queue the trials of stage 2 that do not exist yet; return their numbers.

    `gone(writer)` says whether a writer will write no more. Raises HistoryError.
    """
    new = [tid for tid in tids if tid not in snapshot.trials or tid in snapshot.pointless]
    queued: list[int] = []
    if not new:
        return queued
    with Queue(paths) as waiting:
        for tid in new:
            attempt = _claim(paths, tid, waiting.writer, gone)
            if attempt is not None:
                point = dict(snapshot.trials[source_of(tid)].point)
                waiting.add(tid, point, origin_of(tid), attempt)
                queued.append(tid)
    return queued


def _claim(paths: HistoryPaths, tid: int, writer: str, gone: Callable[[str], bool]) -> int | None:
    """Claim the first attempt that nobody holds who may still queue it; None if somebody does."""
    attempt = 0
    while (holder := claims.take(paths, tid, attempt, writer)) != writer:
        if not gone(holder):
            return None
        attempt += 1
    return attempt


def confirmed(params: Params, snapshot: Snapshot) -> list[Confirmed]:
    """Return what every point that is or was confirmed came to, the best mean first."""
    of_point: dict[int, list[Trial]] = {}
    for trial in of_stage(snapshot, CONFIRMING):
        of_point.setdefault(source_of(trial.tid), []).append(trial)
    found = [_point(params, snapshot, tid, trials) for tid, trials in of_point.items()]
    return sorted(found, key=lambda one: (_rank(params, one), one.tid))


def _rank(params: Params, one: Confirmed) -> float:
    spread = one.metrics.get(params.search.metric or "loss")
    if spread is None:
        return math.inf
    return -spread.mean if params.search.direction == "maximize" else spread.mean


def _point(params: Params, snapshot: Snapshot, tid: int, trials: list[Trial]) -> Confirmed:
    ok = sorted((t for t in trials if t.state == "ok"), key=lambda trial: trial.tid)
    name, direction = params.search.metric or "loss", params.search.direction
    metrics = {name: _spread([shown(trial, name, direction) for trial in ok])}
    tested = dict.fromkeys(n for t in ok for n in t.metrics if n.startswith(TESTED))
    metrics |= {other: _spread([t.metric(other) for t in ok]) for other in tested}
    finder = _finder(snapshot, tid)
    return Confirmed(
        tid=finder.tid if finder is not None else tid,
        params=dict(trials[0].point),
        found=shown(finder, name, direction) if finder is not None else None,
        seeds=tuple(trial.seed for trial in ok),
        failed=sum(trial.state == "failed" for trial in trials),
        waiting=sum(not trial.state.settled and trial.state != "voided" for trial in trials),
        metrics={name: spread for name, spread in metrics.items() if spread is not None},
    )


def _finder(snapshot: Snapshot, tid: int) -> Trial | None:
    """Return the trial on the full sample that has the point, else the one that found it."""
    whole = (t for t in of_stage(snapshot, PROMOTED) if source_of(t.tid) == tid)
    return next((t for t in whole if t.state == "ok"), snapshot.trials.get(tid))


def _spread(values: Iterable[Any]) -> Spread | None:
    """Return the spread of what is a finite number, None without any."""
    kept = tuple(float(v) for v in values if isinstance(v, int | float) and math.isfinite(v))
    if not kept:
        return None
    deviation = statistics.stdev(kept) if len(kept) > 1 else None
    return Spread(statistics.fmean(kept), deviation, kept)
