"""When to end a training that no longer gets better. Needs no library; for any objective."""

from __future__ import annotations

import math
from typing import Any


class EarlyStopping:
    """Watches a value that is better when lower, or higher with `maximize`.

    `should_stop` turns true when `patience` values in a row were not better than the best by more
    than `min_delta`, or at once after a value that is not finite: no training comes back from NaN.

    ``stopping = EarlyStopping(patience=5)``; then after each epoch
    ``if stopping.update(loss): keep(weights)`` and ``if stopping.should_stop: break``.

    Raises ValueError for a patience below 1, and a `min_delta` that is negative or not finite.
    """

    def __init__(self, patience: int, min_delta: float = 0.0, *, maximize: bool = False) -> None:
        if patience < 1:
            raise ValueError(f"patience = {patience}: at least one value has to be waited for")
        if not 0 <= min_delta < math.inf:
            raise ValueError(f"min_delta = {min_delta} must be at least 0 and finite")
        self.patience = patience
        self.min_delta = min_delta
        self.maximize = maximize
        self.step = 0  # values seen
        self.best = -math.inf if maximize else math.inf  # until there is a finite value
        self.best_step = 0  # which value that was, counted from 1; 0 for none
        self.diverged = False  # whether the last value was not finite

    def update(self, value: float) -> bool:
        """Take in the next value; return whether it is the best so far."""
        self.step += 1
        self.diverged = not math.isfinite(value)
        better = not self.diverged and self._is_better(value)
        if better:
            self.best, self.best_step = float(value), self.step
        return better

    def _is_better(self, value: float) -> bool:
        gain = value - self.best if self.maximize else self.best - value
        return gain > self.min_delta

    @property
    def should_stop(self) -> bool:
        """Whether nothing better has come for long enough, or never will."""
        return self.diverged or self.step - self.best_step >= self.patience

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint needs of it: numbers and a bool."""
        names = ("step", "best", "best_step", "diverged")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned. Raises KeyError when something is missing."""
        self.step, self.best = state["step"], state["best"]
        self.best_step, self.diverged = state["best_step"], state["diverged"]
