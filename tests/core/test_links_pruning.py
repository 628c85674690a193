"""Trials on other machines are judged beside those here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conditions import until
from tests.core import far
from tests.core.far import NAME, Far
from tests.searching import a_pool, project
from trialdeck.core.params.write import set_values
from trialdeck.core.search import Search
from trialdeck.core.searches import start

LEARNING = Path(__file__).parent / "pool" / "learning.py"


@pytest.fixture
def search(monkeypatch, tmp_path):
    far.settle(monkeypatch, tmp_path / "machines")
    folder = tmp_path / "home"
    folder.mkdir()
    file = project(folder, "fine", 5)
    shutil.copy(LEARNING, folder)
    values = {"search.objective": "learning.py:worse_and_worse", "pruning.algorithm": "asha"}
    file.write_text(set_values(file.read_text(), values))
    found = Search(start(file).paths, {NAME: {"hosts": {"h1": {"cores": 1}}}})
    yield found
    found.disconnect()
    Far.cut.clear()
    found.stop(now=True)
    found.sync()


def test_a_trial_on_another_machine_is_judged_by_what_was_reported_here(search):
    with a_pool(search, 1, trials=3) as pool:
        assert pool.wait(20) == 0
    search.launch(NAME, 1, options={"host": "h1"})
    search.connect()
    until(lambda: search.snapshot().counts.pruned == 4, 30, lambda: str(search.snapshot().counts))
    there = [trial for trial in search.snapshot().trials.values() if trial.site == "h1"]
    assert [trial.message for trial in there] == [
        "pruned at step 1: 4th of 4 at rung 1",
        "pruned at step 1: 5th of 5 at rung 1",
    ]
    until(lambda: search.curve(there[0].tid).steps == (1,), 20, "its curve")
