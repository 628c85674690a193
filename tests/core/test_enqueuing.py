import pytest

from tests.core.history.making import finished, started
from tests.searching import a_pool, finish, searching, wait_for
from tests.tui.command_line import python
from trialdeck.core.enqueuing import enqueue
from trialdeck.core.errors import KnownPoints, PointsError, SearchError
from trialdeck.core.history import claims
from trialdeck.core.history.journal import Journal
from trialdeck.core.points import Wanted
from trialdeck.core.points_reading import best_of
from trialdeck.core.searches import start

KILLED = """
import os
from pathlib import Path
from trialdeck.core.history import claims
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.retrying import Queue
paths = HistoryPaths(Path({root!r}))
claims.take(paths, 0, 0, Queue(paths).writer)
os._exit(0)
"""


def at(*values):
    return [Wanted({"x": value}) for value in values]


def ran(search, losses):
    """Write finished trials into the history, the points of which are 0 and more."""
    journal = Journal.create(search.paths, "0123456789ab", "pool")
    for tid, loss in enumerate(losses):
        journal.append(started(tid), finished(tid, loss=loss))
    journal.close()


def tids(done):
    return [one.tid for one in done.queued]


def test_points_run_before_what_is_suggested_and_count(tmp_path):
    search = searching(tmp_path, "fine", 4)
    assert tids(enqueue(search, at(1.0, 2))) == [0, 1]
    assert finish(search, cores=1) == 0
    trials = search.snapshot().trials
    assert [trials[tid].point for tid in (0, 1)] == [{"x": 1.0}, {"x": 2.0}]
    assert [t.origin for t in trials.values()] == ["enqueue", "enqueue", "", ""]
    assert search.snapshot().counts.ok == 4
    assert [sum(a.core is not None for a in t.attempts) for t in trials.values()][:2] == [2, 2]
    assert all(trial.start.attempt == 1 for trial in list(trials.values())[:2])


def test_a_pool_that_runs_takes_them_up_next(tmp_path):
    search = searching(tmp_path, "slow", 400, fixed="seconds = 0.05")
    with a_pool(search, 2):
        wait_for(search, lambda s: s.counts.ok >= 2)
        (new,) = tids(enqueue(search, at(1.0)))
        known = search.snapshot().highest_tid
        wait_for(search, lambda s: s.trials[new].state == "ok")
    # What was claimed already may come first, for each of the cores.
    assert search.snapshot().trials[new].point == {"x": 1.0}
    begun = [t.tid for t in search.snapshot().trials.values() if t.origin == "" and t.tid > known]
    before = search.snapshot().trials[new].started_at
    assert sum(search.snapshot().trials[tid].started_at < before for tid in begun) <= 4


def test_many_pools_run_each_exactly_once(tmp_path):
    search = searching(tmp_path, "fine", 12)
    enqueue(search, at(*range(-3, 5)))
    with a_pool(search) as one, a_pool(search) as two:
        assert one.wait(30) == two.wait(30) == 0
    trials = list(search.snapshot().trials.values())
    assert len(trials) == 12
    assert [t.point["x"] for t in trials[:8]] == list(range(-3, 5))
    assert all(len([a for a in t.attempts if a.cause != "queued"]) == 1 for t in trials)


def test_what_does_not_fit_leaves_nothing_behind(tmp_path):
    search = searching(tmp_path, "fine", 4)
    with pytest.raises(PointsError, match=r"x: 9 is above 5\.0"):
        enqueue(search, at(1, 9))
    with pytest.raises(
        SearchError, match=r"only 4 of its trials are left for 5 points.* = 5 below"
    ):
        enqueue(search, at(-1, 0, 1, 2, 3))
    assert not search.snapshot().trials
    assert len(enqueue(search, at(-1, 0, 1, 2)).queued) == 4
    with pytest.raises(SearchError, match="none of its trials is left for one point"):
        enqueue(search, at(3))


def test_what_has_run_is_run_again_only_when_that_is_said(tmp_path):
    search = searching(tmp_path, "fine", 8)
    enqueue(search, at(1))
    with a_pool(search, 1, trials=1) as pool:
        assert pool.wait(30) == 0
    enqueue(search, at(2))
    with pytest.raises(KnownPoints, match=r"trial 0 has that point already \(ok\)"):
        enqueue(search, at(1.0))
    with pytest.raises(KnownPoints, match=r"(?s)2 of 3 .*trial 1 \(waiting\): x = 2.0.*`--new`"):
        enqueue(search, at(3, 1, 2))
    done = enqueue(search, at(3, 1, 2, 3), only_new=True)
    assert ([q.params for q in done.queued], done.repeated) == ([{"x": 3.0}], 1)
    assert [(k.tid, k.state) for k in done.known] == [(0, "ok"), (1, "waiting")]
    done = enqueue(search, at(1, 2), again=True)
    assert [q.params["x"] for q in done.queued] == [1, 2]
    assert search.snapshot().trials.keys() >= {0, 1, 2, 3, 4}


def test_what_a_killed_command_had_claimed_is_free_again(tmp_path):
    search = searching(tmp_path, "fine", 2)
    python(KILLED.format(root=str(search.paths.root)), tmp_path)
    assert claims.holder(search.paths, 0, 0) is not None
    assert tids(enqueue(search, at(1, 2))) == [0, 1]
    assert finish(search) == 0
    assert [t.point["x"] for t in search.snapshot().trials.values()] == [1, 2]


def test_what_another_has_claimed_is_left_to_it(tmp_path):
    search = searching(tmp_path, "fine", 3)
    claims.take(search.paths, 1, 0, "somebody")
    assert tids(enqueue(search, at(1, 2))) == [0, 2]
    with pytest.raises(SearchError, match="none of its trials is left"):
        enqueue(search, at(3))


def test_a_search_that_ended_early_says_what_gives_it_more_to_do(tmp_path):
    search = searching(tmp_path, "fine", 50, search="patience = 3")
    ran(search, [1.0] * 5)
    with pytest.raises(SearchError, match=r"has ended: no improvement.*a higher patience"):
        enqueue(search, at(-1))


def test_the_best_of_another_search(tmp_path):
    search = searching(tmp_path, "fine", 3)
    with pytest.raises(SearchError, match='no trial of "t" has succeeded yet'):
        best_of(search, 2)
    ran(search, [3.0, 1.0, 2.0])
    file = tmp_path / "params.toml"
    text = file.read_text().replace('name = "t"', 'name = "u"')
    file.write_text(text + 'k = { type = "choice", options = [1, 2], default = 2 }\n')
    other = start(file)
    done = enqueue(other, best_of(search, 2))
    assert [q.params for q in done.queued] == [{"x": 1.0, "k": 2}, {"x": 2.0, "k": 2}]
    assert [q.origin for q in done.queued] == ["enqueue t 1", "enqueue t 2"]
    assert done.queued[0].defaults == ("k",)
