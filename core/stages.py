"""The stages of a search, and the numbers of their trials.

Stage 0 is the search itself. Where [reduced_sample] has it train on a part of the sample, stage 1
is its best points once more, on all of it. Stage 2 are points that are confirmed with other seeds.

A trial of a later stage has the number of the trial whose point it has, plus a multiple of a
hundred million, below which the numbers of stage 0 are: trial 17 is promoted as trial 100000017,
and confirmed as 200000017, 300000017 and so on, a number for each seed. So whoever promotes or
confirms it claims the same number, and only one of them has it; a higher `max_trials`, another
ranking, or what was retried or taken back changes no number. A trial of a later stage that was
taken back from its site, or that a user wants to run again, is followed by one `AGAIN` higher.
"""

from __future__ import annotations

import heapq
import json
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trialdeck.core.history.snapshot import Snapshot, Trial

SEARCHING, PROMOTED, CONFIRMING = 0, 1, 2
STAGES = (SEARCHING, PROMOTED, CONFIRMING)
MOST_SEEDS = 900

_STEP = 100_000_000
_STEPS = 1000  # of one round: the search, the promoted ones, and the seeds of confirmed ones
AGAIN = _STEP * _STEPS


def stage_of(tid: int) -> int:
    """Return the stage of a trial."""
    return min(tid // _STEP % _STEPS, CONFIRMING) if tid >= _STEP else SEARCHING


def source_of(tid: int) -> int:
    """Return the trial of stage 0 whose point a trial has."""
    return tid % _STEP


def promoted(tid: int) -> int:
    """Return the number of a trial's promotion."""
    return source_of(tid) + PROMOTED * _STEP


def confirming(tid: int, seed: int) -> int:
    """Return the number of the trial that confirms a trial's point with the seed number `seed`."""
    return source_of(tid) + (CONFIRMING + seed) * _STEP


def seed_number(tid: int) -> int:
    """Return the number, from 0, of the seed with which a trial of stage 2 confirms its point."""
    return tid // _STEP % _STEPS - CONFIRMING


def origin_of(tid: int) -> str:
    """Return the origin that a trial of a later stage has in the history."""
    word = "promote" if stage_of(tid) == PROMOTED else "confirm"
    return f"{word} {source_of(tid)}"


def standing(tid: int, snapshot: Snapshot) -> int:
    """Return `tid`, or what takes its place since it was taken back from its site."""
    while tid in snapshot.voided:
        tid += AGAIN
    return tid


def of_stage(snapshot: Snapshot, stage: int) -> Iterator[Trial]:
    """Yield the trials of a later stage, the highest number first."""
    later = takewhile(lambda t: t.tid >= _STEP, snapshot.trials.newest_first())
    return (trial for trial in later if stage_of(trial.tid) == stage)


def first_stage(snapshot: Snapshot) -> Iterator[Trial]:
    """Yield the trials of stage 0, in order."""
    return takewhile(lambda trial: trial.tid < _STEP, snapshot.trials.values())


def first_with_points(snapshot: Snapshot, trials: Sequence[Trial]) -> list[int]:
    """Return for each trial the lowest number of a success of stage 0 with an equal point.

    So that a point is promoted and confirmed under one number, whichever of its trials is ahead.
    """
    lowest: dict[str, int] = dict.fromkeys(map(_key, trials), -1)
    for trial in first_stage(snapshot):
        if trial.state == "ok" and lowest.get(key := _key(trial), 0) < 0:
            lowest[key] = trial.tid
    found = (lowest[_key(trial)] for trial in trials)
    return [tid if tid >= 0 else trial.tid for tid, trial in zip(found, trials, strict=True)]


def _key(trial: Trial) -> str:
    return json.dumps(trial.point, sort_keys=True, default=str)


def best_first(trials: Iterable[Trial]) -> Iterator[Trial]:
    """Yield the successes from the best loss on, of each point only the best.

    Of equal losses that of the lowest tid comes first. One whose point is not known is left out.
    """
    left = {t.tid: t for t in trials if t.state == "ok" and t.loss is not None}
    heap = [(trial.loss, tid) for tid, trial in left.items()]
    heapq.heapify(heap)
    known: set[str] = set()
    while heap:
        trial = left[heapq.heappop(heap)[1]]
        if trial.start is not None and (point := _key(trial)) not in known:
            known.add(point)
            yield trial
