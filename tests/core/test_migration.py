"""The preview says what suggesting does after publishing: each case is really published."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

import pytest

from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.journal import Journal, new_writer_id
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.migration import Migration, preview
from trialdeck.core.params import revisions
from trialdeck.core.params.read import read_params
from trialdeck.core.params.write import set_values
from trialdeck.core.retrying import queue
from trialdeck.core.suggest.algorithms import Suggester

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.history.snapshot import Snapshot

TEXT = """\
[search]
name = "t"
objective = "trialdeck.core.demo:branin"

[fixed]
epochs = 3
dropout = 0.25

[space]
rate = { type = "uniform", low = 0.0, high = 1.0 }
act = { type = "choice", options = ["relu", "gelu"] }
"""
COUNT = 40


class Project:
    """A published search with finished trials, and the draft that is to be published."""

    def __init__(self, folder: Path) -> None:
        self.draft = folder / "params.toml"
        self.draft.write_text(TEXT)
        self.paths = HistoryPaths(folder / "history" / "t")
        self.paths.create()
        revisions.publish(self.paths, self.draft)
        self.writer = new_writer_id()
        self.journal = Journal.create(self.paths, self.writer, "pool")

    def run(self, count: int = COUNT, first: int = 0) -> None:
        """Let trials be run with the newest revision; the one with the highest rate is best."""
        number = revisions.newest_number(self.paths)
        params, rng = revisions.load(self.paths, number), random.Random(first)
        for tid in range(first, first + count):
            point = params.space.complete(params.space.sample(rng))
            self.add(tid, point, number, "ok" if tid % 5 else "failed")

    def add(self, tid: int, point: dict[str, Any], revision: int, outcome: Any) -> None:
        loss = -point.get("rate", 0) if outcome == "ok" else None
        start = Started(writer=self.writer, tid=tid, point=point, revision=revision)
        end = Finished(writer=self.writer, tid=tid, outcome=outcome, loss=loss, cause="error")
        self.journal.append(start, end, strict=True)

    def edit(self, **values: Any) -> None:
        changed = {key.replace("__", "."): value for key, value in values.items()}
        self.draft.write_text(set_values(self.draft.read_text(), changed))

    def snapshot(self) -> Snapshot:
        return History(self.paths).refresh()

    def preview(self) -> Migration:
        return preview(self.paths, self.snapshot(), read_params(self.draft))

    def used(self, *, settled: bool = True) -> dict[int, dict[str, Any]]:
        """Publish; return what suggesting then knows of the old trials."""
        number = revisions.publish(self.paths, self.draft, keep_losses=True).number
        params, snapshot = revisions.load(self.paths, number), self.snapshot()
        suggester = Suggester(lambda revision: revisions.fixed_of(self.paths, revision))
        made = suggester._documents(params, snapshot)
        points = {d["tid"]: params.space.decode(d["misc"]["vals"]) for d in made}
        return {t: p for t, p in points.items() if snapshot.trials[t].state.settled or not settled}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


UNIFORM = {"type": "uniform", "low": 0.0, "high": 0.5}
NESTED = ["relu", "gelu", {"name": "swish", "beta": {**UNIFORM, "default": 0.25}}]
CHANGES = {
    "nothing": {},
    "narrowed": {"space__rate__high": 0.6},
    "new with a default": {"space__width": {**UNIFORM, "default": 0.125}},
    "new without a default": {"space__width": UNIFORM},
    "new, and fixed before": {"space__dropout": UNIFORM, "fixed__dropout": None},
    "another option": {"space__act__options": NESTED},
    "an option less": {"space__act__options": ["relu", "elu"]},
    "one removed": {"space__act": None},
    "one removed and fixed": {"space__act": None, "fixed__act": "relu"},
    "another type": {"space__rate": {"type": "quniform", "low": 0.0, "high": 1.0, "q": 0.5}},
}
KEPT_ALL = (
    "nothing",
    "new with a default",
    "new, and fixed before",
    "another option",
    "one removed",
)


@pytest.mark.parametrize("name", CHANGES)
def test_the_numbers_are_those_that_suggesting_uses(project: Project, name: str) -> None:
    project.run()
    project.edit(**CHANGES[name])
    found = project.preview()
    assert found.fit is not None
    used = project.used()
    assert found.fit.usable == used
    assert found.lines[0].startswith(f"{len(used)} of {COUNT}" if len(used) < COUNT else "all 40")
    assert (len(used) == COUNT) is (name in KEPT_ALL)
    assert (len(used) == 0) is (name in ("new without a default", "another type"))
    assert found.changes is not None
    assert found.changes.space_changed is (name != "nothing")


def test_trials_of_several_revisions_count_with_what_was_fixed_then(project: Project) -> None:
    project.run()
    project.edit(space__width={**UNIFORM, "default": 0.125})
    project.used()
    project.run(20, first=COUNT)
    project.edit(space__dropout={**UNIFORM, "high": 0.2}, fixed__dropout=None)
    project.used()
    project.run(20, first=60)
    project.edit(space__width=UNIFORM, space__dropout__high=0.5)
    found = project.preview()
    assert found.fit is not None
    assert found.fit.usable == project.used()
    assert found.fit.reasons == {"without a value (width)": COUNT}
    assert found.lines[0] == "40 of 80 trials stay usable, 40 without a value (width)"


def test_the_best_trial_is_told_apart(project: Project) -> None:
    project.run()
    assert project.preview().best_survives is True
    project.edit(space__rate__high=0.6)
    found = project.preview()
    assert found.best_survives is False
    best = project.snapshot().best
    assert found.lines[1].startswith(f"the best trial, {best}, would no longer be used: rate: 0.9")
    assert found.lines[-1] == "rate was uniform 0.0 … 1.0 and is uniform 0.0 … 0.6"


def test_trials_that_wait_are_counted_apart(project: Project) -> None:
    project.run(4)
    for tid, rate in ((4, 0.1), (5, 0.7), (6, 0.9)):
        point = {"rate": rate, "act": "relu"}
        project.journal.append(*queue(project.writer, tid, point, "retry 0"), strict=True)
    project.journal.append(Started(writer=project.writer, tid=7, point={"rate": 0.9}), strict=True)
    found = project.preview()
    assert (found.waiting, found.waiting_misfits) == (3, 0)
    assert "3 trials wait to run again at their old points" in found.lines
    project.edit(space__rate__high=0.8)
    found = project.preview()
    assert (found.waiting, found.waiting_misfits) == (3, 1)
    assert found.lines[-2].endswith("points, 1 of which are not of the new space")
    # of a queued trial no revision is known, which must not stop suggesting
    assert {4, 5} <= project.used(settled=False).keys()
    assert found.fit is not None
    assert not {4, 5, 6, 7} & (found.fit.usable.keys() | found.fit.rejected.keys())


def test_losses_that_would_mean_something_else(project: Project) -> None:
    project.edit(fixed__epochs=5)
    assert not project.preview().needs_keep_losses
    assert project.preview().lines == ("no trial has finished yet", "fixed.epochs was 3 and is 5")
    project.run(3)
    found = project.preview()
    assert found.needs_keep_losses
    assert found.lines[0] == "all 3 trials stay usable"
    assert "keep their losses" in found.lines[1]
    with pytest.raises(Exception, match="keep-losses"):
        revisions.publish(project.paths, project.draft, has_results=True)


def test_where_nothing_has_been_published(tmp_path: Path) -> None:
    draft = tmp_path / "params.toml"
    draft.write_text(TEXT)
    paths = HistoryPaths(tmp_path / "history" / "t")
    found = preview(paths, History(paths).refresh(), read_params(draft))
    assert found == Migration(None, None, ("nothing has run yet",))


def test_a_long_history_is_no_obstacle(project: Project) -> None:
    project.run(1000)
    project.edit(space__rate__high=0.6, space__w={**UNIFORM, "default": 0.0})
    snapshot, new = project.snapshot(), read_params(project.draft)
    start = time.perf_counter()
    preview(project.paths, snapshot, new)
    assert time.perf_counter() - start < 0.1  # a hundred thousand in about a second
