import gzip
import json
import pickle
from io import BytesIO

import numpy as np
import pytest

from tests.core.pickles import (
    X,
    as_trials,
    dangerous,
    documents_2020,
    one,
    snapshot,
    write,
)
from trialdeck.core.errors import TrialsFileError
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.trials_file import import_trials


@pytest.fixture
def paths(tmp_path):
    return HistoryPaths(tmp_path / "history" / "search")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "Trials.p"


def gzipped(data):
    stream = BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb") as file:
        file.write(data)
    return stream.getvalue()


def bad_files():
    good = pickle.dumps(as_trials(documents_2020()))
    rows = json.dumps([{"params": {"x": 1}, "state": "ok", "loss": 1}])
    yield "empty", b"", "Trials.p is empty. It was cut off"
    yield "zeros", bytes(4096), "4,096 bytes of nothing. It was cut off"
    yield "torn", good[:-300], "a torn pickle: it ends at byte .* look for a backup"
    yield "no end", good[:-1], "a torn pickle: it ends at byte"
    yield "interleaved", good[:500] + bytes(300) + good[800:], "a pickle that cannot be read"
    yield "malicious", dangerous("exit 1")["reduce"], r"is not read: it refers to posix.system"
    yield "a model", pickle.dumps({"loss": Model()}), r"Model. Only numbers, texts"
    yield "a dict", pickle.dumps({"a": 1}), r"a pickle of something else \(dict\)"
    yield "best", pickle.dumps({"x": np.float64(1)}), "a pickle of something else"
    yield "numbers", pickle.dumps([1, 2]), "a pickle of something else"
    yield "gzip", gzipped(good), "compressed by gzip"
    yield "git-lfs", b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"
    yield "text", b"Hello, this is text\n", "no file of trials"
    yield "toml", b"[search]\nname = 1\n", "JSON with a mistake"
    yield "broken JSON", rows[:-1].encode(), "JSON with a mistake"
    yield "other JSON", b'{"a": 1}', "no list of trials"
    yield "deep JSON", b"[" * 100_000, "JSON with a mistake"
    deep = b"[" * 700 + b"]" * 700
    yield "deep value", b'[{"state": "failed", "params": {"x": ' + deep + b"}}]", "lists in lists"
    yield "CSV in latin-1", "tid,state,loss\n0,ok,1,ü\n".encode("latin-1"), "CSV with a mistake"


class Model:
    """Some class of the user's."""


BAD = list(bad_files())


@pytest.mark.parametrize(("data", "text"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_what_is_wrong_with_a_file(paths, file, data, text):
    file.write_bytes(data)
    with pytest.raises(TrialsFileError, match=text) as error:
        import_trials(paths, file, X)
    assert str(file) in str(error.value)
    assert not paths.root.exists()


def test_files_that_are_none(paths, file, tmp_path):
    with pytest.raises(TrialsFileError, match=r"Trials.p: No such file"):
        import_trials(paths, file, X)
    with pytest.raises(TrialsFileError, match="Is a directory"):
        import_trials(paths, tmp_path, X)
    with file.open("wb") as sparse:
        sparse.truncate(2**40)
    with pytest.raises(TrialsFileError, match=r"1,099,511,627,776 bytes are too many"):
        import_trials(paths, file, X)


def test_what_is_behind_the_trials_is_mentioned(paths, file):
    write(file, [one()])
    file.write_bytes(file.read_bytes() * 2)
    result = import_trials(paths, file, X)
    assert result.imported == 1
    assert "bytes behind the trials were not read" in result.sentences[-1]


def test_lists_of_documents_and_files_that_were_edited(paths, file):
    file.write_bytes(pickle.dumps([one()]))
    assert import_trials(paths, file, X).imported == 1
    semicolons = (
        "\ufefftid;state;loss;params.x;metrics.auc;started\n7;ok;0.125;2;nan;today\n;;;;;\n"
    )
    file.write_text(semicolons, encoding="utf-8")
    result = import_trials(paths, file, X)
    assert (result.imported, result.skipped) == (1, {"not readable as trials": 1})
    trial = snapshot(paths).trials[1]
    assert (trial.point, trial.loss, trial.metrics["auc"]) == ({"x": 2.0}, 0.125, "nan")
