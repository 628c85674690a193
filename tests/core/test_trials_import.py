import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.core.history.making import snapshot_of, some_trials
from tests.core.pickles import (
    SPACE_2020,
    TABLE_2020,
    VALS_2020,
    X,
    document,
    documents_2020,
    one,
    snapshot,
    write,
)
from tests.core.space_tables import space_of
from trialdeck.core.history import claims
from trialdeck.core.history.journal import Journal
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.trials_file import export_csv, export_json, import_trials


@pytest.fixture
def paths(tmp_path):
    return HistoryPaths(tmp_path / "history" / "search")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "Trials.p"


def test_a_file_is_imported_once(paths, file):
    write(file, documents_2020())
    assert import_trials(paths, file, SPACE_2020).imported == 3
    again = import_trials(paths, file, SPACE_2020)
    assert (again.imported, again.skipped) == (0, {"already in the history": 3})
    assert again.sentences == (
        f"imported no trials from {file}; left out: 3 already in the history",
    )
    assert len(list(paths.journal.iterdir())) == 1
    # the same trials and one more, in another file; then a space that has grown
    more = documents_2020()
    more.append(document(3, {**VALS_2020, "Nodes": 16.0}, more[0]["result"]))
    write(file, more)
    assert import_trials(paths, file, SPACE_2020).imported == 1
    grown = space_of(**TABLE_2020, dropout={"type": "uniform", "low": 0, "high": 1, "default": 0})
    assert import_trials(paths, file, grown).skipped == {"already in the history": 4}
    assert len(snapshot(paths).trials) == 4


def test_a_second_import_adds_what_fits_now(paths, file):
    write(file, [one(), document(1, {"x": 20.0}, {"loss": 0.25, "status": "ok"})])
    assert import_trials(paths, file, X).imported == 1
    wider = space_of(x={"type": "uniform", "low": 0, "high": 30})
    assert import_trials(paths, file, wider).imported == 1
    assert [trial.point["x"] for trial in snapshot(paths).trials.values()] == [1.0, 20.0]
    names = sorted(path.name for path in paths.journal.iterdir())
    assert re.fullmatch(r"import-[0-9a-f]{16}-2\.jsonl", names[0])
    assert re.fullmatch(r"import-[0-9a-f]{16}\.jsonl", names[1])


def test_repeated_points_of_one_file_all_count(paths, file):
    write(file, [one(tid=0), one(tid=1), one(tid=2)])
    assert import_trials(paths, file, X).imported == 3
    assert import_trials(paths, file, X).imported == 0
    write(file, [one(tid=tid) for tid in range(5)])
    assert import_trials(paths, file, X).imported == 2


def test_what_a_damaged_journal_has_lost_is_imported_again(paths, file):
    write(file, [one(tid=0), document(1, {"x": 2.0}, {"loss": 0.25, "status": "ok"})])
    import_trials(paths, file, X)
    (journal,) = paths.journal.iterdir()
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:3]) + lines[3][:20])
    assert import_trials(paths, file, X).skipped == {"already in the history": 1}
    assert sorted(t.loss for t in snapshot(paths).trials.values() if t.loss) == [0.25, 0.5]


def test_tids_of_a_history_with_trials_are_new(paths, file):
    journal = Journal.create(paths, "b", "pool")
    journal.append(*some_trials(8, writer="b"))
    assert claims.take(paths, 9, 0, "b") == "b"  # just claimed, nothing written yet
    write(file, documents_2020())
    result = import_trials(paths, file, SPACE_2020)
    assert list(snapshot(paths).trials)[8:] == [8, 10, 11]
    assert "numbered from 8 to 11" in result.sentences[0]
    for tid in (8, 10, 11):
        assert claims.holder(paths, tid, 0) == snapshot(paths).trials[tid].writer


def test_tids_that_cannot_be_kept(paths, file):
    claims.take(paths, 3, 0, "pool")
    tids = [5, 5, -1, 10**6, 10**30, "a", None, 3]
    documents = [{**one({"loss": float(n)}), "tid": tid} for n, tid in enumerate(tids)]
    import_trials(paths, write(file, documents), X)
    got = snapshot(paths).trials
    assert list(got) == [5, 6, 7, 8, 9, 10, 11, 12]
    assert [trial.loss for trial in got.values()] == list(range(8))


def test_imports_at_the_same_time_add_each_trial_once(paths, file):
    write(file, [one({"loss": float(tid)}, tid) for tid in range(30)])

    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda _: import_trials(paths, file, X).imported, range(8)))
    assert sorted(counts) == [0] * 7 + [30]
    assert sorted(trial.loss for trial in snapshot(paths).trials.values()) == list(range(30))


@pytest.mark.parametrize(
    ("metric", "direction", "loss", "shown"),
    [
        ("", "minimize", 0.5, 0.5),
        ("", "maximize", 0.5, -0.5),
        ("auc", "maximize", -0.9, 0.9),
        ("auc", "minimize", 0.9, 0.9),
        ("f1", "maximize", 0.5, None),
    ],
)
def test_what_is_minimised(paths, file, metric, direction, loss, shown):
    write(file, [one({"auc": 0.9})])
    result = import_trials(paths, file, X, metric=metric, direction=direction, revision=3)
    trial = snapshot(paths).trials[0]
    assert (trial.loss, trial.metrics.get(metric or "loss")) == (loss, shown)
    assert trial.revision == 3
    note = "1 of 1 trials have no f1: their loss is the one of the file"
    assert (note in result.sentences) == (metric == "f1")


@pytest.mark.parametrize("export", [export_csv, export_json])
def test_the_unfinished_are_left_out(paths, file, export):
    export(snapshot_of(*some_trials(3)[:-1]), file)
    result = import_trials(paths, file, X)
    assert (result.imported, result.skipped) == (2, {"not finished": 1})


def test_importing_needs_nothing_heavy(paths, file):
    write(file, documents_2020())
    code = f"""
import sys
from pathlib import Path
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.space import parse_space
from trialdeck.core.trials_file import import_trials
space = parse_space({TABLE_2020!r}, [])
assert import_trials(HistoryPaths(Path({str(paths.root)!r})), Path({str(file)!r}), space).imported
assert not {{"numpy", "hyperopt", "scipy"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
