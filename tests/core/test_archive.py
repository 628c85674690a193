import subprocess
import sys

import pytest

from tests.tui.command_line import a_search, some_trials
from trialdeck.core import archive
from trialdeck.core.errors import SearchError
from trialdeck.core.history.identity import Identity
from trialdeck.core.history.writers import WriterFile, WriterFiles
from trialdeck.core.searches import names


@pytest.fixture
def search(tmp_path):
    return a_search(tmp_path, *some_trials())


@pytest.fixture
def history(search):
    return search.paths.root.parent


def test_searches_are_listed_with_their_status_and_size(search, history):
    (found,) = archive.searches(history)
    assert found.name == "t"
    assert found.status.progress == 3
    assert found.size > 1000
    assert found.changed == pytest.approx(
        (search.paths.journal / "0123456789ab.jsonl").stat().st_mtime
    )


def test_a_search_that_cannot_be_read_is_listed_with_the_problem(search, history):
    (search.paths.params / "0002.toml").write_text("[search\n")
    (found,) = archive.searches(history)
    assert found.status is None
    assert "0002.toml" in found.problem


def test_a_renamed_search_is_the_same_under_another_name(search, history):
    archive.rename(search, "other")
    assert names(history) == ["other"]
    (found,) = archive.searches(history)
    assert found.status.search == "other"
    assert found.status.progress == 3


@pytest.mark.parametrize("name", ["", "a/b", ".hidden", "t", "../up"])
def test_a_name_that_is_none_or_taken_is_refused(search, history, name):
    with pytest.raises(SearchError):
        archive.rename(search, name)
    assert names(history) == ["t"]


def test_archived_searches_are_kept_apart_and_under_free_names(tmp_path, search, history):
    assert archive.archive(search) == history / ".archive" / "t"
    assert names(history) == []
    again = a_search(tmp_path, *some_trials(1))
    assert archive.archive(again) == history / ".archive" / "t-2"


def test_a_deleted_search_leaves_nothing(search, history):
    archive.delete(search)
    assert list(history.iterdir()) == []


@pytest.mark.parametrize("change", [archive.archive, archive.delete])
def test_nothing_is_changed_under_living_cores(search, history, change):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        pool = WriterFile(id="alive", identity=Identity.of(process.pid), cores_wanted=2)
        WriterFiles(search.paths).write(pool)
        with pytest.raises(SearchError, match=r"alive on .*trialdeck stop --search t"):
            change(search)
        assert names(history) == ["t"]
        process.communicate(b"\n")
    change(search)
    assert names(history) == []


def test_force_changes_what_seems_to_live(search, history):
    WriterFiles(search.paths).write(WriterFile(id="far", identity=Identity("far", "x", 1, 1, 1)))
    with pytest.raises(SearchError, match="far on far"):
        archive.delete(search)
    archive.delete(search, force=True)
    assert names(history) == []
