"""The next point to try: our own estimator (`trialdeck.core.suggest.searching`), or hyperopt's.

With hyperopt's, running trials are visible to the algorithm as documents without a loss, and
failed ones as documents whose loss is worse than every other: its `tpe` and `anneal` rank both
last. (Left to itself, hyperopt drops failed trials, and goes on suggesting where everything fails.)
Pruned ones come before those, and behind all that finished (`trialdeck.core.suggest.pruned`).
"""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, Any

from trialdeck.core.compatibility import fit
from trialdeck.core.history.snapshot import Trials
from trialdeck.core.seeds import seed_for
from trialdeck.core.stages import SEARCHING, stage_of
from trialdeck.core.suggest.pruned import losses_of
from trialdeck.core.suggest.searching import Searching
from trialdeck.core.suggest.start import STARTUP
from trialdeck.core.trials import as_trials, document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import hyperopt

    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.params.model import Params
    from trialdeck.core.space import Point

OURS = "tpe"
RANDOM = "rand"
STARTUP_TRIALS = 20  # hyperopt's own number for tpe: so many are drawn from the space at first


def startup(params: Params) -> int:
    """Return how many trials there must be before an algorithm learns from them.

    Ours counts those that have finished, hyperopt's those that run as well.
    """
    return {RANDOM: 0, "anneal": 1, OURS: STARTUP}.get(params.search.algorithm, STARTUP_TRIALS)


class Suggester:
    """Suggests points for one search; keeps what it need not work out anew for each point."""

    def __init__(self, fixed_of: Callable[[int], Mapping[str, Any]]) -> None:
        """`fixed_of(revision)` returns the [fixed] table of an older revision."""
        self.fixed_of = fixed_of
        self.params: Params | None = None
        self.searching: Searching | None = None
        self.domain: hyperopt.base.Domain | None = None
        self.documents: dict[int, dict[str, Any] | None] = {}
        self.pruned: dict[int, Trial] = {}
        self.seen = Trials({}, 0)  # the trials that `documents` are of

    def suggest(self, params: Params, snapshot: Snapshot, tid: int) -> Point:
        """Return a point for trial `tid`: the same one for the same history and seed."""
        if params is not self.params:
            self.begin(params)
        if self.searching is not None:
            return self.searching.suggest(snapshot, tid)
        seed = seed_for(params.search.seed, "suggest", tid)
        blind = params.search.algorithm == RANDOM  # it looks at no trial
        documents = [] if blind else self._documents(params, snapshot)
        if len(documents) < startup(params):
            return params.space.sample(random.Random(seed))  # noqa: S311 - a search keeps no secrets
        return self._ask_hyperopt(params, documents, tid, seed)

    def begin(self, params: Params) -> None:
        """Forget what is of other parameters."""
        self.params, self.domain = params, None
        self.documents, self.pruned, self.seen = {}, {}, Trials({}, 0)
        ours = params.search.algorithm == OURS
        self.searching = Searching(params, self.fixed_of) if ours else None

    def prepare(self) -> None:
        """Import what takes long, if this search will come to need it."""
        if self.searching is not None:
            self.searching.prepare()
        elif self.params is not None and self.params.search.max_trials > startup(self.params):
            import hyperopt  # noqa: F401

    def _ask_hyperopt(
        self, params: Params, documents: list[dict[str, Any]], tid: int, seed: int
    ) -> Point:
        import hyperopt

        logging.getLogger("hyperopt").setLevel(logging.WARNING)
        if self.domain is None:
            self.domain = hyperopt.base.Domain(None, params.space.expression())
        name = params.search.algorithm.removeprefix("hyperopt.")
        algorithm = getattr(hyperopt, name)
        extra = {"n_startup_jobs": 1} if name == "tpe" else {}
        suggested = algorithm.suggest([tid], self.domain, as_trials(documents), seed, **extra)
        return params.space.decode(suggested[0]["misc"]["vals"])

    def _documents(self, params: Params, snapshot: Snapshot) -> list[dict[str, Any]]:
        """Return hyperopt's documents of the trials that fit the space, in order of tid."""
        for trial in snapshot.trials.changed_since(self.seen):
            self.documents[trial.tid] = made = self._document(params, trial)
            self.pruned.pop(trial.tid, None)
            if made is not None and trial.state == "pruned":
                self.pruned[trial.tid] = trial
        self.seen = snapshot.trials
        kept = [made for tid in sorted(self.documents) if (made := self.documents[tid]) is not None]
        if self.pruned:
            self._rank_pruned(snapshot, kept)
        return kept

    def _rank_pruned(self, snapshot: Snapshot, documents: list[dict[str, Any]]) -> None:
        finished = [
            made["result"]["loss"]
            for made in documents
            if snapshot.trials[made["tid"]].state == "ok"
        ]
        losses = losses_of(self.pruned, finished)
        for made in documents:
            if made["tid"] in losses:
                made["result"] = {"status": "ok", "loss": losses[made["tid"]]}

    def _document(self, params: Params, trial: Trial) -> dict[str, Any] | None:
        if trial.state == "voided" or stage_of(trial.tid) != SEARCHING:
            return None  # losses of another stage are those of another sample
        fitted = fit(
            params.space, params.fixed, [(trial.tid, trial.point, self.fixed_of(trial.revision))]
        )
        if trial.tid not in fitted.usable:
            return None
        made = document(trial, params.space.encode(fitted.usable[trial.tid]))
        if trial.state in ("failed", "pruned"):
            # No loss counts as infinitely bad with tpe and anneal; an ERROR would be left out.
            made["state"] = 2
            if trial.state == "failed" and params.search.failed_loss is not None:
                made["result"] = {"status": "ok", "loss": params.search.failed_loss}
        return made
