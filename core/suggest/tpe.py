"""Better suggestions for `hyperopt.fmin`, in the place of `hyperopt.tpe`.

    from hyperopt import fmin, hp
    from trialdeck.core.suggest import tpe

    fmin(loss, space, algo=tpe.suggest, max_evals=100)

`trialdeck.core.suggest.estimator` has what is done.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from trialdeck.core.seeds import seed_for
from trialdeck.core.suggest.columns import Kind, Standing, standing
from trialdeck.core.suggest.estimator import DEFAULT, Estimator, Settings
from trialdeck.core.suggest.priors import NumericPrior
from trialdeck.core.suggest.variables import variables_of_domain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import hyperopt

    from trialdeck.core.suggest.variables import Variable

_NEW, _JOB_RUNNING, _DONE = 0, 1, 2  # hyperopt.base.JOB_STATE_*
RUNNING = Standing(Kind.RUNNING)


def suggest(
    new_ids: Sequence[int],
    domain: hyperopt.base.Domain,
    trials: hyperopt.Trials,
    seed: int,
    *,
    start: int | None = None,
    settings: Settings = DEFAULT,
) -> list[dict[str, Any]]:
    """Return a document with a point for each of `new_ids`, as hyperopt's algorithms do.

    The same ones for the same trials, ids and seeds. The first points are evenly spread over all
    processes that have the same `start`, a seed; without it they are random, as `fmin` draws a new
    `seed` for each. Running trials that are in `trials` are kept away from. Raises ValueError for a
    space in which a distribution's arguments are searched themselves.
    """
    seed, memory = int(seed), _memory_of(domain, settings)  # fmin has a number of numpy
    memory.read(trials.trials)
    miscs = []
    for tid in new_ids:
        number = seed if len(new_ids) == 1 else seed_for(seed, tid)
        values = memory.estimator.suggest(tid, number, seed if start is None else start)
        memory.estimator.columns.put(tid, values, RUNNING)
        miscs.append(memory.misc(tid, values, domain))
    for tid in new_ids:  # whether they become trials is not known yet
        memory.estimator.columns.forget(tid)
    results = [domain.new_result() for _ in miscs]
    documents: list[dict[str, Any]] = trials.new_trial_docs(
        list(new_ids), [None] * len(miscs), results, miscs
    )
    return documents


class _Memory:
    """What is kept between suggestions for one `fmin`: the documents as columns of numbers."""

    def __init__(self, domain: hyperopt.base.Domain, settings: Settings) -> None:
        self.settings = settings
        self.variables = variables_of_domain(domain)
        self.estimator = Estimator(self.variables, settings)
        self.documents: list[dict[str, Any]] = []
        self.open: list[dict[str, Any]] = []

    def read(self, documents: list[dict[str, Any]]) -> None:
        """Take over what is new; an old list that only grew costs little."""
        count, open_before = len(self.documents), self.open
        self.open = []
        if len(documents) >= count and all(map(operator.is_, self.documents, documents)):
            added = documents[count:]
        else:
            before, now = ({id(d): d for d in each} for each in (self.documents, documents))
            for gone in (before[key] for key in before.keys() - now.keys()):
                self.estimator.columns.forget(gone["tid"])
            added = [d for key, d in now.items() if key not in before]
            open_before = [d for d in open_before if id(d) in now]
        self.documents = list(documents)
        for document in (*open_before, *added):
            self._put(document)

    def _put(self, document: dict[str, Any]) -> None:
        what = _standing_of(document)
        if what == RUNNING:
            self.open.append(document)  # it changes in place
        vals = document["misc"]["vals"]
        values = [_value(variable, vals.get(variable.label)) for variable in self.variables]
        self.estimator.columns.put(document["tid"], values, what)

    def misc(self, tid: int, values: Sequence[float], domain: hyperopt.base.Domain) -> Any:
        """Return the `misc` of a document: options as whole numbers, all else as floats."""
        vals = {
            v.label: [] if math.isnan(x) else [x if isinstance(v.prior, NumericPrior) else int(x)]
            for v, x in zip(self.variables, values, strict=True)
        }
        idxs = {label: [tid] if found else [] for label, found in vals.items()}
        return {
            "tid": tid,
            "cmd": domain.cmd,
            "workdir": domain.workdir,
            "idxs": idxs,
            "vals": vals,
        }


_memories: WeakKeyDictionary[Any, _Memory] = WeakKeyDictionary()


def _memory_of(domain: hyperopt.base.Domain, settings: Settings) -> _Memory:
    memory = _memories.get(domain)
    if memory is None or memory.settings is not settings:
        memory = _memories[domain] = _Memory(domain, settings)
    return memory


def _value(variable: Variable, found: Sequence[Any] | None) -> float:
    """Return a value, NaN for one that is missing or that the variable cannot have any more."""
    if not found:
        return math.nan
    value = float(found[0])
    return value if variable.prior.has(value) else math.nan


def _standing_of(document: Mapping[str, Any]) -> Standing:
    result = document["result"]
    status = result.get("status")
    if document["state"] in (_NEW, _JOB_RUNNING) or status in ("new", "running", "suspended"):
        return RUNNING
    if document["state"] != _DONE or status == "fail":
        return Standing(Kind.FAILED)
    loss = result.get("loss")
    return standing(None if loss is None else float(loss))
