"""Queueing points that a user wants tried first, as trials of the search.

They take numbers that `max_trials` has room for, so they count like any other; as trials that wait
to be run they come before whatever is suggested, and each is claimed before it is run.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.budget import bound
from trialdeck.core.budgets import budget_of
from trialdeck.core.compatibility import fit
from trialdeck.core.errors import KnownPoints, SearchError
from trialdeck.core.history import claims
from trialdeck.core.points import Asked, Wanted, whole
from trialdeck.core.reading import is_number, shown
from trialdeck.core.retrying import Queue
from trialdeck.core.stages import first_stage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.params.model import Params
    from trialdeck.core.search import Search
    from trialdeck.core.space import Point, Space

LISTED = 10  # points that are named one by one
ATTEMPTS = 1000  # no trial comes near it


class QueuedPoint(msgspec.Struct, frozen=True):
    """A point that waits to be run as trial `tid` (see `points.Asked`)."""

    tid: int
    params: dict[str, Any]
    origin: str
    defaults: tuple[str, ...]
    drawn: tuple[str, ...]
    ignored: tuple[str, ...]


class KnownPoint(msgspec.Struct, frozen=True):
    """A point that was asked for and that trial `tid` has already, which stands at `state`."""

    tid: int
    state: str
    params: dict[str, Any]


class Enqueued(msgspec.Struct, frozen=True):
    """What became of the points that were asked for.

    `known` are those that have run already: run again, or left out. `repeated` is how many were
    there more than once, and are queued once.
    """

    queued: tuple[QueuedPoint, ...]
    known: tuple[KnownPoint, ...] = ()
    repeated: int = 0


def enqueue(
    search: Search, wanted: Sequence[Wanted], *, again: bool = False, only_new: bool = False
) -> Enqueued:
    """Queue trials at these points, all or none of them.

    Points that have run already, or wait to, are run `again`, or with `only_new` left out; else
    that raises KnownPoints. Raises PointsError when one does not fit, SearchError when there is no
    room for all of them, HistoryError when they cannot be recorded.
    """
    params, snapshot = search.params, search.snapshot()
    if params.script is not None:
        text = f'"{search.paths.name}" is run by a script, which says by itself what it tries'
        raise SearchError(text)
    points = whole(params, wanted, snapshot.highest_tid + 1)
    known = _known(params.space, snapshot, points)
    if known and not (again or only_new):
        raise KnownPoints(_known_text(list(known.values()), len(points)))
    left = points if again else [p for n, p in enumerate(points) if n not in known]
    chosen = left if again else list(_once(left))
    tids = _queue(search, params, snapshot, chosen) if chosen else []
    return Enqueued(
        tuple(_queued(tid, one) for tid, one in zip(tids, chosen, strict=True)),
        tuple(known.values()),
        len(left) - len(chosen),
    )


def _queued(tid: int, one: Asked) -> QueuedPoint:
    return QueuedPoint(tid, **msgspec.structs.asdict(one))


# -- what has run already ---------------------------------------------------------------------


def _known(space: Space, snapshot: Snapshot, points: Sequence[Asked]) -> dict[int, KnownPoint]:
    """Return the points, by number, that a trial of the search has, of several the first one."""
    wanted: dict[bytes, list[int]] = {}
    for number, one in enumerate(points):
        wanted.setdefault(_identity(one.params), []).append(number)
    found: dict[int, KnownPoint] = {}
    trials = [t for t in first_stage(snapshot) if t.state != "voided" and t.start is not None]
    usable = fit(space, {}, ((t.tid, t.point, {}) for t in trials)).usable
    for trial in trials:
        if trial.tid in usable:
            for number in wanted.pop(_identity(usable[trial.tid]), ()):
                found[number] = _known_point(trial, points[number])
    return dict(sorted(found.items()))


def _known_point(trial: Trial, one: Asked) -> KnownPoint:
    waits = trial.state == "interrupted" and trial.cause == "queued"
    return KnownPoint(trial.tid, "waiting" if waits else str(trial.state), one.params)


def _identity(point: Point) -> bytes:
    values = {
        name: float(value) if is_number(value) else value for name, value in sorted(point.items())
    }
    return msgspec.json.encode(values)


def _once(points: Sequence[Asked]) -> Iterator[Asked]:
    seen: set[bytes] = set()
    for one in points:
        if (identity := _identity(one.params)) not in seen:
            seen.add(identity)
            yield one


def _known_text(known: list[KnownPoint], asked: int) -> str:
    if asked == 1:
        first = f"trial {known[0].tid} has that point already ({known[0].state})"
    else:
        first = f"{len(known)} of {asked} points are those of trials already"
    lines = [f"{first}, so nothing is queued."]
    if asked > 1:
        lines += [f"  trial {one.tid} ({one.state}): {words(one.params)}" for one in known[:LISTED]]
        lines += [f"  and {len(known) - LISTED} more"] if len(known) > LISTED else []
    others = "" if len(known) == asked else ", `--new` queues only the others"
    return "\n".join([*lines, f"`--again` runs such points once more{others}."])


def words(point: Mapping[str, Any]) -> str:
    """Return a point on one line."""
    return ", ".join(f"{name} = {shown(value)}" for name, value in point.items())


# -- the queue --------------------------------------------------------------------------------


def _queue(
    search: Search, params: Params, snapshot: Snapshot, points: Sequence[Asked]
) -> list[int]:
    """Queue all the points and return the numbers of their trials. Raises SearchError."""
    free = _free(params, snapshot)
    room = len(list(islice(free, len(points))))
    if room < len(points):
        raise SearchError(_no_room(params, room, len(points)))
    with Queue(search.paths) as waiting:
        taken = _claimed(search, waiting.writer, _free(params, snapshot), len(points))
        # What is claimed already of too few is free again, as this writer ends.
        if len(taken) < len(points):
            raise SearchError(_no_room(params, len(taken), len(points)))
        waiting.add_all(
            (tid, one.params, one.origin, attempt)
            for (tid, attempt), one in zip(taken, points, strict=True)
        )
    return [tid for tid, _ in taken]


def _free(params: Params, snapshot: Snapshot) -> Iterator[int]:
    """Yield the numbers that nobody has begun or been handed. Raises SearchError."""
    budget = budget_of(params, snapshot)
    if budget.ended:
        more = f"{budget.more} below [search] gives it more to do"
        raise SearchError(f"the search has ended: {budget.ended}; {more}")
    limit = bound(snapshot, budget)
    return (tid for tid in snapshot.unstarted(limit) if tid not in snapshot.granted)


def _claimed(search: Search, writer: str, tids: Iterator[int], count: int) -> list[tuple[int, int]]:
    """Claim up to `count` of these trials; return their numbers and the attempts."""
    taken: list[tuple[int, int]] = []
    for tid in tids:
        if len(taken) == count:
            break
        if (attempt := _claim(search, tid, writer)) is not None:
            taken.append((tid, attempt))
    return taken


def _claim(search: Search, tid: int, writer: str) -> int | None:
    """Claim the first attempt that no living writer holds; None if one does."""
    for attempt in range(ATTEMPTS):
        holder = claims.take(search.paths, tid, attempt, writer)
        if holder == writer:
            return attempt
        if holder == claims.VOID or not search.liveness.gone(holder):
            return None
    return None


def _no_room(params: Params, room: int, count: int) -> str:
    total = params.search.max_trials
    points = "one point" if count == 1 else f"{count} points"
    left = (
        f"only {room} of its trials {'is' if room == 1 else 'are'}"
        if room
        else "none of its trials is"
    )
    return (
        f"max_trials is {total}, and {left} left for {points}, so nothing is queued: write "
        f"max_trials = {total + count - room} below [search], and enqueue again"
    )
