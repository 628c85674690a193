"""Our own estimator for one search: its history becomes columns of numbers, bit by bit.

The first points need no numpy, so that a pool begins sooner.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trialdeck.core.compatibility import fit
from trialdeck.core.history.snapshot import Trials
from trialdeck.core.seeds import seed_for
from trialdeck.core.stages import SEARCHING, stage_of
from trialdeck.core.suggest.start import STARTUP, start_point
from trialdeck.core.suggest.variables import active, variables_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.params.model import Params
    from trialdeck.core.space import Point
    from trialdeck.core.suggest.columns import Standing
    from trialdeck.core.suggest.estimator import Estimator


class Searching:
    """Suggests points of one revision; keeps its columns between suggestions."""

    def __init__(self, params: Params, fixed_of: Callable[[int], Mapping[str, Any]]) -> None:
        """`fixed_of(revision)` returns the [fixed] table of an older revision."""
        self.params = params
        self.fixed_of = fixed_of
        self.variables = variables_of(params.space)
        self.start = seed_for(params.search.seed, "start")
        self.estimator: Estimator | None = None
        self.seen = Trials({}, 0)  # the trials that are in the columns

    def suggest(self, snapshot: Snapshot, tid: int) -> Point:
        """Return a point for trial `tid`: the same one for the same history and seed."""
        few = snapshot.counts.finished < STARTUP
        if few and self.params.space.size() is None:  # in others, none is tried twice
            return self._point(active(self.variables, start_point(self.variables, tid, self.start)))
        seed = seed_for(self.params.search.seed, "suggest", tid)
        return self._point(self._up_to_date(snapshot).suggest(tid, seed, self.start))

    def prepare(self) -> None:
        """Import numpy, if this search will come to need it."""
        if self.params.search.max_trials > STARTUP:
            import trialdeck.core.suggest.estimator  # noqa: F401

    def _point(self, values: Sequence[float]) -> Point:
        pairs = zip(self.variables, values, strict=True)
        vals = {variable.label: [] if math.isnan(x) else [x] for variable, x in pairs}
        return self.params.space.decode(vals)

    def _up_to_date(self, snapshot: Snapshot) -> Estimator:
        from trialdeck.core.suggest.estimator import Estimator

        if self.estimator is None:
            self.estimator = Estimator(self.variables)
        columns, space = self.estimator.columns, self.params.space
        changed = {trial.tid: trial for trial in snapshot.trials.changed_since(self.seen)}
        self.seen = snapshot.trials
        fitted = fit(
            space,
            self.params.fixed,
            (
                (trial.tid, trial.point, self.fixed_of(trial.revision))
                for trial in changed.values()
                # losses of another stage are those of another sample
                if trial.state != "voided" and stage_of(trial.tid) == SEARCHING
            ),
        )
        for tid, trial in changed.items():
            if tid not in fitted.usable:
                columns.forget(tid)
                continue
            vals = space.encode(fitted.usable[tid])
            values = [
                float(vals[v.label][0]) if vals[v.label] else math.nan for v in self.variables
            ]
            columns.put(tid, values, self._standing(trial))
        return self.estimator

    def _standing(self, trial: Trial) -> Standing:
        from trialdeck.core.suggest.columns import Kind, Standing, standing

        if trial.state == "ok":
            return standing(trial.loss)
        if trial.state == "failed":
            return standing(self.params.search.failed_loss)
        if trial.state == "pruned":
            loss = trial.loss if trial.loss is not None else math.inf
            return Standing(Kind.PRUNED, loss, trial.steps)
        return Standing(Kind.RUNNING)
