import tomllib

import pytest

from trialdeck.core.errors import DraftConflict, HistoryError, ParamsError, SearchError
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.params import revisions
from trialdeck.core.params.read import read_params
from trialdeck.core.params.write import set_values

TEXT = """\
# my search
[search]
name = "top"
objective = "mine.py:train"
max_trials = 50

[fixed]
epochs = 3

[space]
rate = { type = "uniform", low = 0.0, high = 1.0 }  # of learning

# where
[backends.local]
cores = 2
"""


@pytest.fixture
def draft(tmp_path):
    (tmp_path / "mine.py").touch()
    file = tmp_path / "params.toml"
    file.write_text(TEXT)
    return file


@pytest.fixture
def paths(draft):
    return revisions.history_paths(read_params(draft))


def edit(file, **values):
    changed = {key.replace("__", "."): value for key, value in values.items()}
    file.write_text(set_values(file.read_text(), changed))


def published(paths):
    """Return max_trials of every revision."""
    files = sorted(paths.params.glob("*.toml"))
    assert [file.name for file in files] == [f"{n:04}.toml" for n in range(1, len(files) + 1)]
    return [tomllib.loads(file.read_text())["search"]["max_trials"] for file in files]


def test_where_a_history_lies(draft, paths):
    assert paths.root == draft.parent / "history" / "top"
    assert paths.project == draft.parent


def test_the_first_revision(draft, paths):
    assert revisions.newest(paths) is None
    made = revisions.publish(paths, draft)
    assert (made.number, made.changed) == (1, True)
    assert made.text == TEXT.partition("\n# where")[0]
    assert revisions.newest(paths) == revisions.Revision(1, made.text)
    params = revisions.load(paths, 1)
    assert (params.backends, params.folder) == ({}, draft.parent)
    assert revisions.load(paths, 1) is params
    assert revisions.fixed_of(paths, 1) == {"epochs": 3}


def test_nothing_new_publishes_nothing(draft, paths):
    revisions.publish(paths, draft)
    draft.write_text("# another comment\n" + TEXT.replace("cores = 2", "cores = 3"))
    again = revisions.publish(paths, draft)
    assert (again.number, again.changed) == (1, False)


def test_flags_stay_until_the_draft_changes(draft, paths):
    flags = {"search.max_trials": 200}
    revisions.publish(paths, draft)
    assert revisions.publish(paths, draft, flags).changed
    assert not revisions.publish(paths, draft, flags).changed
    assert not revisions.publish(paths, draft).changed
    assert "max_trials = 50" in draft.read_text()
    edit(draft, search__seed=1)
    assert revisions.publish(paths, draft).changed
    assert published(paths) == [50, 200, 50]


def test_flags_of_the_first_call(draft, paths):
    assert revisions.publish(paths, draft, {"search.max_trials": 7}).number == 1
    assert not revisions.publish(paths, draft).changed
    assert published(paths) == [7]


