from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from tests.core import far
from tests.core.far import NAME, Far
from tests.searching import a_pool, project
from trialdeck.core.search import Search
from trialdeck.core.searches import start
from trialdeck.core.sites import folder_there
from trialdeck.core.stages import promoted

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = {"h1": {"cores": 2}, "h2": {"cores": 2}}


@pytest.fixture
def machines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    far.settle(monkeypatch, tmp_path / "machines")
    return tmp_path / "machines"


@pytest.fixture
def search(machines: Path, tmp_path: Path):
    folder = tmp_path / "home"
    folder.mkdir()
    found = begun(folder)
    yield found
    found.disconnect()
    Far.cut.clear()
    found.stop(now=True)
    found.sync()
    until(lambda: not living(found), 20, "the ends of pools")


def begun(folder: Path, objective: str = "fine", trials: int = 12, **rest: str) -> Search:
    start(project(folder, objective, trials, **rest))
    return again(folder)


def again(folder: Path) -> Search:
    """Return what somebody sees who begins to look at the search."""
    paths = start(folder / "params.toml").paths
    return Search(paths, {NAME: {"hosts": HOSTS}})


def copy_of(search: Search) -> Path:
    """Return where the copy of the machine h1 lies."""
    return Far.folder / "h1" / "project" / "history" / folder_there(search.paths).name


def living(search: Search) -> list[str]:
    search.snapshot()
    search.sync(5)
    return [pool.id for pool in search.launcher.pools()]


def ended(search: Search, count: int, timeout: float = 30.0) -> None:
    def said() -> str:
        return f"{count} trials; there are {search.snapshot().counts}, {search.sites()}"

    until(lambda: search.snapshot().counts.ok >= count, timeout, said)
    assert search.snapshot().counts.ok == count


def test_what_a_machine_finds_comes_home(search: Search) -> None:
    search.launch(NAME, 2, options={"host": "h1"})
    search.connect()
    ended(search, 12)
    trials = search.snapshot().trials.values()
    assert {trial.site for trial in trials} == {"h1"}
    assert search.status().state == "finished"


def test_a_machine_is_granted_what_is_promoted(search: Search) -> None:
    table = "[reduced_sample]\nfraction = 0.5\npromote = 2\n"
    project(search.paths.project, "by_fraction", 6, cores=table)
    start(search.paths.project / "params.toml", keep_losses=True)
    search.launch(NAME, 2, options={"host": "h1"})
    search.connect()
    until(lambda: search.status(search.snapshot()).state == "finished", 30, "the end")
    snapshot = search.snapshot()
    best = sorted((t for t in snapshot.trials.values() if t.stage == 0), key=lambda t: t.loss)[:2]
    later = [trial for trial in snapshot.trials.values() if trial.stage == 1]
    assert {trial.tid for trial in later} == {promoted(trial.tid) for trial in best}
    assert {(trial.site, trial.metric("fraction")) for trial in later} == {("h1", 1.0)}


def test_two_machines_and_this_one_share_the_trials(search: Search) -> None:
    search.launch(NAME, 2, options={"host": "h1"})
    search.launch(NAME, 2, options={"host": "h2"})
    search.connect()
    with a_pool(search):
        ended(search, 12)
    tids = sorted(search.snapshot().trials)
    assert len(search.snapshot().trials) - search.snapshot().counts.voided == 12, tids


def test_a_machine_works_on_while_nobody_looks(search: Search) -> None:
    search.launch(NAME, 2, options={"host": "h1"})
    journals = copy_of(search) / "journal"

    def finished() -> int:
        lines = [line for file in journals.glob("*") for line in file.read_bytes().splitlines()]
        return sum(b'"finished"' in line for line in lines)

    until(lambda: finished() == 4, 20, "the trials handed out in advance")
    assert search.snapshot().counts.ok == 0
    other = again(search.paths.project)
    assert other.sync() == []
    assert other.snapshot().counts.ok == 4


def test_a_cut_link_heals(search: Search) -> None:
    search.launch(NAME, 2, options={"host": "h1"})
    search.connect()
    wait_until_ok(search, 1)
    Far.cut.add("h1")
    until(lambda: any(row.trouble for row in search.sites()), 20, "word of the cut link")
    (row,) = search.sites()
    assert row.trouble == "h1 cannot be reached"
    assert row.contact.state == "cut"
    Far.cut.clear()
    ended(search, 12)
    assert [row.trouble for row in search.sites()] in ([""], [])


def wait_until_ok(search: Search, count: int) -> None:
    until(lambda: search.snapshot().counts.ok >= count, 20, "first trials")


