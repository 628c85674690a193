"""The expression that hyperopt's own algorithms run on, and what they draw from it."""

from __future__ import annotations

import functools
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hyperopt import JOB_STATE_DONE, Domain, Trials, anneal, rand, tpe
from scipy.stats import chi2_contingency, ks_2samp

from tests.core.space_tables import EXAMPLES, OPTIMIZER, space_of

if TYPE_CHECKING:
    from trialdeck.core.space import Space

DRAWS = 3000
ALGORITHMS = {
    "tpe": functools.partial(tpe.suggest, n_startup_jobs=8, verbose=False),
    "anneal": anneal.suggest,
    "rand": rand.suggest,
}


def everything() -> Space:
    """One of each distribution, what is hard for hyperopt, and a tree."""
    return space_of(
        **EXAMPLES,
        seed={"type": "randint", "low": 1, "high": 10**9},
        fine={"type": "quniform", "low": 0.0, "high": 1.0, "q": 0.001},
        size={"type": "uniform", "low": 0, "high": 1},  # a word of hyperopt's own
        optimizer=OPTIMIZER,
    )


def domain_of(space: Space) -> Domain:
    return Domain(lambda _: 0.0, space.expression())


def drawn(space: Space) -> list[dict[str, Any]]:
    """Points of hyperopt's random search."""
    ids = list(range(DRAWS))
    found, values = rand.suggest_batch(ids, domain_of(space), Trials(), seed=7)
    vals: list[dict[str, list[Any]]] = [{label: [] for label in values} for _ in ids]
    for label, tids in found.items():
        for tid, value in zip(tids, values[label], strict=True):
            vals[tid][label] = [value]
    return [space.decode(each) for each in vals]


def p_value(one: list[Any], other: list[Any]) -> float:
    """How probable such a difference is between two samples of one distribution."""
    counts = [Counter(map(str, values)) for values in (one, other)]
    common = [v for v, n in (counts[0] + counts[1]).items() if n >= 20]
    if len(common) < 2:
        return float(ks_2samp(one, other).pvalue)
    table = [[c[v] for v in common] + [len(one) - sum(c[v] for v in common)] for c in counts]
    if sum(row[-1] for row in table) < 20:
        table = [row[:-1] for row in table]
    return float(chi2_contingency(table).pvalue)


def test_hyperopt_draws_every_dimension_as_we_do() -> None:
    space, rng = everything(), random.Random(3)
    theirs, ours = drawn(space), [space.sample(rng) for _ in range(DRAWS)]
    for name in (dimension.name for dimension in space.dimensions):
        samples = [[point[name] for point in points if name in point] for points in (theirs, ours)]
        assert min(map(len, samples)) > 100
        assert {type(v) for v in samples[0]} == {type(v) for v in samples[1]}
        assert p_value(*samples) > 1e-4, name


def test_the_comparison_can_fail() -> None:
    rng = random.Random(3)
    wide = space_of(x={"type": "uniformint", "low": 1, "high": 6})
    narrow = space_of(x={"type": "quniform", "low": 1, "high": 5, "q": 1})
    one, other = ([s.sample(rng)["x"] for _ in range(DRAWS)] for s in (wide, narrow))
    assert p_value(one, other) < 1e-4
    assert (
        p_value([float(x) ** 0.5 + rng.random() for x in one], [x + rng.random() for x in one])
        < 1e-4
    )


def search(space: Space, algorithm: str, count: int) -> list[dict[str, Any]]:
    """Points suggested one after the other, from documents made anew from the points."""
    trials, domain, points = Trials(), domain_of(space), []
    for tid in range(count):
        (doc,) = ALGORITHMS[algorithm]([tid], domain, trials, tid + 11)
        point = space.decode(doc["misc"]["vals"])
        vals = space.encode(point)
        doc["misc"]["vals"] = vals
        doc["misc"]["idxs"] = {label: [tid] * len(value) for label, value in vals.items()}
        doc["state"] = JOB_STATE_DONE
        doc["result"] = {"status": "ok", "loss": point["uniform"] ** 2 + point["uniformint"]}
        trials.insert_trial_docs([doc])
        trials.refresh()
        points.append(point)
    return points


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_algorithms_of_hyperopt_suggest_points_of_the_space(algorithm: str) -> None:
    space = everything()
    points = search(space, algorithm, 30)
    for point in points:
        assert space.check(point) == []
        assert space.decode(space.encode(point)) == point
    assert {p["optimizer"] for p in points} == {"adam", "sgd", "lbfgs"}
    assert all(("beta2" in p) == (p["optimizer"] == "adam") for p in points)
    if algorithm != "rand":
        late = [p["uniform"] ** 2 + p["uniformint"] for p in points[15:]]
        early = [p["uniform"] ** 2 + p["uniformint"] for p in points[:8]]
        assert sum(late) / len(late) < sum(early) / len(early)


def test_encoded_values_are_what_hyperopt_holds_itself() -> None:
    space = everything()
    (doc,) = rand.suggest([0], domain_of(space), Trials(), 5)
    vals = doc["misc"]["vals"]
    encoded = space.encode(space.decode(vals))
    assert encoded.keys() == vals.keys()
    for label, values in vals.items():
        assert encoded[label] == pytest.approx([v.item() for v in values], abs=1e-12)
        assert all(type(v) in (int, float) for v in encoded[label])
