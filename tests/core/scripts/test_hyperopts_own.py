"""hyperopt's own tests of Trials and of fmin, with `HistoryTrials` in the place of `Trials`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
QUIET = {"TQDM_DISABLE": "1"}  # nobody sees the progress bars, which take their time
# Of Trials and fmin, and the short ones of what uses them.
SHORT = ("test_base", "unit.test_fmin", "unit.test_anneal", "unit.test_rand", "unit.test_randint")
# With the algorithms; atpe is left out, which needs lightgbm and does not run on Trials either.
LONG = (
    *SHORT,
    *("unit.test_pchoice", "unit.test_vectorize", "unit.test_plotting", "unit.test_tpe"),
    *("unit.test_domains", "unit.test_criteria", "unit.test_utils", "unit.test_progress"),
)


def passed(modules: tuple[str, ...], folder: Path, seconds: int) -> int:
    """Return how many tests of these modules passed, where none failed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "tests.core.scripts.substitute", "-k", "not Atpe", "--timeout", str(seconds)]
    command += ["-W", "ignore", "--pyargs", *(f"hyperopt.tests.{module}" for module in modules)]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **QUIET},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    found = re.search(r"(\d+) passed", done.stdout)
    assert found is not None
    return int(found[1])


def test_trials_and_fmin(tmp_path: Path) -> None:
    assert passed(SHORT, tmp_path, 100) >= 35


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_all_that_use_trials(tmp_path: Path) -> None:
    count = passed(LONG, tmp_path, 800)
    print(f"{count} of hyperopt's own tests pass with HistoryTrials")
    assert count >= 130