def test_a_stopped_machine_gives_its_trials_back(search: Search) -> None:
    search.launch(NAME, 2, options={"host": "h1"})
    search.connect()
    wait_until_ok(search, 2)
    search.stop(writers=[pool.id for pool in search.launcher.pools()])
    until(lambda: not search.snapshot().granted, 20, "all trials to be given back")
    until(lambda: not search.launcher.pools(), 20, "the pool's end")
    left = 12 - search.snapshot().counts.ok
    assert search.snapshot().counts.voided
    with a_pool(search):
        ended(search, 12)
    here = [trial for trial in search.snapshot().trials.values() if trial.site == "home"]
    assert sum(trial.state == "ok" for trial in here) == left


def test_a_machine_that_lost_everything_gives_its_trials_back(search: Search) -> None:
    project(search.paths.project, "until_stopped", 4)
    start(search.paths.project / "params.toml", keep_losses=True)
    search.launch(NAME, 2, options={"host": "h1"})
    search.connect()
    until(lambda: search.snapshot().counts.running == 2, 20, "both to run")
    (pool,) = search.launcher.pools()
    kill(pool.identity.pid)
    until(lambda: search.snapshot().counts.voided == 4, 20, "its trials to be taken back")
    assert not search.snapshot().unfinished


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_after_a_restart_a_launch_begins_again(search: Search) -> None:
    Far.restarted.add("h1")
    project(search.paths.project, "until_stopped", 4)
    start(search.paths.project / "params.toml", keep_losses=True)
    launch = search.launch(NAME, 2, options={"host": "h1"})
    search.connect()
    until(lambda: search.snapshot().counts.running == 2, 20, "both to run")
    (pool,) = search.launcher.pools()
    kill(pool.identity.pid)
    until(lambda: [p.name for p in search.launcher.pools()] == [f"{launch.name}.1"], 20, "another")

    def attempts() -> set[int]:
        return {t.attempt for t in search.snapshot().trials.values() if t.state == "running"}

    until(lambda: attempts() == {1}, 20, "both to run again")
    assert not search.snapshot().counts.voided


def test_a_pause_reaches_a_machine_and_ends(search: Search) -> None:
    search.launch(NAME, 2, options={"host": "h1"})
    search.pause()
    there = copy_of(search) / "commands" / "pause"
    assert there.exists()
    assert search.resume()
    assert not there.exists()
    search.connect()
    ended(search, 12)


def test_a_pause_of_a_machine_is_one_of_the_search(search: Search) -> None:
    project(search.paths.project, "raises_odd", 12, search="max_failures = 2")
    start(search.paths.project / "params.toml", keep_losses=True)
    search.launch(NAME, 2, options={"host": "h1"})
    search.connect()
    until(lambda: search.status().state == "paused", 20, "the pause")
    assert search.snapshot().counts.failed >= 2


def test_given_up_trials_are_replaced(search: Search) -> None:
    search.launch(NAME, 2, options={"host": "h1"})
    Far.cut.add("h1")
    assert search.give_up_site("h1") == 4
    with a_pool(search):
        ended(search, 12)
    Far.cut.clear()
    until(lambda: search.sync() == [] and search.snapshot().counts.ok == 16, 20, "what it found")


def test_a_machine_that_hangs_is_waited_for_no_longer_than_said(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    search.launch(NAME, 1, options={"host": "h1"})
    search.launch(NAME, 1, options={"host": "h2"})
    answer = threading.Event()
    settled = Far.site

    def site(self: Far, name: str, folder: Path) -> object:
        if name == "h1":
            answer.wait(60)
        return settled(self, name, folder)

    monkeypatch.setattr(Far, "site", site)
    began = time.monotonic()
    try:
        assert search.sync(1.0) == ["h1 did not answer within 1 s"]
        assert time.monotonic() - began < 5
    finally:
        answer.set()
        late = [thread for thread in threading.enumerate() if thread.name == "sync h1"]
        for thread in late:
            thread.join(20)
    with monkeypatch.context() as patch:
        patch.setattr(Far, "site", lambda *_words: 1 // 0)
        assert sorted(search.sync(10)) == [
            f"{name}: ZeroDivisionError: integer division or modulo by zero" for name in HOSTS
        ]


def test_trials_handed_out_in_advance_go_where_cores_are_idle(search: Search) -> None:
    HOSTS["h1"]["ahead"] = 50
    try:
        project(search.paths.project, "slow", 10, fixed="seconds = 1.5")
        start(search.paths.project / "params.toml", keep_losses=True)
        search.launch(NAME, 1, options={"host": "h1"})
        assert len(search.snapshot().granted) == 10
        search.connect()
        with a_pool(search):
            ended(search, 10)
    finally:
        del HOSTS["h1"]["ahead"]
    assert {"h1", "home"} == {t.site for t in search.snapshot().trials.values() if t.state == "ok"}
