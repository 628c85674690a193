"""Which attempt at which trial a pool runs next, and the claim that makes it the only one.

First trials that exist and wait: interrupted here or elsewhere, left by a writer that is gone, or
queued by a user with their point. Then new trials: a new tid is looked for a random step above the
highest tid seen, below the number of live cores, so that many pools seldom try the same; at the end
of the budget the search wraps round to the tids that nobody has started.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialdeck.core.budget import bound, unclaimed
from trialdeck.core.errors import HistoryError
from trialdeck.core.history import claims
from trialdeck.core.history.events import Finished, Lost
from trialdeck.core.history.writers import JobEnd
from trialdeck.core.pool.fitting import holds_something
from trialdeck.core.pool.open_trials import can_be_taken, claimable
from trialdeck.core.sites import HOME
from trialdeck.core.stages import SEARCHING, origin_of, source_of, stage_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trialdeck.core.budget import Budget
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.pool.ledger import Ledger

ATTEMPTS_LIMIT = 1000  # no trial comes near it; a bound for a loop over a broken history
PREEMPTED_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Assignment:
    """A claimed attempt. `point` is None when it is still to be suggested."""

    tid: int
    attempt: int
    point: dict[str, Any] | None = None
    origin: str = ""
    stage: int = 0


class Scheduler:
    """Claims work for one pool.

    `gone(writer)` says whether a writer will write no more, `job_end` what its place says of that.
    It runs trials of its own `site` only.
    """

    def __init__(
        self,
        paths: HistoryPaths,
        ledger: Ledger,
        gone: Callable[[str], bool],
        job_end: Callable[[str], JobEnd | None] = lambda _writer: None,
        rng: random.Random | None = None,
        *,
        site: str = HOME,
    ) -> None:
        self.paths = paths
        self.ledger = ledger
        self.gone = gone
        self.job_end = job_end
        self.rng = rng or random.Random()  # noqa: S311 - only spreads the pools' first tries
        self.site = site
        self.held: set[int] = set()  # tids that this pool is busy with
        self.given: set[tuple[int, int]] = set()  # every attempt that it has claimed to run

    def next(
        self, snapshot: Snapshot, *, budget: Budget, retries: int, live_cores: int
    ) -> Assignment | None:
        """Claim and return the next attempt, None when there is nothing to do.

        `retries` is how often a trial whose process was killed or lost is tried again.
        """
        return self._again(snapshot, retries) or self._new(snapshot, budget, live_cores)

    def _again(self, snapshot: Snapshot, retries: int) -> Assignment | None:
        for tid in sorted(snapshot.unfinished):
            trial = snapshot.trials[tid]
            if tid in self.held or not can_be_taken(trial, self.gone, self.site):
                continue
            lost = self._lost(trial) if trial.state == "running" else None
            if lost is not None:
                self.ledger.lost(lost)
                if not self.ledger.healthy:
                    return None  # it could not be written: take nothing over on a full disk
            if failure := self._given_up(trial, lost, retries):
                self.ledger.finished(failure)
                continue
            attempt = self._claim(tid, trial.attempt + 1)
            if attempt is not None:
                return Assignment(tid, attempt, dict(trial.point), trial.origin, trial.stage)
        return None

    def _lost(self, trial: Trial) -> Lost:
        end = self.job_end(trial.writer) or JobEnd()
        return Lost(
            writer=self.ledger.writer,
            at=time.time(),
            tid=trial.tid,
            attempt=trial.attempt,
            stage=trial.stage,
            holder=trial.writer,
            cause="preempted" if end.blameless else "",
            message=end.reason,
        )

    def _given_up(self, trial: Trial, lost: Lost | None, retries: int) -> Finished | None:
        """Return the failure of a trial that has had its chances; `lost` is what just befell it."""
        taken = lost is not None and lost.cause == "preempted"
        deaths = trial.deaths + (lost is not None and not taken)
        in_a_row = trial.preempted_in_a_row + taken
        if deaths > retries:
            cause = "killed" if trial.cause == "killed" else "lost"
            text = f"its process was killed or vanished {deaths} times"
        elif in_a_row >= PREEMPTED_IN_A_ROW and not self._has_checkpoint(trial):
            cause = "preempted"
            text = (
                f"interrupted {in_a_row} times in a row without progress: "
                f"write checkpoints into trial.checkpoint_dir, or ask for more time per job"
            )
        else:
            return None
        return Finished(
            writer=self.ledger.writer,
            at=time.time(),
            tid=trial.tid,
            attempt=trial.attempt,
            stage=trial.stage,
            outcome="failed",
            cause=cause,  # type: ignore[arg-type]  # both words are causes
            message=text,
        )

    def _has_checkpoint(self, trial: Trial) -> bool:
        # Of any attempt: the newest may have ended before it took over what there was.
        return holds_something(self.paths.checkpoint(trial.tid, trial.attempt).parent)

    def _new(self, snapshot: Snapshot, budget: Budget, live_cores: int) -> Assignment | None:
        for tid in self._candidates(snapshot, budget, live_cores):
            attempt = self._claim(tid, 0)
            if attempt is not None:
                return self._assigned(tid, attempt, snapshot)
        return None

    def _assigned(self, tid: int, attempt: int, snapshot: Snapshot) -> Assignment:
        """Return what a new trial is; one of a later stage has the point of another."""
        if (stage := stage_of(tid)) == SEARCHING:
            return Assignment(tid, attempt)
        point = dict(snapshot.trials[source_of(tid)].point)
        return Assignment(tid, attempt, point, origin_of(tid), stage)

    def _candidates(self, snapshot: Snapshot, budget: Budget, live_cores: int) -> Iterator[int]:
        if self.site != HOME:
            yield from (t for t in unclaimed(snapshot, budget, self.site) if t not in self.held)
            return
        held = (tid for tid in self.held if stage_of(tid) == SEARCHING)
        above = max([snapshot.highest_tid, *held]) + 1
        first = above + self.rng.randrange(max(1, live_cores))
        yield from (t for t in range(first, bound(snapshot, budget)) if t not in snapshot.granted)
        for tid in unclaimed(snapshot, budget):
            if (tid < first or stage_of(tid) != SEARCHING) and tid not in self.held:
                yield tid

    def _claim(self, tid: int, attempt: int) -> int | None:
        """Claim this attempt, or a later one if only writers that are gone stand in the way."""
        for number in range(attempt, attempt + ATTEMPTS_LIMIT):
            holder = claims.take(self.paths, tid, number, self.ledger.writer)
            if holder == self.ledger.writer:
                # Claimed again is claimed before: it was given out, or is the seal of a result.
                if (tid, number) in self.given or (tid, number) in self.ledger.sealed:
                    return None
                self.given.add((tid, number))
                self.held.add(tid)  # until `release`
                return number
            if holder == claims.VOID or not self.gone(holder):
                return None
        return None

    def overtaken(self, assignment: Assignment) -> bool:
        """Whether another writer has claimed the next attempt: it took this pool for gone.

        That may be so when this process, or its machine, stood still since the claim.
        """
        try:
            holder = claims.holder(self.paths, assignment.tid, assignment.attempt + 1)
        except HistoryError:  # it cannot be known: the result will be superseded
            return False
        return holder is not None and holder != self.ledger.writer

    def release(self, tid: int) -> None:
        """Forget a trial that this pool is done with; what became of it is in the journal."""
        self.held.discard(tid)

    def waiting(self, snapshot: Snapshot, budget: Budget) -> int:
        """Return how many trials there are for this pool to claim, as far as can be seen."""
        return claimable(snapshot, budget, self.gone, self.held, self.site)
