"""What changes under running pools: the clock, the budget, the format, and who commands them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conditions import until
from tests.core.pool.exactly import assert_exact, assert_once
from tests.core.pool.faulty import a_faulty_pool
from tests.searching import a_pool, finish, searching, wait_for
from trialdeck.backends.process import descendants, identify
from trialdeck.core.check import check
from trialdeck.core.history.codec import encode
from trialdeck.core.history.events import FORMAT_VERSION, Opened
from trialdeck.core.searches import start

REPOSITORY = str(Path(__file__).parents[3])


def test_clocks_that_jump_and_a_budget_that_moves(tmp_path):
    search = searching(tmp_path, "slow", 400, fixed="seconds = 0.2")
    file = tmp_path / "params.toml"
    with a_faulty_pool(search, "clock:1") as one, a_faulty_pool(search, "clock:2") as two:
        wait_for(search, lambda s: s.counts.ok >= 2)
        start(file, overrides={"search.max_trials": 50})
        wait_for(search, lambda s: s.counts.ok >= 42)
        start(file, overrides={"search.max_trials": 60})
        assert one.wait(30) == two.wait(30) == 0
    assert_exact(search, 60, {})
    trials = search.snapshot().trials.values()
    assert all(0.15 < trial.seconds < 10 for trial in trials)
    assert all(len(trial.attempts) == 1 for trial in trials), "a clock has decided something"
    times = [trial.started_at for trial in trials]
    assert max(times) - min(times) > 365 * 86400, "no clock has jumped"
    status = search.status()
    assert all(n is None or n >= 0 for n in (status.trials_per_hour, status.eta_seconds))


def test_a_newer_format_ends_a_running_pool_and_is_left_alone(tmp_path):
    search = searching(tmp_path, "slow", 50, fixed="seconds = 0.3")
    newer = encode(Opened(writer="n", v=FORMAT_VERSION + 1, kind="pool"))
    with a_pool(search) as pool:
        wait_for(search, lambda s: s.counts.running == 2)
        below = descendants(pool.pid)
        (search.paths.journal / "n.jsonl").write_bytes(newer)
        assert pool.wait(20) == 2
    until(lambda: not any(identify(p.pid) for p in below), 10, "a process is left")
    said = (search.paths.logs / "pool.log").read_text()
    assert f"n.jsonl: written in format {FORMAT_VERSION + 1} by a newer Trialdeck" in said
    assert "Traceback" not in said
    names = sorted(search.paths.journal.iterdir())
    assert finish(search) == 2
    assert sorted(search.paths.journal.iterdir()) == names, "it has begun all the same"
    assert (search.paths.journal / "n.jsonl").read_bytes() == newer
    (search.paths.journal / "n.jsonl").unlink()
    snapshot = search.snapshot()
    assert not snapshot.counts.running, "what ran has not been recorded"
    assert all(info.closed for info in snapshot.writers.values())


def test_a_file_system_without_symbolic_links_is_refused(tmp_path, monkeypatch):
    search = searching(tmp_path, "fine")

    def refuse(*_words, **_more):  # as vfat and exfat do
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "symlink", refuse)
    errors = [found.text for found in check(tmp_path / "params.toml") if found.level == "error"]
    text = "symbolic links: the file system does not allow it (Operation not permitted)"
    assert errors == [f"{search.paths.root}: {text}"]


@pytest.mark.timeout(120)
def test_two_controllers_at_once(tmp_path):
    search = searching(tmp_path, "slow", 12, fixed="seconds = 0.05")
    with a_pool(search):
        wait_for(search, lambda s: {0, 1} <= set(s.trials))
        words = [sys.executable, "-P", "-m", "tests.core.pool.controller"]
        controllers = [
            subprocess.Popen(
                [*words, str(tmp_path / "params.toml"), seed],
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": REPOSITORY},
            )
            for seed in "12"
        ]
        said = [json.loads(controller.communicate(timeout=60)[0]) for controller in controllers]
        search.resume()
        queued = [tid for one in said for tid in one["queued"]]
        launched = [name for one in said for name in one["launched"]]
        assert [one["refused"] for one in said] == [[], []]
        try:
            limit = search.params.search.max_trials
            wanted = {*range(limit), *queued}
            wait_for(search, lambda s: all(t in s.trials and s.trials[t].loss for t in wanted))
        finally:
            search.stop()
        until(lambda: not _living(search), 20, "all to end")
    trials = search.snapshot().trials
    assert len(queued) == len(set(queued)) == 12
    assert len(launched) == len(set(launched)) == 6
    for tid in queued:
        assert trials[tid].point == trials[int(trials[tid].origin.removeprefix("retry "))].point
    for trial in trials.values():
        assert_once(trial)


def _living(search):
    search.snapshot()
    return search.launcher.pools()
