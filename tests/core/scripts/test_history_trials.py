"""`HistoryTrials` in one process: what a `Trials` can, kept in a folder."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from typing import TYPE_CHECKING

import hyperopt.base
import numpy as np
import pytest
from hyperopt import STATUS_FAIL, STATUS_OK, Trials, fmin, hp, rand, tpe
from hyperopt.exceptions import InvalidTrial
from hyperopt.fmin import FMinIter

from trialdeck.core.errors import HistoryError, SearchError
from trialdeck.core.history_trials import HistoryTrials
from trialdeck.core.search import Search
from trialdeck.core.searches import start

if TYPE_CHECKING:
    from pathlib import Path

SPACE = {
    "x": hp.uniform("x", -3, 5),
    "kind": hp.choice("kind", [{"name": "a", "y": hp.lognormal("y", 0, 1)}, {"name": "b"}]),
    "n": hp.uniformint("n", 1, 6),
    "i": hp.randint("i", 4),
    "q": hp.quniform("q", 0, 100, 8),
}


def square(point):
    return point["x"] ** 2 + point["n"]


def minimise(trials, max_evals=30, fn=square, algo=rand.suggest, **more):
    rstate = np.random.default_rng(0)
    more = {"verbose": False, **more}
    return fmin(fn, SPACE, algo=algo, max_evals=max_evals, trials=trials, rstate=rstate, **more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "history" / "x"


@pytest.fixture(params=[True, False], ids=["bson", "no-bson"])
def trials(request: pytest.FixtureRequest, folder: Path, monkeypatch) -> HistoryTrials:
    """With bson hyperopt copies what is inserted, without it does not."""
    monkeypatch.setattr(hyperopt.base, "have_bson", request.param)
    return HistoryTrials(folder)


@pytest.mark.parametrize("algo", [rand.suggest, tpe.suggest, hyperopt.anneal.suggest])
def test_it_finds_what_trials_find(trials: HistoryTrials, folder: Path, algo) -> None:
    plain = Trials()
    best = minimise(plain, algo=algo)
    assert minimise(trials, algo=algo) == best
    for made in (trials, HistoryTrials(folder)):
        assert made.vals == plain.vals
        assert made.losses() == plain.losses()
        assert made.results == plain.results
        assert made.argmin == best
        assert made.best_trial["tid"] == plain.best_trial["tid"]
        assert len(made) == 30


def test_points_are_kept_as_the_objective_saw_them(trials: HistoryTrials, folder: Path) -> None:
    seen = []
    minimise(trials, 10, lambda point: seen.append(point) or 0.0)
    recorded = Search(trials._book.paths).snapshot().trials.values()
    for point, kept in zip(seen, (trial.point for trial in recorded), strict=True):
        assert kept["kind"] == point["kind"]["name"]
        assert kept.get("y") == point["kind"].get("y")
        assert [kept["n"], type(kept["n"])] == [point["n"], int]
        assert [kept["x"], kept["i"], kept["q"]] == [point["x"], point["i"], point["q"]]


def test_all_kinds_of_results_come_back_as_they_were(trials: HistoryTrials, folder: Path) -> None:
    results = [
        {"loss": 1.0, "status": STATUS_OK, "curve": [1, 2.5], "of": {"a": None}},
        {"status": STATUS_FAIL, "failure": "no luck"},
        {"loss": float("nan"), "status": STATUS_OK},
        {"loss": float("inf"), "status": STATUS_OK, "auc": np.float64(0.5)},
        2,
    ]
    left = iter(results)
    minimise(trials, 5, lambda _: next(left))
    again = HistoryTrials(folder)
    assert len(again) == len(trials) == 5
    for here, there in zip(trials.results, again.results, strict=True):
        assert here.keys() == there.keys()
        assert [str(here[name]) for name in here] == [str(there[name]) for name in here]
    assert again.best_trial["tid"] == trials.best_trial["tid"] == 0
    counts = Search(trials._book.paths).snapshot().counts
    assert (counts.ok, counts.failed) == (2, 3)


def test_errors_are_left_out_as_in_trials(trials: HistoryTrials, folder: Path) -> None:
    def fails(point):
        if point["x"] > 0:
            raise ValueError(f"{point['x']} is too much")
        return point["x"]

    minimise(trials, 20, fails, catch_eval_exceptions=True)
    again = HistoryTrials(folder)
    failed = [made for made in again._dynamic_trials if made["state"] == 3]
    assert 0 < len(failed) == 20 - len(again) == 20 - len(trials)
    assert failed[0]["misc"]["error"][0] == "ValueError"
    assert minimise(again, 20) == minimise(trials, 20)  # failures count: nothing is left to do


def test_attachments_are_shared(trials: HistoryTrials, folder: Path) -> None:
    def attaching(point):
        kept = {"text": "words", "raw": b"\0\1", "number": 3.5, "long" * 100: "l"}
        return {"loss": point["x"], "status": STATUS_OK, "attachments": kept}

    minimise(trials, 2, attaching)
    trials.attachments["mine"] = {"a": [1]}
    again = HistoryTrials(folder)
    for made in (trials, again):
        kept = made.trial_attachments(made.trials[1])
        assert [kept["text"], kept["raw"], kept["number"]] == ["words", b"\0\1", 3.5]
        assert kept["long" * 100] == "l"
        assert "text" in kept
        assert "other" not in kept
        assert made.attachments["mine"] == {"a": [1]}
        assert len(made.attachments) == len(list(made.attachments)) == 9
        assert set(made.attachments) >= {"mine", "ATTACH::0::text", f"ATTACH::1::{'long' * 100}"}
    del trials.attachments["mine"]
    assert "mine" not in again.attachments
    with pytest.raises(KeyError):
        again.attachments["mine"]
    with pytest.warns(RuntimeWarning, match="stays in this process"):
        trials.attachments["object"] = object()
    assert "object" in trials.attachments
    assert "object" not in again.attachments


def test_it_is_the_folder_that_is_pickled(trials: HistoryTrials) -> None:
    minimise(trials, 3)
    for made in (pickle.loads(pickle.dumps(trials)), copy.deepcopy(trials)):
        assert made.losses() == trials.losses()
        assert made._book is not trials._book


def _in_child(trials, queue):
    minimise(trials, 20)
    queue.put(len(trials))


def test_a_fork_is_another_writer(trials: HistoryTrials) -> None:
    minimise(trials, 3)
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    children = [context.Process(target=_in_child, args=(trials, queue)) for _ in range(2)]
    for child in children:
        child.start()
    assert [queue.get() for _ in children] == [20, 20]
    for child in children:
        child.join()
    trials.refresh()
    assert len(trials) == 20
    snapshot = Search(trials._book.paths).snapshot()
    assert sorted(snapshot.trials) == list(range(20))
    assert len({trial.writer for trial in snapshot.trials.values()}) >= 2


def test_documents_can_be_inserted(trials: HistoryTrials, folder: Path) -> None:
    (tid,) = trials.new_trial_ids(1)
    misc = {"tid": tid, "cmd": None, "idxs": {"z": [tid]}, "vals": {"z": [1.5]}}
    docs = trials.new_trial_docs([tid], [None], [{"status": "ok", "loss": 2.0}], [misc])
    docs[0]["state"] = 2
    trials.insert_trial_docs(docs)
    assert len(trials) == 0
    trials.refresh()
    assert [len(trials), trials.losses()] == [1, [2.0]]
    again = HistoryTrials(folder)
    assert again.vals == {"z": [1.5]}
    for made in (trials, again):
        with pytest.raises(InvalidTrial, match="already"):
            made.insert_trial_docs(docs)
    bad = {**docs[0], "tid": "text", "misc": {**misc, "tid": "text"}}
    with pytest.raises(InvalidTrial, match="whole number"):
        trials.insert_trial_docs([bad])
    trials.refresh()
    assert len(trials) == 1


def test_the_bare_loop_of_hyperopt_works_too(trials: HistoryTrials, folder: Path) -> None:
    domain = hyperopt.base.Domain(square, SPACE)
    loop = FMinIter(rand.suggest, domain, trials, rstate=np.random.default_rng(0), max_evals=5)
    loop.exhaust()
    assert len(trials) == len(HistoryTrials(folder)) == 5


def test_several_may_be_queued(trials: HistoryTrials, folder: Path) -> None:
    minimise(trials, 10, max_queue_len=4)
    assert len(trials) == len(HistoryTrials(folder)) == 10


def test_what_is_queued_at_the_end_is_free_again(trials: HistoryTrials, folder: Path) -> None:
    def stop(_trials, *_seen):
        return True, []

    minimise(trials, 10, max_queue_len=4, early_stop_fn=stop)
    done = len(trials)
    assert done == len(HistoryTrials(folder)) < 10
    minimise(HistoryTrials(folder), 10)
    assert sorted(Search(trials._book.paths).snapshot().trials) == list(range(10))


def test_a_changed_space_keeps_the_history(trials: HistoryTrials, folder: Path) -> None:
    minimise(trials, 5)
    wider = {"x": hp.uniform("x", -9, 9), "kind": hp.choice("kind", ["b", "c"]), "n": 1}
    again = HistoryTrials(folder)
    fmin(square, wider, algo=tpe.suggest, max_evals=30, trials=again, verbose=False)
    assert len(again) == 30
    assert all(len(values) <= 1 for misc in again.miscs for values in misc["vals"].values())
    assert Search(trials._book.paths).revision == 2


def test_a_history_is_never_emptied(trials: HistoryTrials) -> None:
    with pytest.raises(HistoryError, match="never emptied"):
        trials.delete_all()


def test_what_cores_run_can_be_read_and_not_searched(tmp_path: Path) -> None:
    (tmp_path / "objective.py").write_text("def f(x):\n    return x\n")
    (tmp_path / "params.toml").write_text(
        '[search]\nname = "x"\nobjective = "objective.py:f"\n'
        '[space]\nx = { type = "uniform", low = 0.0, high = 1.0 }\n'
    )
    start(tmp_path / "params.toml")
    trials = HistoryTrials(tmp_path / "history" / "x")
    assert len(trials) == 0
    with pytest.raises(SearchError, match="is run by cores"):
        minimise(trials, 3)


def test_without_a_limit_it_ends_by_time(trials: HistoryTrials) -> None:
    minimise(trials, None, timeout=0.3)
    search = Search(trials._book.paths)
    assert search.status().state == "finished"
    assert search.status().max_trials == len(trials) > 0


@pytest.mark.parametrize("how", [{"wait": False}, {"timeout": 0.3}], ids=["unwaiting", "in time"])
def test_it_does_not_wait_for_others_for_ever(trials: HistoryTrials, folder: Path, how) -> None:
    minimise(trials, 1)
    with HistoryTrials(folder) as other:
        assert other.new_trial_ids(1) == [1]  # and never runs it
        mine = HistoryTrials(folder, wait=how.get("wait", True))
        minimise(mine, 2, timeout=how.get("timeout"))
        assert len(mine) == 1
    minimise(mine, 2)  # the other has ended
    assert sorted(mine.tids) == [0, 1]
