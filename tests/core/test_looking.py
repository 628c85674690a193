from __future__ import annotations

import dataclasses
import os
import threading
import time
from typing import TYPE_CHECKING

import msgspec
import pytest

from tests.core.history.making import snapshot_of, some_trials, started
from tests.tui.command_line import a_search
from trialdeck.backends.base import Handle, State, Status
from trialdeck.core.errors import LaunchError, SearchError
from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.identity import Identity
from trialdeck.core.history.journal import Journal, new_writer_id
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.writers import CoreInfo, WriterFile, WriterFiles
from trialdeck.core.launches import Launch, Launches
from trialdeck.core.looking import AGE_SECONDS, Look, Looks
from trialdeck.core.search import Search
from trialdeck.core.status import trials_per_hour

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture
def search(tmp_path: Path) -> Search:
    return a_search(tmp_path)


class Place:
    """A backend that says what it is told to say, and counts who asks."""

    def __init__(self) -> None:
        self.says = Status(State.QUEUED, "Priority")
        self.asked: list[Sequence[Handle]] = []

    def poll(self, handles: Sequence[Handle]) -> dict[Handle, Status]:
        self.asked.append(handles)
        return dict.fromkeys(handles, self.says)


@pytest.fixture
def place(search: Search, monkeypatch: pytest.MonkeyPatch) -> Place:
    place = Place()
    monkeypatch.setattr(search.launcher, "_backend", lambda _name: place)
    return place


def a_pool(search: Search, writer: str = "w", tid: int | None = None, **more: object) -> None:
    core = CoreInfo(0, "training" if tid is not None else "idle", tid, 0, 5.0)
    given = {"identity": Identity.of(os.getpid()), "state": "running", "cores_wanted": 1, **more}
    WriterFiles(search.paths).write(WriterFile(id=writer, cores=(core,), **given))  # type: ignore[arg-type]


def a_launch(search: Search, name: str, at: float = 0.0, **more: object) -> Launch:
    launch = Launch(name=name, backend="b", cores=2, at=at or time.time(), job=name, **more)  # type: ignore[arg-type]
    Launches(search.paths.launches).write(launch)
    return launch


def some_result(search: Search, tid: int) -> None:
    journal = Journal.create(search.paths, new_writer_id(), "pool")
    journal.append(
        Started(writer=journal.writer, tid=tid, point={"x1": 1.0}),
        Finished(writer=journal.writer, tid=tid, outcome="ok", loss=0.5),
        strict=True,
    )


def test_a_look_is_the_same_until_something_changes(search: Search) -> None:
    look = search.look()
    assert look.status.state == "new"
    assert search.look() is look
    some_result(search, 0)
    after = search.look()
    assert after is not look
    assert after.snapshot is search.snapshot()
    assert after.status.finished == 1
    assert search.look() is after


def test_what_a_core_does_is_news(search: Search) -> None:
    a_pool(search)
    idle = search.look()
    assert [(core.state, core.tid) for core in idle.cores] == [("idle", None)]
    assert [pool.id for pool in idle.pools] == ["w"]
    a_pool(search, beat=1)
    assert search.look() is idle
    a_pool(search, tid=7, beat=2)
    training = search.look()
    assert [(core.state, core.tid) for core in training.cores] == [("training", 7)]


def test_a_pause_is_news_and_says_whose_it_is(search: Search) -> None:
    assert search.look().status.paused_kind == ""
    search.pause()
    assert search.look().status.paused_kind == "user"
    search.resume()
    assert search.look().status.paused_kind == ""


def test_what_only_ages_is_news_after_a_while(search: Search) -> None:
    a_pool(search)
    now = [100.0]
    looks = Looks(clock=lambda: now[0])
    base = search.look()
    first = looks.newest(base)

    def older() -> Look:
        cores = tuple(msgspec.structs.replace(core, beat_age=now[0]) for core in base.cores)
        return dataclasses.replace(base, cores=cores)

    now[0] += AGE_SECONDS - 0.1
    assert looks.newest(older()) is first
    now[0] += 0.2
    renewed = looks.newest(older())
    assert renewed is not first
    assert looks.newest(older()) is renewed
    now[0] += 10 * AGE_SECONDS
    assert looks.newest(dataclasses.replace(renewed)) is renewed


def test_a_backend_is_asked_once_for_all_launches_and_not_at_every_look(
    search: Search, place: Place
) -> None:
    for name in ("one", "two"):
        a_launch(search, name)
    look = search.look()
    assert [core.state for core in look.cores] == ["queued", "queued"]
    assert look.status.reason == "2 cores on b are queued (Priority)"
    search.look()
    assert [sorted(handle.job for handle in asked) for asked in place.asked] == [["one", "two"]]
    search.cores()
    assert len(place.asked) == 2


def test_an_end_is_asked_for_no_more(search: Search, place: Place) -> None:
    a_launch(search, "one")
    place.says = Status(State.FAILED, "exit status 3")
    (core,) = search.cores()
    assert core.state == "failed"
    assert search.status().reason == "the b launch one could not start: exit status 3"
    assert len(place.asked) == 1


def test_launches_of_old_and_those_that_are_over_are_forgotten(
    search: Search, place: Place
) -> None:
    old = time.time() - 100_000.0
    for name in ("old", "older"):
        a_launch(search, name, at=old)
    a_launch(search, "over", over=True)
    assert not search.look().cores
    assert not place.asked
    new = a_launch(search, "new")
    assert search.launcher.launches() == [new]
    assert [core.job for core in search.cores()] == ["new"]


def test_a_launch_that_changes_is_read_again(search: Search) -> None:
    launches = Launches(search.paths.launches)
    launch = Launch(name="one", backend="b", cores=2, at=time.time())
    launches.write(launch)
    assert launches.recent() == [launch]
    named = Launch(name="one", backend="b", cores=2, at=launch.at, job="12")
    launches.write(named)
    assert launches.recent() == [named]
    launches.forget(named)
    assert launches.recent() == []


def test_a_search_that_was_not_published_cannot_be_looked_at(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match="not been started"):
        Search(HistoryPaths(tmp_path / "history" / "none")).look()


def test_the_rate_is_that_of_the_newest_trials_also_where_tids_are_far_apart() -> None:
    far = [
        event
        for n in range(3)
        for event in (
            started(10**12 + n, at=100.0 * n),
            Finished(writer="a", tid=10**12 + n, outcome="ok", loss=0.0, at=1000.0 + 36.0 * n),
        )
    ]
    snapshot = snapshot_of(*some_trials(10), *far)
    assert trials_per_hour(snapshot, since=500.0, now=1000.0) == pytest.approx(100.0)
    assert trials_per_hour(snapshot, since=5000.0, now=1000.0) is None


def test_one_thread_looks_while_another_steers(search: Search) -> None:
    over = threading.Event()
    failed: list[BaseException] = []

    def look() -> None:
        try:
            while not over.is_set():
                search.look()
        except BaseException as error:  # it would be lost in the thread
            failed.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    for number in range(20):
        a_pool(search, f"w{number}")
        some_result(search, number)
        search.snapshot()
        search.resize(f"w{number}", 3)
        search.pause()
        search.resume()
        search.retry([number])
        with pytest.raises(LaunchError):
            search.launch("no such backend", 1)
    assert search.stop(now=True) == 20
    over.set()
    thread.join()
    assert not failed
    assert len(search.look().pools) == 20
