import math
import subprocess
import sys

import pytest

from trialdeck.core.demo import MINIMUM, branin, branin_value


class Trial:
    def __init__(self):
        self.curve = []

    def report(self, step, **metrics):
        self.curve.append((step, metrics["loss"]))


@pytest.mark.parametrize("x", [(-math.pi, 12.275), (math.pi, 2.275), (3 * math.pi, 2.475)])
def test_the_known_minima(x):
    assert branin_value(*x) == pytest.approx(MINIMUM, abs=1e-12)
    for dx in (-0.05, 0.05):
        assert branin_value(x[0] + dx, x[1]) > MINIMUM
        assert branin_value(x[0], x[1] + dx) > MINIMUM


def test_a_known_value():
    assert branin_value(0.0, 0.0) == pytest.approx(55.602113, abs=1e-6)


def test_the_curve_comes_down_to_the_result():
    trial = Trial()
    result = branin({"x1": 1.0, "x2": 2.0, "seconds": 0.0, "steps": 4}, trial)
    assert result == {"loss": branin_value(1.0, 2.0)}
    losses = [loss for _, loss in trial.curve]
    assert [step for step, _ in trial.curve] == [1, 2, 3, 4]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] == pytest.approx(result["loss"], abs=0.5)


def test_hills_leave_the_minima_where_they_are():
    point = {"x2": 2.275, "seconds": 0.0, "surface": "rough", "depth": 10.0}
    assert branin({**point, "x1": math.pi}, Trial())["loss"] == pytest.approx(MINIMUM)
    assert branin({**point, "x1": 1.0}, Trial())["loss"] > branin_value(1.0, 2.275) + 5


def test_it_needs_nothing():
    code = "import sys, trialdeck.core.demo; print({'numpy', 'torch'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
