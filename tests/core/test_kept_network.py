"""Where networks are that machines with files of their own have kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from tests.core import far
from tests.core.far import NAME, Far
from tests.core.pool.test_keeping import best, keeping_search, networks
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.kept_network import kept_network
from trialdeck.core.search import Search
from trialdeck.core.sites import folder_there
from trialdeck.tui.best import network_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

TRIALS = 10


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Search]:
    far.settle(monkeypatch, tmp_path / "machines")
    folder = tmp_path / "home"
    folder.mkdir()
    paths = keeping_search(folder, TRIALS, 2).paths
    found = Search(paths, {NAME: {"hosts": {"h1": {"cores": 2}}}})
    yield found
    found.disconnect()


def test_a_machine_keeps_the_best_of_its_own_and_home_says_where(search: Search) -> None:
    search.launch(NAME, 2, options={"host": "h1"})
    search.connect()
    until(lambda: search.snapshot().counts.ok == TRIALS, 40, "the trials")
    until(lambda: not search.launcher.pools(), 20, "the end of the pool")
    project = Far.folder / "h1" / "project"
    there = HistoryPaths(project / "history" / folder_there(search.paths).name)
    assert networks(there) == best(search.paths, 2)
    assert not search.paths.models.exists()

    snapshot = search.snapshot()
    kept = kept_network(search, snapshot, snapshot.best)
    assert kept is not None
    assert (kept.site, kept.files, kept.python) == ("h1", (), "")
    host, _, folder = kept.folder.partition(":")
    assert host == "h1"
    assert float((Path(folder) / "net.txt").read_text()) == best(search.paths, 1)[snapshot.best]
    assert network_facts(kept) == [
        ("network", "on h1, if its objective has left one:"),
        ("", kept.folder),
    ]
    others = [tid for tid in snapshot.trials if tid != snapshot.best]
    assert not any(kept_network(search, snapshot, tid) for tid in others)
    assert kept_network(Search(there), snapshot, snapshot.best).files == ("net.txt",)
