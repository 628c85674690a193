"""Scripts with fmin as processes: several at once, killed, told to stop, started again."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from tests.core.scripts.scripting import scripts_in
from trialdeck.core.errors import LaunchError, SearchError
from trialdeck.core.searches import start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.core.scripts.scripting import Scripts


@pytest.fixture
def scripts(tmp_path: Path) -> Iterator[Scripts]:
    with scripts_in(tmp_path) as scripts:
        yield scripts


def started(scripts: Scripts, count: int) -> None:
    until(lambda: len(scripts.ran()) >= count, 30, f"{count} trials to begin")


def test_several_processes_end_with_exactly_so_many_in_total(scripts: Scripts) -> None:
    running = [scripts.start(max_evals=100, seconds=0.02) for _ in range(4)]
    said = [scripts.result(process) for process in running]
    trials = scripts.search.snapshot().trials
    assert sorted(trials) == list(range(100))
    assert scripts.search.status().progress == 100
    # Each returns the best of all, and none draws what another has drawn, for all their seeds.
    assert said == [said[0]] * 4
    assert said[0]["length"] == 100
    assert len({line.split()[1] for line in scripts.ran()}) == 100
    assert len({line.split()[0] for line in scripts.ran()}) == 4


def test_it_goes_on_where_it_was(scripts: Scripts) -> None:
    assert scripts.run(max_evals=5)["length"] == 5
    assert scripts.run(max_evals=8)["length"] == 8
    assert scripts.run(max_evals=8)["length"] == 8
    assert len(scripts.ran()) == 8
    assert len({line.split()[1] for line in scripts.ran()}) == 8


def test_others_take_over_what_a_killed_one_ran(scripts: Scripts) -> None:
    first = scripts.start(max_evals=3, seconds=60.0)
    started(scripts, 1)
    first.kill()
    first.wait()
    assert scripts.run(max_evals=3)["length"] == 3
    snapshot = scripts.search.snapshot()
    assert [snapshot.trials[0].attempt, snapshot.counts.ok] == [1, 3]
    points = [line.split()[1] for line in scripts.ran()]
    assert points[0] == points[1]  # the same point again


@pytest.mark.parametrize(
    ("space", "again"),
    [
        ("one less", True),
        ("below", True),
        ("one more", False),
        ("another option", False),
        ("elsewhere", False),
    ],
)
def test_in_a_changed_space_it_is_run_again_where_it_can_be(scripts: Scripts, space, again) -> None:
    first = scripts.start(max_evals=3, seconds=60.0)
    started(scripts, 1)
    first.kill()
    first.wait()
    before = scripts.search.snapshot().trials[0].point
    assert scripts.run(max_evals=3, space=space, seed=1)["length"] == 3
    search = scripts.search
    assert search.snapshot().counts.ok == 3
    trial = search.snapshot().trials[0]
    assert trial.attempt == 1
    assert (trial.point["x"] == before["x"]) is again
    assert ("kind" in trial.point) is (space != "one less")
    assert scripts.result(scripts.start(max_evals=3, space=space))["length"] == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_interrupts_the_trial(scripts: Scripts, number: int) -> None:
    process = scripts.start(max_evals=3, seconds=60.0)
    started(scripts, 1)
    process.send_signal(number)
    process.communicate(timeout=20)
    trial = scripts.search.snapshot().trials[0]
    assert (trial.state, trial.cause) == ("interrupted", "stopped")
    assert scripts.search.status().pools == 0
    assert scripts.run(max_evals=3)["length"] == 3


def test_it_can_be_stopped_and_paused_like_any_search(scripts: Scripts) -> None:
    process = scripts.start(max_evals=1000, seconds=0.2)
    started(scripts, 2)
    search = scripts.search
    search.pause()
    until(lambda: not search.snapshot().counts.running, 10, "no trial to run")
    search.resume()
    count = len(scripts.ran())
    started(scripts, count + 1)
    assert search.stop() == 1
    scripts.result(process)
    assert search.snapshot().counts.running == 0


@pytest.mark.parametrize("behind", [False, True])
def test_it_can_be_stopped_at_once(scripts: Scripts, behind) -> None:
    process = scripts.start(behind=behind, max_evals=1000, seconds=60.0)
    started(scripts, 1)
    assert scripts.search.stop(now=True) == 1
    assert process.wait(20) != 0
    assert scripts.search.snapshot().trials[0].state == "interrupted"


def test_a_failure_ends_the_script_and_is_remembered(scripts: Scripts) -> None:
    process = scripts.start(max_evals=50, worst=-5.0)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "ValueError: too far" in err
    trial = scripts.search.snapshot().trials[0]
    assert (trial.state, trial.cause, trial.message) == ("failed", "error", "ValueError: too far")
    assert "in objective" in trial.traceback


def test_it_shows_like_any_search(scripts: Scripts) -> None:
    process = scripts.start(max_evals=50, seconds=0.3)
    started(scripts, 2)
    search = scripts.search
    until(lambda: search.status().state == "running", 10, "the search to run")
    status = search.status()
    assert (status.max_trials, status.cores, status.pools) == (50, 1, 1)
    (core,) = search.cores()
    assert core.backend == "script"
    with pytest.raises(LaunchError, match="one trial at a time"):
        search.resize(core.writer, 2)
    assert [d.name for d in search.params.space.dimensions] == ["kind", "x"]
    assert search.snapshot().trials[0].point["kind"] in ("round", "square")
    process.kill()


def test_it_is_not_run_by_cores_and_takes_no_others_place(scripts: Scripts, tmp_path: Path) -> None:
    scripts.run(max_evals=1)
    with pytest.raises(LaunchError, match=r"is run by a script \(script.py:objective\)"):
        scripts.search.launch("local", 1)
    (tmp_path / "objective.py").write_text("def f(x):\n    return x\n")
    (tmp_path / "params.toml").write_text(
        '[search]\nname = "x"\nobjective = "objective.py:f"\n'
        '[space]\nx = { type = "uniform", low = 0.0, high = 1.0 }\n'
    )
    with pytest.raises(SearchError, match="is one that a script runs with fmin"):
        start(tmp_path / "params.toml")
