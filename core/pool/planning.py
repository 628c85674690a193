"""Trials on their way to a core: claimed, then given a point, then ready to start."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import HistoryError
from trialdeck.core.suggest.client import SuggestClient

if TYPE_CHECKING:
    from trialdeck.core.budget import Budget
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot
    from trialdeck.core.params.model import Params
    from trialdeck.core.pool.scheduling import Assignment, Scheduler

SUGGEST_TRIES = 3  # an algorithm that raises so often in a row will not do better
DEATHS = 10  # a process that is killed from outside may do better the next time


class Planner:
    """Keeps as many trials ready as there are cores for them.

    One point is suggested at a time: each sees that the one before it has started.
    """

    def __init__(self, paths: HistoryPaths, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.suggester = SuggestClient(paths)
        self.to_suggest: deque[Assignment] = deque()
        self.to_start: deque[tuple[Assignment, dict[str, Any]]] = deque()
        self.failures = 0

    @property
    def pending(self) -> int:
        """How many claimed trials have not started."""
        return len(self.to_suggest) + len(self.to_start)

    def helpers(self) -> set[int]:
        """Return the numbers of the processes that suggest."""
        return {self.suggester.pid} if self.suggester.pid is not None else set()

    def claim(
        self, count: int, snapshot: Snapshot, budget: Budget, params: Params, live_cores: int
    ) -> None:
        """Claim up to `count` trials."""
        for _ in range(count):
            try:
                assignment = self.scheduler.next(
                    snapshot,
                    budget=budget,
                    retries=params.cores.retries,
                    live_cores=live_cores,
                )
            except (HistoryError, OSError) as error:  # a full disk; the next look tries again
                self.scheduler.ledger.cannot_claim(error)
                return
            self.scheduler.ledger.claim_trouble = ""
            if assignment is None:
                return
            if assignment.point is None:
                self.to_suggest.append(assignment)
            else:
                self.to_start.append((assignment, assignment.point))

    def ask(self, revision: int) -> None:
        """Have the next point suggested, unless one is on its way."""
        if self.to_suggest and self.suggester.asked is None:
            self.suggester.ask(self.to_suggest[0].tid, revision)

    def receive(self, revision: int) -> str:
        """Take the suggested point; return what is wrong when none can be had, else ""."""
        answer = self.suggester.receive()
        if answer is None or not self.to_suggest:
            return ""
        if answer.error:
            self.failures += 1
            if self.failures < (SUGGEST_TRIES if answer.traceback else DEATHS):
                return ""
            self.failures = 0
            return f"no point could be suggested: {answer.error}\n{answer.traceback}".rstrip()
        if answer.revision == revision:
            self.failures = 0
            self.to_start.append((self.to_suggest.popleft(), answer.point))
        return ""

    def forget_points(self) -> None:
        """Have points suggested anew, in a changed space, for what has not started."""
        self.to_suggest.extend(a for a, _ in self.to_start if a.point is None)
        self.to_start = deque((a, p) for a, p in self.to_start if a.point is not None)
