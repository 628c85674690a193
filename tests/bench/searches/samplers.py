"""Who suggests: ours, hyperopt, Optuna and chance, all on the same space."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Protocol

from trialdeck.core.distributions import Choice
from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.state import State
from trialdeck.core.suggest.algorithms import Suggester
from trialdeck.core.suggest.estimator import DEFAULT, Estimator, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bench.searches.problems import Problem
    from trialdeck.core.space import Point


class Sampler(Protocol):
    """Suggests a point for a trial that begins, and hears when it ends."""

    def ask(self, tid: int) -> Point:
        """Return the point of a trial that runs from now on."""
        ...

    def tell(self, tid: int, loss: float) -> None:
        """Take note of how it ended."""
        ...


class OfSearch:
    """An algorithm as a pool calls it; running trials are in its history."""

    def __init__(self, problem: Problem, seed: int, algorithm: str, settings: Settings) -> None:
        self.params = problem.params(algorithm, seed)
        self.state, self.suggester = State(), Suggester(lambda _: {})
        if settings is not DEFAULT:
            self.suggester.begin(self.params)
            searching = self.suggester.searching
            searching.estimator = Estimator(searching.variables, settings)

    def ask(self, tid: int) -> Point:
        point = self.suggester.suggest(self.params, self.state.snapshot(), tid)
        self.state.apply(Started(writer="w", tid=tid, point=point))
        return point

    def tell(self, tid: int, loss: float) -> None:
        self.state.apply(Finished(writer="w", tid=tid, outcome="ok", loss=loss))


class OfOptuna:
    """A sampler of Optuna, by `ask` and `tell`; running trials are in its storage."""

    def __init__(self, problem: Problem, seed: int, make: Callable[[Any, int], Any]) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore")
        self.study = optuna.create_study(sampler=make(optuna.samplers, seed))
        self.space = _optunas(problem.params("rand", seed).space)
        self.running: dict[int, Any] = {}

    def ask(self, tid: int) -> Point:
        trial = self.running[tid] = self.study.ask(self.space)
        return dict(trial.params)

    def tell(self, tid: int, loss: float) -> None:
        self.study.tell(self.running.pop(tid), loss)


def _optunas(space: Any) -> dict[str, Any]:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    made: dict[str, Any] = {}
    for dimension in space.dimensions:
        if isinstance(dimension.distribution, Choice):
            made[dimension.name] = CategoricalDistribution(dimension.options)
            continue
        low, high = dimension.bounds
        step = getattr(dimension.distribution, "q", 1)
        if isinstance(low, int) and isinstance(high, int) and dimension.distribution.size():
            made[dimension.name] = IntDistribution(low, high, step=step)
        else:
            made[dimension.name] = FloatDistribution(low, high, log=dimension.is_log)
    return made


def samplers() -> dict[str, Callable[[Problem, int], Sampler]]:
    """Return all that are compared, by name."""
    return {
        "ours": lambda problem, seed: OfSearch(problem, seed, "tpe", DEFAULT),
        "hyperopt": lambda problem, seed: OfSearch(problem, seed, "hyperopt.tpe", DEFAULT),
        "Optuna": lambda problem, seed: OfOptuna(
            problem, seed, lambda them, seed: them.TPESampler(seed=seed)
        ),
        "Optuna GP": lambda problem, seed: OfOptuna(
            problem, seed, lambda them, seed: them.GPSampler(seed=seed)
        ),
        "random": lambda problem, seed: OfSearch(problem, seed, "rand", DEFAULT),
    }
