import pickle

import hyperopt
import numpy as np
import pytest

from tests.core.pickles import (
    LABELS_2020,
    POINTS_2020,
    SPACE_2020,
    TABLE_2020,
    VALS_2020,
    X,
    as_trials,
    dangerous,
    document,
    documents_2020,
    fake_bson,
    older_spelling,
    one,
    snapshot,
    write,
)
from tests.core.space_tables import EXAMPLES, OPTIMIZER, space_of
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.trials_file import import_trials


@pytest.fixture
def paths(tmp_path):
    return HistoryPaths(tmp_path / "history" / "search")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "Trials.p"


@pytest.mark.parametrize("protocol", [0, 2, 3, 4])
def test_a_file_of_the_2020_scripts(paths, file, protocol):
    documents = documents_2020()
    trials = as_trials(documents, {"FMinIter_Domain": dangerous("exit 1")["reduce"]})
    file.write_bytes(older_spelling(pickle.dumps(trials, protocol)))
    result = import_trials(paths, file, SPACE_2020)
    assert (result.imported, result.skipped) == (3, {})
    assert result.sentences == (
        f"imported 3 trials from {file}, numbered from 0 to 2; their lowest loss is 0.27",
    )
    got = list(snapshot(paths).trials.values())
    expected = [dict(zip(LABELS_2020, point, strict=True)) for point, _ in POINTS_2020]
    assert [trial.point for trial in got] == expected
    assert [type(value) for value in got[0].point.values()] == [int, float, float, int]
    assert [trial.loss for trial in got] == [loss for _, loss in POINTS_2020]
    assert [trial.tid for trial in got] == [0, 1, 2]
    assert {trial.origin for trial in got} == {"import"}
    assert (got[0].started_at, got[0].finished_at) == (1594719015.25, 1594719027.75)
    assert got[0].seconds == 12.5


def test_documents_with_classes_of_pymongo(paths, file, monkeypatch):
    son, object_id, int64 = fake_bson(monkeypatch)
    made = son(one(tid=int64(4)), _id=object_id(), version=int64(2))
    made["misc"] = son(made["misc"])
    assert import_trials(paths, write(file, [made], 2), X).imported == 1
    assert snapshot(paths).trials[4].point == {"x": 1.0}


def test_trials_of_hyperopt_as_it_is(paths, file):
    """Every distribution of hyperopt, and an option that carries dimensions."""
    hp = hyperopt.hp
    examples = EXAMPLES | {"choice": {"type": "choice", "options": ["relu", "elu"]}}
    names = ("uniform", "loguniform", "normal", "qnormal", "lognormal", "randint", "choice")
    drawn = {
        "uniform": hp.uniform("uniform", -1, 2.5),
        "loguniform": hp.loguniform("loguniform", np.log(1e-4), np.log(0.1)),
        "normal": hp.normal("normal", 3, 2),
        "qnormal": hp.qnormal("qnormal", 1, 4, 2),
        "lognormal": hp.lognormal("lognormal", -1, 0.5),
        "randint": hp.randint("randint", 3, 8),
        "choice": hp.choice("choice", ["relu", "elu"]),
        "optimizer": hp.choice(
            "optimizer",
            [
                {
                    "beta2": hp.uniform("beta2", 0.9, 0.999),
                    "decay": hp.choice(
                        "decay", ["none", {"cycles": hp.uniformint("cycles", 1, 6)}]
                    ),
                },
                {"momentum": hp.uniform("momentum", 0, 0.99)},
                "lbfgs",
            ],
        ),
    }
    space = space_of(**{name: examples[name] for name in names}, optimizer=OPTIMIZER)
    trials, seen = hyperopt.Trials(), []
    hyperopt.fmin(
        lambda values: seen.append(values) or {"loss": values["uniform"], "status": "ok"},
        drawn,
        algo=hyperopt.rand.suggest,
        max_evals=40,
        trials=trials,
        rstate=np.random.default_rng(3),
        show_progressbar=False,
        verbose=False,
    )
    file.write_bytes(pickle.dumps(trials))
    assert import_trials(paths, file, space).imported == 40
    got = [trial.point for trial in snapshot(paths).trials.values()]
    assert all(space.check(point) == [] for point in got)
    for values, point in zip(seen, got, strict=True):
        flat = {name: value for name, value in values.items() if name != "optimizer"}
        carried = values["optimizer"] if isinstance(values["optimizer"], dict) else {}
        if isinstance(decay := carried.get("decay"), dict):
            carried = carried | decay | {"decay": "cosine"}
        option = "adam" if "beta2" in carried else "sgd" if carried else "lbfgs"
        assert point == flat | carried | {"optimizer": option}
    assert len({point["optimizer"] for point in got}) == 3


def test_the_ends_of_a_range_may_spill_over(paths, file):
    space = space_of(
        x={"type": "quniform", "low": 0.1, "high": 0.3, "q": 0.1},
        y={"type": "loguniform", "low": 1e-3, "high": 10},
    )
    vals = {"x": 3 * 0.1, "y": float(np.exp(np.log(10)))}
    assert vals["x"] > 0.3
    assert vals["y"] > 10
    write(file, [document(0, vals, {"loss": 1.0, "status": "ok"})])
    assert import_trials(paths, file, space).imported == 1
    assert snapshot(paths).trials[0].point == {"x": 0.3, "y": 10.0}


