import csv
import io
import json
import math
import os
import pickle
import random
import tempfile
import threading
from pathlib import Path

import hyperopt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.history.making import finished, snapshot_of, started
from tests.core.space_tables import EXAMPLES, OPTIMIZER, space_of
from trialdeck.core.errors import TrialsFileError
from trialdeck.core.history.events import Environment, Opened
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.trials_file import (
    Exported,
    export_csv,
    export_json,
    export_pickle,
    import_trials,
)
from trialdeck.core.trials_reading import cell_of, value_of

SPACE = space_of(**EXAMPLES, optimizer=OPTIMIZER)
SMALL = space_of(x=EXAMPLES["uniform"], n=EXAMPLES["quniform"], a=EXAMPLES["choice"])
HYPEROPTS_OWN = {
    "x": hyperopt.hp.uniform("x", -1, 2.5),
    "n": hyperopt.hp.quniform("n", 1, 33, 8),
    "a": hyperopt.hp.choice("a", ["relu", 3, True, [1, 2]]),
}


def searched(count=6):
    """A history with every state, a gap in the tids, and trials of several attempts."""
    rng = random.Random(1)
    points = [SMALL.sample(rng) for _ in range(count)]
    events = [
        event
        for tid, point in enumerate(points)
        for event in (
            started(tid, point=point, at=1000.0 + tid, environment="e"),
            finished(tid, loss=(tid - 2.5) ** 2, metrics={"auc": tid / 9, "note": "f,\n"}, at=2e3),
        )
    ]
    failure = finished(
        8, outcome="failed", cause="error", message="no!", traceback="Traceback…", at=9.0
    )
    return snapshot_of(
        Opened(writer="a", v=1, kind="pool", host="node7"),
        Environment(writer="a", id="e", host="node8", device="cuda:0"),
        *events,
        started(8, point=points[0], at=5.0),
        failure,
        started(9, point=points[1], at=5.0),
        finished(9, outcome="pruned", at=7.5, seconds=2.5, metrics={"auc": "nan"}),
        started(10, point=points[2], at=5.0),
        finished(10, outcome="interrupted", cause="stopped", at=6.0),
        started(10, 1, point=points[2], at=7.0),
    )


@pytest.fixture
def exported(tmp_path):
    """The snapshot, what was exported of it, and the `Trials` that `pickle.load` makes of that."""
    snapshot = searched()
    said = export_pickle(snapshot, SMALL, tmp_path / "Trials.p")
    with (tmp_path / "Trials.p").open("rb") as file:
        return snapshot, said, pickle.load(file)


def test_hyperopt_reads_the_pickle(exported):
    snapshot, said, trials = exported
    assert said == Exported(8, {"not finished": 1})
    assert type(trials) is hyperopt.Trials
    assert len(trials) == snapshot.counts.ok == 6
    assert trials.losses() == [(tid - 2.5) ** 2 for tid in range(6)]
    assert trials.best_trial["tid"] == snapshot.best
    assert trials.best_trial["result"]["auc"] == pytest.approx(snapshot.best / 9)
    assert hyperopt.space_eval(HYPEROPTS_OWN, trials.argmin) == snapshot.trials[2].point
    assert [d["state"] for d in trials._dynamic_trials[6:]] == [3, 4]
    assert trials.idxs_vals[0]["x"] == list(range(6))
    for document in trials._dynamic_trials:
        assert trials.assert_valid_trial(document)


def test_values_are_as_hyperopt_draws_them(tmp_path):
    point = SPACE.sample(random.Random(4)) | {"choice": True, "pchoice": "c", "quniform": 17}
    point |= {"randint": 3, "uniformint": 2}
    snapshot = snapshot_of(started(point=point), finished(loss=1.0))
    export_pickle(snapshot, SPACE, tmp_path / "T.p")
    vals = pickle.loads((tmp_path / "T.p").read_bytes()).best_trial["misc"]["vals"]
    assert sorted(vals) == sorted(d.name for d in SPACE.dimensions)
    assert (vals["choice"], vals["pchoice"]) == ([2], [2])
    assert (vals["randint"], type(vals["randint"][0])) == ([3], int)
    assert (vals["uniformint"], vals["quniform"]) == ([2.0], [17.0])
    assert type(vals["quniform"][0]) is type(vals["uniformint"][0]) is float
    assert {name for name, values in vals.items() if not values} == set(vals) - set(point)


