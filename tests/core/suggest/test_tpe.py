"""Our TPE with `hyperopt.fmin`."""

from __future__ import annotations

import math
import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest
from hyperopt import STATUS_FAIL, Domain, Trials, fmin, hp, space_eval
from hyperopt.exceptions import AllTrialsFailed
from hyperopt.tests.unit import test_domains as domains

from trialdeck.core.history_trials import HistoryTrials
from trialdeck.core.suggest import tpe

EVERYTHING = {
    "uniform": hp.uniform("uniform", -1, 1),
    "loguniform": hp.loguniform("loguniform", -3, 0),
    "quniform": hp.quniform("quniform", 0, 10, 3),
    "qloguniform": hp.qloguniform("qloguniform", 0, 3, 2),
    "uniformint": hp.uniformint("uniformint", 1, 9),
    "normal": hp.normal("normal", 4, 7),
    "qnormal": hp.qnormal("qnormal", 0, 10, 2),
    "lognormal": hp.lognormal("lognormal", -2, 2),
    "qlognormal": hp.qlognormal("qlognormal", 0, 2, 1),
    "randint": hp.randint("randint", 12, 25),
    "choice": hp.choice(
        "choice",
        [
            {"kind": "a", "x": hp.uniform("a_x", 0, 1)},
            {"kind": "b", "y": hp.choice("b_y", [hp.uniform("b_z", 0, 1), 3])},
            {"kind": "c"},
        ],
    ),
    "pchoice": hp.pchoice("pchoice", [(0.1, "rare"), (0.9, "often")]),
}


def searched(loss, space, trials: Trials | None = None, count: int = 40, seed: int = 0) -> Trials:
    trials = Trials() if trials is None else trials
    with suppress(AllTrialsFailed):
        fmin(
            loss,
            space,
            algo=tpe.suggest,
            max_evals=count,
            trials=trials,
            rstate=np.random.default_rng(seed),
            show_progressbar=False,
        )
    return trials


def points(trials: Trials) -> list[dict]:
    return [document["misc"]["vals"] for document in trials.trials]


def of_everything(point: dict) -> float:
    numbers = [value for value in point.values() if isinstance(value, int | float)]
    assert isinstance(point["uniformint"], int)
    return sum(math.log1p(abs(x)) for x in numbers)


def test_every_distribution_and_a_tree():
    trials = searched(of_everything, EVERYTHING)
    for vals in points(trials):
        chosen = vals["choice"][0]
        assert bool(vals["a_x"]) == (chosen == 0)
        assert bool(vals["b_y"]) == (chosen == 1)
        assert bool(vals["b_z"]) == (vals["b_y"] == [0])
        space_eval(EVERYTHING, {label: values[0] for label, values in vals.items() if values})
    losses = trials.losses()
    assert np.mean(losses[-15:]) < np.mean(losses[:15])


def test_the_same_trials_and_seed_give_the_same_points():
    assert points(searched(of_everything, EVERYTHING)) == points(
        searched(of_everything, EVERYTHING)
    )
    trials = searched(of_everything, EVERYTHING, count=20)
    domain = Domain(of_everything, EVERYTHING)
    asked = [tpe.suggest([20, 21], domain, trials, 5) for _ in range(2)]
    fresh = tpe.suggest([20, 21], Domain(of_everything, EVERYTHING), trials, 5)
    made = [[document["misc"]["vals"] for document in each] for each in (*asked, fresh)]
    assert made[0] == made[1] == made[2]
    assert made[0][0] != made[0][1]


def test_failures_and_infinite_losses():
    def loss(x):
        if x > 0:
            return {"status": STATUS_FAIL}
        return abs(x + 0.2) if x > -0.9 else math.inf

    trials = searched(loss, hp.uniform("x", -1, 1), count=60)
    late = [vals["x"][0] for vals in points(trials)[30:]]
    assert sum(-0.9 < x < 0 for x in late) > 24


@pytest.mark.parametrize(
    "loss", [lambda x: 1.0, lambda x: {"status": STATUS_FAIL}, lambda x: math.inf]
)
def test_nothing_to_learn_from(loss):
    found = [v["x"][0] for v in points(searched(loss, hp.uniform("x", 0, 1), count=30))]
    assert len(set(found)) == 30
    assert max(found) - min(found) > 0.5


def test_a_space_that_was_changed():
    trials = searched(lambda p: p["x"] ** 2, {"x": hp.uniform("x", -1, 1)}, count=25)
    wider = {"x": hp.uniform("x", 0.0, 2.0), "new": hp.choice("new", [0, 1])}
    searched(lambda p: p["x"] ** 2 + p["new"], wider, trials, count=60)
    later = points(trials)[25:]
    assert all(0 <= vals["x"][0] <= 2 for vals in later)
    assert sum(vals["new"][0] == 0 for vals in later) > 20


def test_no_point_of_a_grid_is_tried_twice():
    space = {"a": hp.choice("a", [0, 1, 2]), "b": hp.quniform("b", 0, 4, 1)}
    trials = searched(lambda p: p["a"] + p["b"], space, count=15)
    assert len({str(vals) for vals in points(trials)}) == 15
    searched(lambda p: p["a"] + p["b"], space, trials, count=17)  # and then again


def test_arguments_that_are_searched_themselves_are_refused():
    space = hp.uniform("x", 0, hp.uniform("high", 1, 2))
    with pytest.raises(ValueError, match="x: the arguments of its distribution"):
        searched(lambda x: x, space, count=1)


def test_history_trials(tmp_path):
    trials = searched(lambda x: x**2, hp.uniform("x", -5, 5), HistoryTrials(tmp_path / "h"))
    assert len(trials) == 40
    assert min(trials.losses()) < 0.05
    trials.close()


def test_without_hyperopt_and_scipy():
    code = """
import sys
from trialdeck.core.suggest.estimator import Estimator
from trialdeck.core.suggest import tpe
assert not {"hyperopt", "scipy"} & set(sys.modules), "loaded"
import trialdeck.core.suggest.child
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("name", "count", "target"),
    [
        ("quadratic1", 100, 0.001),
        ("q1_lognormal", 100, 0.01),
        ("q1_choice", 100, 0.01),
        ("distractor", 120, -1.9),
        ("gauss_wave", 60, -2.0),
        ("branin", 120, 0.45),
        ("many_dists", 120, 0.5),
    ],
)
def test_the_problems_of_hyperopts_tests(name, count, target):
    domain = getattr(domains, name)()
    found = [
        min(searched(lambda x: x, domain.expr, count=count, seed=seed).losses())
        for seed in range(3)
    ]
    assert sorted(found)[1] <= target
