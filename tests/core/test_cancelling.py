"""A launch can be cancelled before it is a pool, and only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conditions import until
from tests.searching import searching
from trialdeck import backends
from trialdeck.backends.base import Handle

if TYPE_CHECKING:
    from pathlib import Path


def test_one_launch_is_cancelled_and_the_others_are_not(tmp_path: Path) -> None:
    search = searching(tmp_path, "fine")
    kept, cancelled = (search.launch("local", 1) for _ in range(2))
    assert not search.cancel("local", "another")
    assert search.cancel("local", cancelled.job)
    assert not search.cancel("local", cancelled.job)
    assert [launch.name for launch, _ in search.launcher.pending()] == [kept.name]
    backend = backends.create("local", {}, search.paths.launches)
    handles = [Handle("local", launch.job) for launch in (kept, cancelled)]
    until(lambda: all(status.state.final for status in backend.poll(handles).values()), 60)
    assert search.snapshot().counts.ok == 10  # the other one has done all the work
    assert len(search.snapshot().writers) <= 2


def test_what_has_become_a_pool_is_not_cancelled(tmp_path: Path) -> None:
    search = searching(tmp_path, "fine")
    launch = search.launch("local", 1)
    until(lambda: search.snapshot() and search.launcher.pools(), 60)
    assert not search.cancel("local", launch.job)
    until(lambda: search.status().state == "finished", 60)


def test_the_preview_names_the_most_trials(tmp_path: Path) -> None:
    search = searching(tmp_path, "fine")
    assert "--trials 7" in search.preview("local", 2, 7)
    assert "--trials" not in search.preview("local", 2)
