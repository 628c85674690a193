"""What a running trial and its pool say to each other while it trains."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from trialdeck.core.pool import messages
from trialdeck.core.pool.messages import Reported, StopTrial, Verdict

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from trialdeck.core.pruning import Rule

# A pool answers within a millisecond, as a rule. One that reads a long history, or waits for a slow
# disk, says later what becomes of the trial, which meanwhile goes on.
PATIENCE = 5.0


class Talk:
    """The side of the trial. Times are of the monotonic clock.

    A report sends and goes on. Only one that may end the trial, the first at a rung of its `rule`,
    waits for the answer: then no step is trained in vain, and all other reports cost as little as
    without pruning.
    """

    def __init__(self, connection: Connection, rule: Rule | None = None) -> None:
        self.connection = connection
        self.rule = rule
        self.rung = 0  # the last one at which the pool was asked
        self.last: Reported | None = None
        self.stopped_at: float | None = None
        self.pruned_at: float | None = None
        self._why = ""
        self._answered = -math.inf  # the step of the newest report that was answered

    def report(self, step: int, values: dict[str, float]) -> None:
        """Send a report; wait for the answer where there is one to come."""
        finite = {name: v if abs(v) < float("inf") else str(v) for name, v in values.items()}
        asks = self._is_first_at_a_rung(step, finite)
        self.last = Reported(step=step, values=finite, asks=asks)
        self.connection.send_bytes(messages.encode(self.last))
        deadline = time.monotonic() + PATIENCE
        while asks and self._answered != step and self.stopped_at is None and not self._why:
            if not self.connection.poll(max(0.0, deadline - time.monotonic())):
                return
            self._take()

    def _is_first_at_a_rung(self, step: int, values: dict[str, float | str]) -> bool:
        if self.rule is None or self.rule.score(values) is None:
            return False
        rung = self.rule.rung_at(step)
        if rung <= self.rung:
            return False
        self.rung = rung
        return True

    def asked_to_stop(self) -> bool:
        """Look, without waiting, whether the pool has said stop."""
        self._look()
        return self.stopped_at is not None

    def why_prune(self) -> str:
        """Look, without waiting, whether the pool has ended the trial early; return why, or ""."""
        self._look()
        if self._why and self.pruned_at is None:
            self.pruned_at = time.monotonic()
        return self._why

    def _look(self) -> None:
        while self.connection.poll():
            self._take()

    def _take(self) -> None:
        message = messages.to_core(self.connection.recv_bytes())
        if isinstance(message, StopTrial) and self.stopped_at is None:
            self.stopped_at = time.monotonic()
        elif isinstance(message, Verdict):
            self._answered = message.step
            self._why = self._why or message.why
