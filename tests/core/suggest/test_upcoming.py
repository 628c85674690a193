from functools import partial

import pytest

from tests.core.history.making import finished, started
from tests.searching import a_pool, finish, searching
from trialdeck.core.history.journal import Journal
from trialdeck.core.params import revisions
from trialdeck.core.searches import start
from trialdeck.core.suggest.upcoming import upcoming


def known(search, trials):
    """Write so many finished trials into the history."""
    journal = Journal.create(search.paths, "0123456789ab", "pool")
    for tid in range(trials):
        about = {"writer": journal.writer, "tid": tid}
        journal.append(started(**about, point={"x": tid / 6}), finished(**about, loss=tid % 7))
    journal.close()


def asked(search, number=1, **how):
    fixed_of = partial(revisions.fixed_of, search.paths)
    return upcoming(search.params, search.snapshot(), fixed_of, number, **how)


@pytest.mark.parametrize(("algorithm", "ran", "drawn"), [("tpe", 22, False), ("anneal", 0, True)])
def test_cores_run_what_was_suggested(tmp_path, algorithm, ran, drawn):
    search = searching(tmp_path, "fine", 25, search=f'algorithm = "{algorithm}"\nseed = 3')
    known(search, ran)
    search.snapshot()
    before = sorted(search.paths.root.rglob("*"))
    (one,) = asked(search)
    assert (one.tid, one.learnt, one.drawn) == (ran, ran, drawn)
    assert sorted(search.paths.root.rglob("*")) == before
    with a_pool(search, 1, trials=1) as pool:
        assert pool.wait(60) == 0
    assert search.snapshot().trials[one.tid].point == one.params


def test_each_is_suggested_as_if_those_before_it_ran(tmp_path):
    search = searching(tmp_path, "fine", 3, search="seed = 3")
    found = asked(search, 24, explain=True)
    assert [one.tid for one in found] == list(range(24))  # also beyond what may be run
    assert [one.learnt for one in found] == list(range(24))
    assert [one.drawn for one in found] == [True] * 20 + [False] * 4
    assert len({one.params["x"] for one in found}) == 24
    assert all(one.explanation.finished == 0 for one in found)
    assert not search.snapshot().trials
    finish(search, 1)
    points = [trial.point for trial in search.snapshot().trials.values()]
    assert points == [one.params for one in found[:3]]


def test_rand_always_draws(tmp_path):
    search = searching(tmp_path, "fine", 30, search='algorithm = "rand"')
    known(search, 22)
    (one,) = asked(search, explain=True)
    assert one.drawn
    assert one.explanation.finished == 22
    assert len(one.explanation.nearest) == 5
    file = tmp_path / "params.toml"
    file.write_text(file.read_text().replace("high = 5.0", "high = 4.0"))
    assert asked(start(file))[0].learnt <= 22