@pytest.mark.parametrize("suggest", [hyperopt.tpe.suggest, hyperopt.anneal.suggest])
def test_fmin_resumes_from_it(exported, suggest):
    _, _, trials = exported
    hyperopt.fmin(
        lambda values: values["x"] ** 2,
        HYPEROPTS_OWN,
        algo=suggest,
        max_evals=len(trials) + 25,
        trials=trials,
        rstate=np.random.default_rng(0),
        show_progressbar=False,
        verbose=False,
    )
    tids = [document["tid"] for document in trials._dynamic_trials]
    assert len(trials) == 31
    assert len(set(tids)) == len(tids) == 33
    assert min(tids[8:]) == 11  # also not the tid of the trial that has not finished


def test_points_of_an_older_space(tmp_path):
    points = [
        {"x": 99.0, "n": 7, "a": "relu"},  # out of bounds: history all the same
        {"n": 1, "a": "relu"},
        {"x": 0.5, "n": 1, "a": "elu"},
        {"x": "wide", "n": 1, "a": 3},
        {"x": 0.5, "n": 1, "a": 3, "gone": 4},
    ]
    events = [(started(t, point=p), finished(t, loss=float(t))) for t, p in enumerate(points)]
    snapshot = snapshot_of(*(e for pair in events for e in pair), finished(7, loss=1.0))
    said = export_pickle(snapshot, SMALL, tmp_path / "T.p")
    reasons = (
        "without a value (x)",
        "not an option any more (a)",
        "not a number (x)",
        "without a known point",
    )
    assert said == Exported(2, dict.fromkeys(reasons, 1))
    trials = pickle.loads((tmp_path / "T.p").read_bytes())
    assert trials.vals == {"x": [99.0, 0.5], "n": [7.0, 1.0], "a": [0, 1]}


def test_csv_has_a_line_per_trial(tmp_path):
    stream = io.StringIO()
    snapshot = searched()
    assert export_csv(snapshot, stream) == export_csv(snapshot, tmp_path / "t.csv") == Exported(9)
    assert (tmp_path / "t.csv").read_bytes().decode() == stream.getvalue()
    rows = list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))
    assert ",".join(rows[0]) == (
        "tid,state,loss,metrics.auc,metrics.note,params.x,params.n,params.a,"
        "cause,message,seconds,started,finished,writer,host,stage"
    )
    assert rows[1]["metrics.note"] == "f,\n"
    assert float(rows[1]["params.x"]) == snapshot.trials[1].point["x"]
    assert (rows[1]["started"], rows[1]["host"]) == ("1970-01-01T00:16:41.000+00:00", "node8")
    assert [row["state"] for row in rows[6:]] == ["failed", "pruned", "running"]
    assert (rows[6]["cause"], rows[6]["message"], rows[6]["host"]) == ("error", "no!", "node7")
    assert (rows[6]["loss"], rows[6]["metrics.auc"], rows[7]["metrics.auc"]) == ("", "", "nan")


def test_json_has_everything(tmp_path):
    snapshot = searched()
    assert export_json(snapshot, tmp_path / "t.json") == Exported(9)
    rows = json.loads((tmp_path / "t.json").read_text())
    assert [row["tid"] for row in rows] == list(snapshot.trials)
    assert rows[3]["params"] == snapshot.trials[3].point
    assert rows[3]["environment"]["device"] == "cuda:0"
    assert rows[6]["traceback"] == "Traceback…"
    assert [a["state"] for a in rows[8]["attempts"]] == ["interrupted", "running"]
    assert rows[8]["attempts"][0]["cause"] == "stopped"


