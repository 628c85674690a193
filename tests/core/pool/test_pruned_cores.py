"""Real cores whose trials are told to end early: what comes of each kind of objective."""

from pathlib import Path

import pytest

from tests.core.pool.said import said_until
from trialdeck.core.pool.cores import Core, ForkServer, Gone
from trialdeck.core.pool.messages import Broken, Done, Ready, Reported, Run, Setup, Verdict
from trialdeck.core.pruning import Rule

HERE = Path(__file__).parent
WHY = "pruned at step 3: 2nd of 2 at rung 3"


@pytest.fixture(scope="module")
def server():
    server = ForkServer([], threads=1)
    yield server
    server.close()


def train(server, folder, function, *, end_at=3, metric="", maximize=False):
    """Run one trial that is pruned at a step; return what it said, its end last."""
    setup = Setup(
        objective=f"{HERE / 'learning.py'}:{function}",
        folder=str(folder),
        log=str(folder / "core.log"),
        core=0,
        threads=1,
    )
    core = Core(0, setup, server)
    assert isinstance(said_until(core, (Ready, Broken))[-1], Ready)
    metrics = ((metric or "loss", maximize),)
    rule = Rule(algorithm="asha", metrics=metrics, reduction_factor=3)
    core.start(
        Run(
            tid=0,
            attempt=0,
            seed=1,
            point={"x": 2.0},
            fixed={},
            metric=metric,
            maximize=maximize,
            checkpoint=str(folder / "checkpoints" / "0" / "0"),
            model=str(folder / "models" / "0" / "0"),
            pruning=rule,
        )
    )
    heard = []
    while not heard or not isinstance(heard[-1], (Done, Gone)):
        new = said_until(core, (Reported, Done, Gone))
        for report in new:
            if isinstance(report, Reported) and report.asks:
                core.answer(Verdict(step=report.step, why=WHY if report.step == end_at else ""))
        heard += new
    core.close()
    return heard


def test_it_ends_at_the_step_at_which_it_asks(server, tmp_path):
    *reports, done = train(server, tmp_path, "curve")
    assert [report.step for report in reports] == [1, 2, 3]
    loss = 4.0 + 1 / 3
    metrics = {"loss": loss, "accuracy": -4.0}
    assert done == Done(outcome="pruned", loss=loss, metrics=metrics, message=WHY, steps=3)


def test_nobody_tells_it_to_end(server, tmp_path):
    *_, done = train(server, tmp_path, "curve", end_at=None)
    assert done == Done(outcome="ok", loss=4.0, metrics={"loss": 4.0, "whole": 1}, steps=12)


def test_the_loss_is_what_is_minimised(server, tmp_path):
    *_, done = train(server, tmp_path, "curve", metric="accuracy", maximize=True)
    assert (done.outcome, done.loss, done.metrics["accuracy"]) == ("pruned", 4.0, -4.0)


@pytest.mark.parametrize(
    ("function", "loss", "metrics"),
    [
        ("catches", 0.25, {"loss": 0.25, "half": 1}),
        ("catches_for_nothing", 4.0 + 1 / 3, {"loss": 4.0 + 1 / 3, "accuracy": -4.0}),
        ("looks", 30.0, {"loss": 30.0}),
        ("stumbles", 4.0 + 1 / 3, {"loss": 4.0 + 1 / 3, "accuracy": -4.0}),
    ],
)
def test_an_objective_that_catches_it_is_pruned_all_the_same(
    server, tmp_path, function, loss, metrics
):
    *_, done = train(server, tmp_path, function)
    assert done == Done(outcome="pruned", loss=loss, metrics=metrics, message=WHY, steps=3)


def test_what_is_raised_after_it_is_in_the_log(server, tmp_path):
    train(server, tmp_path, "stumbles")
    assert "a trainer that wraps what is raised in it" in (tmp_path / "core.log").read_text()


def test_an_objective_may_end_early_by_itself(server, tmp_path):
    *_, done = train(server, tmp_path, "gives_up", end_at=None)
    metrics = {"loss": "nan", "accuracy": 0.5}
    why = "it does not learn"
    assert done == Done(outcome="pruned", loss=None, metrics=metrics, message=why, steps=1)
