"""When a pool's own job ends, and by when what it runs has to have ended."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from trialdeck.core import timing
from trialdeck.core.pool.errands import ANSWER_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from trialdeck.core.pool.errands import Errands
    from trialdeck.core.pool.orders import Orders

FRESH = 0.1  # of the time of a job
USED = 0.8  # of the time before a kill: the rest is for writing down what was interrupted
WHY_SECONDS = 2.0  # the place is waited for so long at most when it should say why it ends a job


class Deadline:
    """Tells a pool's `orders` when its job ends, as far as `errands` bring to light.

    `grace` is everywhere how many seconds trials get to end when they are told to.
    """

    def __init__(
        self, errands: Errands, orders: Orders, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.errands = errands
        self.orders = orders
        self._clock = clock
        self._began = clock()
        self._stopped: float | None = None  # when it was noticed that trials are to stop

    @property
    def awaited(self) -> bool:
        """Whether it may be known in a moment how much time there is."""
        if not self.errands.knows_time or self.errands.facts.asked >= 0:
            return False
        return self._clock() - self._began < ANSWER_SECONDS

    @property
    def total(self) -> float | None:
        """How many seconds this pool has from its beginning to its job's end, None if not known."""
        ends_at = self.errands.facts.ends_at
        return None if ends_at is None else ends_at - self._began

    def longest(self, grace: float) -> float:
        """Return how many of the `total` seconds trials can run."""
        total = self.total
        return math.inf if total is None else total - timing.lead(grace, total)

    @property
    def is_fresh(self) -> bool:
        """Whether the pool began so lately that it has nearly all the time that a job gets."""
        total = self.total
        return total is not None and self._clock() - self._began <= FRESH * total

    def left(self, grace: float) -> float | None:
        """Return for how many seconds trials can still run; None when nothing ends the job."""
        stop_at = self._stop_at(grace)
        return None if stop_at is None else max(0.0, stop_at - self._clock())

    def look(self, grace: float) -> None:
        """Have the trials stopped when it is time, or when the place has told the job to end."""
        if self.orders.killed_at is not None:
            self.errands.ask_why()
        if self.orders.warned_at is not None:
            self._warned(self.orders.warned_at)
        if (left := self.left(grace)) is not None and left <= 0:
            self.orders.end(f"the job {self.errands.job} reached its time limit")
        if self.orders.stop == "now" and self._stopped is None:
            self._stopped = self._clock()

    def _warned(self, at: float) -> None:
        """Go on after a warning if it is known until when, else stop."""
        facts = self.errands.facts
        if facts.asked < at and self.errands.knows_time and self._clock() - at < ANSWER_SECONDS:
            self.errands.ask_now()
            return
        self.orders.warned_at = None
        if facts.ends_at is None:
            self.orders.end("the job has to end")

    def stop_by(self, grace: float) -> float:
        """Return when what still runs is ended, once trials have been told to stop."""
        facts = self.errands.facts
        stopped = self._stopped if self._stopped is not None else self._clock()
        times = [stopped + grace]
        if facts.ends_at is not None:
            # Not at once: what is known of the end may be old.
            spare = (1 - USED) * self._lead(facts.ends_at, grace)
            times.append(max(facts.ends_at - spare, stopped + timing.SHORTEST_LEAD / 2))
        if self.orders.killed_at is not None and facts.grace is not None:
            times.append(self.orders.killed_at + USED * facts.grace)
        return min(times)

    def times(self, grace: float) -> list[float]:
        """Return when there is something to do by itself."""
        if self.orders.stop == "now":
            return [self.stop_by(grace)]
        stop_at = self._stop_at(grace)
        return [] if stop_at is None else [stop_at]

    def why(self, grace: float) -> str:
        """Return why trials are interrupted; asks the place, for a moment, when it ends the job."""
        killed_at = self.orders.killed_at
        if not self.orders.why and killed_at is not None:
            until = min(killed_at + WHY_SECONDS, self.stop_by(grace))
            self.orders.why = self.errands.why_ending(until - self._clock())
        return self.orders.why or "the job has to end"

    def _stop_at(self, grace: float) -> float | None:
        ends_at = self.errands.facts.ends_at
        return None if ends_at is None else ends_at - self._lead(ends_at, grace)

    def _lead(self, ends_at: float, grace: float) -> float:
        return timing.lead(grace, ends_at - self._began)