@pytest.mark.parametrize("export", [export_csv, export_json, "pickle"])
def test_an_existing_file_is_replaced_only_if_forced(export, tmp_path):
    def write(**options):
        if export == "pickle":
            return export_pickle(searched(), SMALL, path, **options)
        return export(searched(), path, **options)

    path = tmp_path / "Trials"
    path.write_text("precious")
    with pytest.raises(TrialsFileError, match=r"Trials exists; .* --force"):
        write()
    assert path.read_text() == "precious"
    write(force=True)
    assert path.read_bytes() != b"precious"
    assert [file.name for file in tmp_path.iterdir()] == ["Trials"]
    path.unlink()
    path.symlink_to("elsewhere")
    with pytest.raises(TrialsFileError, match="exists"):
        write()
    assert [file.name for file in tmp_path.iterdir()] == ["Trials"]


def test_what_cannot_be_written_says_why(tmp_path):
    with pytest.raises(TrialsFileError, match=r"no/t.csv: No such file or directory"):
        export_csv(searched(), tmp_path / "no" / "t.csv")
    path = tmp_path / "t.csv"
    path.mkdir()
    with pytest.raises(TrialsFileError, match=r"t.csv: Is a directory"):
        export_csv(searched(), path, force=True)
    path.rmdir()
    in_the_way = path.with_name(f".t.csv.{os.getpid()}-{threading.get_ident()}.tmp")
    in_the_way.mkdir()
    with pytest.raises(TrialsFileError, match=r"t.csv: Is a directory"):
        export_csv(searched(), path)
    assert not path.exists()


cells = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
cells |= st.floats(allow_nan=False, allow_infinity=False) | st.lists(st.integers(0, 9) | st.text())


@given(cells)
@settings(deadline=None)
def test_cells_keep_their_values(value):
    cell = cell_of(value)
    if value is None:
        assert cell == ""
    else:
        assert cell
        assert value_of(cell) == value
        assert type(value_of(cell)) is type(value)


losses = st.floats(allow_nan=False, allow_infinity=False)
names = st.sampled_from(["auc", "loss", "ünï", "a b"])
metrics = st.dictionaries(
    names, losses | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8")), max_size=3
)
results = st.builds(
    lambda outcome, loss, metrics, message: {
        "outcome": outcome,
        "loss": loss if outcome == "ok" else None,
        "metrics": metrics | ({"loss": loss} if outcome == "ok" else {}),
        "cause": "error" if outcome == "failed" else "",
        "message": message if outcome == "failed" else "",
    },
    st.sampled_from(["ok", "ok", "failed", "pruned"]),
    losses,
    metrics,
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
)
trials = st.lists(st.tuples(st.integers(0, 999), st.integers(0, 99), results), max_size=6)


@given(trials, st.sampled_from(["pickle", "csv", "json"]))
@settings(max_examples=60, deadline=None)
def test_what_is_exported_can_be_imported(trials, kind):
    by_tid = {tid: (seed, result) for seed, tid, result in trials}
    events = []
    for tid, (seed, result) in by_tid.items():
        point = SPACE.sample(random.Random(seed))
        events += [started(tid, point=point, at=5.125), finished(tid, at=7.25, **result)]
    before = snapshot_of(*events)
    with tempfile.TemporaryDirectory() as folder:
        file, paths = Path(folder) / "file", HistoryPaths(Path(folder) / "history" / "t")
        if kind == "pickle":
            export_pickle(before, SPACE, file)
        else:
            {"csv": export_csv, "json": export_json}[kind](before, file)
        result = import_trials(paths, file, SPACE)
        again = import_trials(paths, file, SPACE)
        after = History(paths).refresh()
    assert (result.imported, result.skipped) == (len(before.trials), {})
    assert (again.imported, again.skipped) == (
        0,
        {"already in the history": len(before.trials)} if before.trials else {},
    )
    assert list(after.trials) == list(before.trials)
    for was, now in zip(before.trials.values(), after.trials.values(), strict=True):
        assert (now.state, now.point, now.loss) == (was.state, was.point, was.loss)
        assert {k: type(v) for k, v in now.point.items()} == {
            k: type(v) for k, v in was.point.items()
        }
        assert (now.metrics, now.cause, now.message) == (was.metrics, was.cause, was.message)
        assert (now.started_at, now.finished_at) == (was.started_at, was.finished_at)
        assert now.origin == "import"
        assert was.loss is None or math.isfinite(was.loss)
