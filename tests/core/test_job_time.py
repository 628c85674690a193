from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.history.making import finished, snapshot_of, started
from trialdeck.backends.base import Jobs
from trialdeck.core.job_time import time_warnings
from trialdeck.core.params.read import parse_params

PARAMS = """\
[search]
name = "t"
objective = "trialdeck.core.demo:branin"
max_trials = {most}
[cores]
grace = "1m"
[space]
x = {{ type = "uniform", low = 0.0, high = 1.0 }}
"""


def said(seconds, *took, jobs=Jobs(1, 1), cores=1, most=100):  # noqa: B008 - a tuple
    params = parse_params(PARAMS.format(most=most), "params.toml", Path(), published=True)
    events = [
        event
        for tid, duration in enumerate(took)
        for event in (started(tid), finished(tid, loss=1.0, seconds=float(duration)))
    ]
    return time_warnings(params, snapshot_of(*events), cores, jobs, seconds)


def test_trials_that_take_longer_than_a_job_has_would_be_cut():
    (cut, *_) = said(600, *[60] * 5, *[545] * 3)
    assert cut == (
        "38 % of the finished trials took longer than a job has (10m less 1m to end in): "
        "they would be cut."
    )


def test_jobs_that_cannot_do_what_is_left_are_told():
    (few,) = said(600, 54, 54, 54, jobs=Jobs(4, 40), cores=8, most=1003)
    assert few == (
        "40 jobs of 10m will do about 800 trials if they take as long as those so far, 1000 are "
        "left: let them last longer, or have more of them."
    )
    assert said(600, 54, 54, 54, jobs=Jobs(4, 40), cores=8, most=803) == []


@pytest.mark.parametrize("took", [(), (900, 900)])
def test_nothing_is_said_before_three_trials_have_finished(took):
    assert said(600, *took) == []
