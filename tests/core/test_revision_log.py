import pytest

from tests.tui.command_line import PARAMS, a_search
from trialdeck.core import revision_log
from trialdeck.core.errors import SearchError
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.searches import start


@pytest.fixture
def file(tmp_path):
    a_search(tmp_path)
    return tmp_path / "params.toml"


@pytest.fixture
def paths(file):
    return HistoryPaths(file.parent / "history" / "t")


def test_every_revision_says_what_it_changed(file, paths):
    file.write_text(PARAMS.replace("high = 15.0", "high = 12.0"))
    start(file, overrides={"search.max_trials": 7})
    first, second = revision_log.revision_log(paths)
    assert (first.number, first.changes) == (1, ())
    assert second.number == 2
    assert second.at >= first.at
    assert any("x2" in sentence for sentence in second.changes)
    assert "search.max_trials was 100 and is 7" in second.changes


def test_a_revision_that_cannot_be_used_is_listed_with_its_problem(paths):
    (paths.params / "0002.toml").write_text("[search]\n")
    assert "0002.toml" in revision_log.revision_log(paths)[1].problem


def test_the_text_of_any_revision_can_be_read(file, paths):
    start(file, overrides={"search.max_trials": 7})
    assert "max_trials = 7" in revision_log.revision_text(paths)
    assert "max_trials = 100" in revision_log.revision_text(paths, 1)
    with pytest.raises(SearchError, match="the newest is 2"):
        revision_log.revision_text(paths, 3)


def test_the_difference_to_the_draft_leaves_out_backends(file, paths):
    assert revision_log.draft_difference(paths, file) == ""
    file.write_text(PARAMS + "\n[backends.local]\ncores = 3\n")
    assert revision_log.draft_difference(paths, file) == ""
    file.write_text(PARAMS.replace("max_trials = 100", "max_trials = 50"))
    said = revision_log.draft_difference(paths, file)
    assert "-max_trials = 100" in said
    assert "+max_trials = 50" in said


def test_a_search_without_revisions_has_none(tmp_path):
    paths = HistoryPaths(tmp_path / "history" / "none")
    assert revision_log.revision_log(paths) == []
    with pytest.raises(SearchError, match="nothing has been published"):
        revision_log.revision_text(paths)
