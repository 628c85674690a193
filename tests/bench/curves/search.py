"""A search over curves that are known already, by cores that are simulated: only epochs cost."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Protocol

import optuna

from trialdeck.core.pruning import Rule, Rungs

if TYPE_CHECKING:
    from collections.abc import Sequence

CORES = 8


@dataclass(frozen=True, slots=True)
class Curve:
    """A loss after each epoch, and what the trial returns in the end."""

    values: tuple[float, ...]
    final: float


class Pruner(Protocol):
    """Decides which trials end early."""

    def ends(self, tid: int, epoch: int, value: float) -> bool:
        """Take in a value; return whether the trial ends here."""
        ...

    def finished(self, tid: int, final: float) -> None:
        """Take note of a result."""
        ...


class Nothing:
    """Every trial runs to its end."""

    def ends(self, tid: int, epoch: int, value: float) -> bool:
        return False

    def finished(self, tid: int, final: float) -> None:
        pass


class Ours(Nothing):
    """What a pool does: it asks at the first report at a rung."""

    def __init__(self, rule: Rule) -> None:
        self.rungs = Rungs(rule)
        self.at: dict[int, int] = {}

    def ends(self, tid: int, epoch: int, value: float) -> bool:
        values: dict[str, float | str] = {"loss": value}
        self.rungs.add(tid, 0, epoch, values)
        rung = self.rungs.rule.rung_at(epoch)
        asks = rung > self.at.get(tid, 0)
        self.at[tid] = rung
        return asks and bool(self.rungs.why_prune(tid, epoch, values))


class Optunas:
    """An Optuna pruner, asked after every epoch, as its documents say."""

    def __init__(self, pruner: optuna.pruners.BasePruner, seed: int) -> None:
        # Hyperband chooses its brackets by the name.
        self.study = optuna.create_study(
            pruner=pruner, sampler=optuna.samplers.RandomSampler(), study_name=f"study {seed}"
        )
        self.trials: dict[int, optuna.Trial] = {}

    def ends(self, tid: int, epoch: int, value: float) -> bool:
        trial = self.trials.get(tid) or self.trials.setdefault(tid, self.study.ask())
        trial.report(value, epoch)
        if not trial.should_prune():
            return False
        self.study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        return True

    def finished(self, tid: int, final: float) -> None:
        self.study.tell(self.trials[tid], final)


@dataclass(slots=True)
class Search:
    """What came of a search: the epochs that were trained, and what they had found."""

    epochs: int = 0
    found: list[tuple[int, float]] = field(default_factory=list)  # epochs so far, best result

    @property
    def best(self) -> float:
        return self.found[-1][1] if self.found else float("inf")

    def best_within(self, epochs: float) -> float:
        """Return the best result after so many epochs."""
        return min((best for at, best in self.found if at <= epochs), default=float("inf"))

    def epochs_to(self, loss: float) -> float:
        """Return after how many epochs a result was as good."""
        return min((at for at, best in self.found if best <= loss), default=float("inf"))

    def note(self, final: float) -> None:
        if final < self.best:
            self.found.append((self.epochs, final))


def order(points: int, seed: int) -> list[int]:
    """Return the points of a random search, in pairs for all pruners: drawn as often as wanted."""
    rng = random.Random(seed)
    drawn: list[int] = []
    while len(drawn) < 5000:
        drawn += rng.sample(range(points), points)
    return drawn


def search(
    curves: Sequence[Curve],
    pruner: Pruner,
    seed: int,
    *,
    trials: int | None = None,
    epochs: float = float("inf"),
    goal: float = float("-inf"),
) -> Search:
    """Run so many trials, or for so many epochs, or until a result is as good as `goal`.

    Cores work asynchronously: an epoch of each trial takes a time of its own.
    """
    drawn, paces = order(len(curves), seed), random.Random(-seed - 1)
    tids, result = count(), Search()
    seconds = [paces.lognormvariate(0, 0.5) for _ in drawn]
    clock: list[tuple[float, int, int]] = []  # when an epoch of a trial is over

    def start(now: float) -> None:
        tid = next(tids)
        if tid < (len(drawn) if trials is None else trials):
            heapq.heappush(clock, (now + seconds[tid], tid, 1))

    for _ in range(CORES):
        start(0.0)
    while clock and result.epochs < epochs and result.best > goal:
        now, tid, epoch = heapq.heappop(clock)
        curve = curves[drawn[tid]]
        result.epochs += 1
        if pruner.ends(tid, epoch, curve.values[epoch - 1]):
            start(now)
        elif epoch < len(curve.values):
            heapq.heappush(clock, (now + seconds[tid], tid, epoch + 1))
        else:
            pruner.finished(tid, curve.final)
            result.note(curve.final)
            start(now)
    return result