def test_another_draft_of_the_same_search(draft, paths, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text(TEXT)
    revisions.publish(paths, draft)
    edit(other, search__max_trials=60)
    with pytest.raises(DraftConflict, match="no revision that is known here"):
        revisions.publish(paths, other)
    assert revisions.publish(paths, other, force=True).number == 2
    assert revisions.publish(paths, draft).number == 2  # unchanged: the newest counts
    edit(draft, search__seed=5)
    with pytest.raises(DraftConflict, match="from revision 1, but the newest is revision 2"):
        revisions.publish(paths, draft)
    assert published(paths) == [50, 60]


def test_pulling_mends_a_conflict(draft, paths, tmp_path):
    revisions.publish(paths, draft)
    other = tmp_path / "other.toml"
    other.write_text(TEXT.replace("50", "60  # theirs"))
    revisions.publish(paths, other, force=True)
    edit(draft, search__seed=5)
    mine = draft.read_text()
    assert revisions.pull(paths, draft).number == 2
    text = draft.read_text()
    assert "max_trials = 60  # theirs" in text
    assert text.endswith("# where\n[backends.local]\ncores = 2\n")
    assert "seed" not in text
    assert (tmp_path / "params.toml.old").read_text() == mine
    assert not revisions.publish(paths, draft).changed
    edit(draft, search__seed=5)
    assert revisions.publish(paths, draft).number == 3


def test_pulling_what_is_not_there(draft, paths):
    with pytest.raises(SearchError, match="no revision"):
        revisions.pull(paths, draft)


def test_a_quick_scan_has_a_history_of_its_own(draft, paths):
    quick = HistoryPaths(paths.root.with_name("top-quick"))
    made = revisions.publish(quick, draft, quick=True)
    assert revisions.load(quick, 1).search.name == "top-quick"
    assert revisions.load(quick, 1).search.max_trials == 10
    assert revisions.newest(paths) is None
    assert not revisions.publish(quick, draft, quick=True).changed
    assert revisions.publish(quick, draft, {"search.max_trials": 4}, quick=True).changed
    assert published(quick) == [10, 4]
    (quick.params / ".base").rename(quick.root / "gone")
    assert revisions.publish(quick, draft, quick=True).number == made.number + 2  # never refused
    with pytest.raises(SearchError, match="is a quick scan"):
        revisions.pull(quick, draft)


def test_losses_that_would_mean_something_else(draft, paths):
    revisions.publish(paths, draft)
    (paths.root.parent / "top-2").mkdir()
    edit(draft, fixed__epochs=9)
    with pytest.raises(SearchError) as caught:
        revisions.publish(paths, draft, has_results=True)
    assert "fixed.epochs was 3 and is 9" in str(caught.value)
    assert "`--keep-losses`" in str(caught.value)
    assert 'name = "top-3"' in str(caught.value)
    assert revisions.newest(paths).number == 1
    assert revisions.publish(paths, draft, has_results=True, keep_losses=True).number == 2
    edit(draft, fixed__epochs=10)
    assert revisions.publish(paths, draft, has_results=False).number == 3


def test_the_space_may_change(draft, paths):
    revisions.publish(paths, draft)
    edit(draft, space__rate__high=2.0)
    assert revisions.publish(paths, draft, has_results=True).number == 2


def test_a_draft_with_mistakes_is_not_published(draft, paths):
    with pytest.raises(ParamsError, match=r"with the flags: one mistake\n  search.max_trials"):
        revisions.publish(paths, draft, {"search.max_trials": 0})
    edit(draft, objective="x.py:train")
    with pytest.raises(ParamsError):
        revisions.publish(paths, draft)
    assert revisions.newest(paths) is None


def test_the_search_of_another_draft(draft, paths):
    edit(draft, search__name="other")
    with pytest.raises(SearchError, match='name the search "other", not "top"'):
        revisions.publish(paths, draft)


def test_an_old_search_is_read_without_its_objective(draft, paths):
    revisions.publish(paths, draft)
    (draft.parent / "mine.py").unlink()
    assert revisions.load(paths, 1).search.objective == "mine.py:train"


def test_a_new_history_of_the_same_name_is_read_anew(draft, paths):
    revisions.publish(paths, draft)
    assert revisions.load(paths, 1).search.max_trials == 50
    (paths.params / "0001.toml").unlink()
    (paths.params / "0001.toml").write_text(TEXT.replace("50", "5"))
    assert revisions.load(paths, 1).search.max_trials == 5


def test_other_files_are_no_revisions(draft, paths):
    paths.params.mkdir(parents=True)
    for name in (".0007.toml.abc.tmp", "7.toml", "0007.toml~", "x0007.toml"):
        (paths.params / name).touch()
    assert revisions.newest(paths) is None
    (paths.params / "10000.toml").write_text(TEXT)
    (paths.params / "9999.toml").write_text(TEXT)
    assert revisions.newest(paths).number == 10000
    with pytest.raises(HistoryError, match="revision 3 is missing"):
        revisions.load(paths, 3)


def test_a_history_that_cannot_be_written(draft, paths):
    paths.root.mkdir(parents=True)
    paths.params.touch()
    with pytest.raises(HistoryError, match="cannot be read or written"):
        revisions.publish(paths, draft)


def test_nothing_is_left_lying_about(draft, paths):
    revisions.publish(paths, draft)
    revisions.publish(paths, draft, {"search.max_trials": 9})
    names = {path.relative_to(paths.params).as_posix() for path in paths.params.rglob("*")}
    assert {name for name in names if not name.startswith(".base")} == {"0001.toml", "0002.toml"}
    assert len(names) == 4