def test_every_kind_of_document(paths, file):
    nan, infinite = float("nan"), np.float32("inf")
    documents = [
        one(),
        one({"loss": nan}, 1),
        one({"loss": infinite}, 2),
        one({"loss": None}, 3),
        one({"status": "fail"}, 4),
        one({"status": "fail", "failure": "diverged"}, 5),
        one({}, 6, state=3, error=("<class 'ValueError'>", "no such layer")),
        one({}, 7, state=1),
        one({"status": "new"}, 8, state=0),
        one({"status": "suspended"}, 9),
        one({}, 10, state=4),
        one({"loss": "0.5"}, 11),
        one({"loss": True}, 12),
        one({"loss": 10**400}, 13),
        {"tid": 14, "state": 2},
        document(15, {}, {"loss": 1.0, "status": "ok"}),
        {**one({}, 16), "result": "none"},
        {**one({}, 17), "misc": [1]},
        one({"loss": np.int64(2), "status": None}, 18, wrap=np.array),
    ]
    result = import_trials(paths, write(file, documents), X)
    assert result.skipped == {
        "not finished": 3,
        "finished without a loss": 4,
        "cancelled by hyperopt": 1,
        "not readable as trials": 3,
    }
    got = {t.tid: (t.state, t.loss, t.cause, t.message) for t in snapshot(paths).trials.values()}
    assert got == {
        0: ("ok", 0.5, "", ""),
        1: ("failed", None, "not_finite", "loss is nan"),
        2: ("failed", None, "not_finite", "loss is inf"),
        4: ("failed", None, "error", "hyperopt has recorded no reason"),
        5: ("failed", None, "error", "diverged"),
        6: ("failed", None, "error", "<class 'ValueError'>: no such layer"),
        13: ("failed", None, "not_finite", "loss is inf"),
        18: ("ok", 2.0, "", ""),
    }
    assert "; 6 of them failed; left out: 4 finished without a loss, " in result.sentences[0]


def test_what_does_not_fit_the_space(paths, file):
    space = space_of(**TABLE_2020, activation={"type": "choice", "options": [3, 2, 1]})
    good = VALS_2020 | {"activation": 1}
    ok = {"loss": 1.0, "status": "ok"}
    cases = [
        (good, None),
        (good | {"Nodes": 0}, "out of range (Nodes)"),  # which quniform(1, 256, 8) did draw
        (good | {"Nodes": 60}, "off the grid (Nodes)"),
        (good | {"activation": 3}, "not an option (activation)"),
        (good | {"activation": -1}, "not an option (activation)"),
        (good | {"activation": 0.5}, "not an option (activation)"),
        (good | {"batch_size": float("nan")}, "not a number (batch_size)"),
        ({**good, "unknown": 5.0}, None),
        ({k: v for k, v in good.items() if k != "nLayers"}, "without a value (nLayers)"),
    ]
    write(file, [document(tid, vals, ok) for tid, (vals, _) in enumerate(cases)])
    result = import_trials(paths, file, space)
    reasons = [reason for _, reason in cases if reason]
    assert result.skipped == {reason: reasons.count(reason) for reason in reasons}
    assert list(snapshot(paths).trials) == [0, 7]
    assert snapshot(paths).trials[0].point["activation"] == 2
    assert "the space has no dimension unknown: that is ignored" in result.sentences


def test_a_space_with_other_names_fixed_values_and_defaults(paths, file):
    space = space_of(
        layers=TABLE_2020["nLayers"] | {"default": 2},
        **{name: TABLE_2020[name] for name in ("batch_size", "learning_rate")},
    )
    write(file, documents_2020())
    result = import_trials(paths, file, space, fixed={"nLayers": 4, "Nodes": 128})
    assert result.imported == 1
    assert result.skipped == {"fixed at another value now (nLayers)": 2}
    assert snapshot(paths).trials[0].point["layers"] == 2
    assert result.sentences[1:] == (
        "the space has no dimension Nodes, nLayers: that is ignored",
        "trials without a value for layers get its default 2",
    )
    nameless = space_of(learning_rate=TABLE_2020["learning_rate"], layers=TABLE_2020["nLayers"])
    result = import_trials(paths, file, nameless)
    assert result.skipped == {"without a value (layers)": 3}
    assert result.sentences[2].startswith("the file has no layers: give such a dimension a default")
    assert import_trials(paths, file, space, fixed={"Nodes": 128}).skipped == {
        "fixed at another value now (Nodes)": 2,
        "already in the history": 1,
    }


def test_results_become_metrics(paths, file):
    result = {
        "auc": np.float32(0.75),
        "epochs": 12,
        "good": np.bool_(True),
        "note": "n" * 2000,
        "worst": float("-inf"),
        "curve": [1, 2],
        "weights": np.zeros(3),
        "nothing": None,
        5: 6,
        "\x1b[2J": {},
    }
    said = import_trials(paths, write(file, [one(result)]), X)
    assert snapshot(paths).trials[0].metrics == {
        "loss": 0.5,
        "auc": 0.75,
        "epochs": 12,
        "good": True,
        "note": "n" * 1000,
        "worst": "-inf",
    }
    assert said.sentences[1] == (
        "neither numbers nor texts, so left out of the results: curve, weights, '\\x1b[2J'"
    )
