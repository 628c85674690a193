import pytest

from tests.core.history.making import finished, snapshot_of, started
from tests.core.searched_trials import TEXT, the_params
from tests.searching import finish, searching
from trialdeck.core.confirming import Spread, confirmed, leaders, queue_all, wanted
from trialdeck.core.errors import SearchError
from trialdeck.core.history import claims
from trialdeck.core.seeds import seed_of
from trialdeck.core.stages import confirming, promoted, stage_of

REDUCED = "\n[reduced_sample]\nfraction = 0.1\n"


def ran(tid, auc, point=None, **metrics):
    stage = stage_of(tid)
    start = started(
        tid, point={"x": tid if point is None else point}, stage=stage, seed=seed_of(0, tid)
    )
    return [start, finished(tid, loss=-auc, metrics={"auc": auc, **metrics}, stage=stage)]


def test_the_best_points_on_the_full_sample_are_confirmed():
    first = [e for tid, auc in enumerate((0.5, 0.9, 0.7)) for e in ran(tid, auc)]
    again = [*ran(promoted(1), 0.6, 1), *ran(promoted(2), 0.8, 2)]
    snapshot = snapshot_of(*first, *again)
    tops = leaders(the_params(TEXT + REDUCED), snapshot, 2)
    assert [trial.tid for trial in tops] == [promoted(2), promoted(1)]
    assert wanted(snapshot, tops, 2) == [200000002, 300000002, 200000001, 300000001]
    whole = leaders(the_params(), snapshot_of(*first), 2)
    assert [trial.tid for trial in whole] == [1, 2]


@pytest.mark.parametrize(
    ("text", "events", "said"),
    [
        ("", [], "no trial has succeeded yet"),
        (REDUCED, ran(0, 0.5), "no trial on the full sample has succeeded yet"),
    ],
)
def test_without_a_result_there_is_nothing_to_confirm(text, events, said):
    with pytest.raises(SearchError, match=said):
        leaders(the_params(TEXT + text), snapshot_of(*events), 5)


def test_every_point_gets_the_same_seeds_on_every_machine():
    seeds = [[seed_of(7, confirming(tid, n)) for n in range(3)] for tid in (1, 99)]
    assert seeds[0] == seeds[1]
    assert len({*seeds[0], seed_of(7, 1), seed_of(7, 99)}) == 5
    assert seeds[0] != [seed_of(8, confirming(1, n)) for n in range(3)]


def test_mean_and_deviation_of_the_metric_and_of_what_was_tested():
    found = [*ran(0, 0.9), *ran(1, 0.8)]
    for n, (auc, tested) in enumerate([(0.6, 0.5), (0.8, 0.7)]):
        found += ran(confirming(0, n), auc, 0, test_auc=tested, epochs=3)
    found += [*ran(confirming(1, 0), 0.75, 1, test_auc=float("inf")), started(confirming(1, 1))]
    one, two = confirmed(the_params(), snapshot_of(*found))
    assert (one.tid, one.found, one.seeds) == (1, 0.8, (seed_of(0, confirming(1, 0)),))
    assert one.metrics == {"auc": Spread(0.75, None, (0.75,))}
    assert (one.waiting, one.failed) == (1, 0)
    assert (two.tid, two.params) == (0, {"x": 0})
    assert two.metrics["auc"].mean == pytest.approx(0.7)
    assert two.metrics["auc"].deviation == pytest.approx(0.2 / 2**0.5)
    assert set(two.metrics) == {"auc", "test_auc"}


def test_they_run_once_however_often_they_are_asked_for(tmp_path):
    search = searching(tmp_path, "by_fraction", 4)
    assert finish(search) == 0
    tids = search.confirm(2, 2)
    assert set(search.confirm(2, 3)) > set(tids)
    assert finish(search) == 0
    snapshot = search.snapshot()
    later = [t for t in snapshot.trials.values() if stage_of(t.tid) == 2]
    assert len(later) == 6
    assert all((t.state, t.stage, t.metric("fraction")) == ("ok", 2, 1.0) for t in later)
    assert len({t.seed for t in later}) == 3
    assert all(t.metric("test_loss") == t.loss + 1 for t in later)
    assert all(t.metric("test_loss") is None for t in snapshot.trials.values() if t.tid < 10)
    assert snapshot.counts.ok == len(search.trials) == 4
    assert snapshot.best < 10  # another seed finds no better point
    assert len(confirmed(search.params, snapshot)) == 2


def test_what_a_dead_controller_had_claimed_is_queued_all_the_same(tmp_path):
    search = searching(tmp_path, "by_fraction", 2)
    snapshot = snapshot_of(*ran(0, 0.5))
    tid = confirming(0, 0)
    assert claims.take(search.paths, tid, 0, "dead") == "dead"
    assert queue_all(search.paths, snapshot, [tid], lambda _writer: False) == []
    assert queue_all(search.paths, snapshot, [tid], {"dead"}.__contains__) == [tid]
    queued = search.snapshot().trials[tid]
    assert (queued.attempt, queued.state, queued.cause) == (1, "interrupted", "queued")
