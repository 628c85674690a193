from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trialdeck.core.check import check
from trialdeck.core.errors import SearchError
from trialdeck.core.params.starter import demo
from trialdeck.core.params.write import set_values
from trialdeck.tui.deck import Deck
from trialdeck.tui.session import Session

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "params.toml"


def test_in_an_empty_folder_there_is_nothing(file: Path) -> None:
    session = Session(Deck(file))
    assert session.find() is None
    assert not session.has_draft
    assert session.why_none() == ""
    with pytest.raises(SearchError, match="trialdeck init"):
        _ = session.search


def test_a_search_appears_when_somebody_starts_it(file: Path) -> None:
    session = Session(Deck(file))
    file.write_text(demo())
    assert session.find() is None
    Session(Deck(file)).publish()
    found = session.find()
    assert found is not None
    assert found.paths.name == "demo"
    assert session.find() is found


def test_a_history_is_read_once_though_the_draft_changes(file: Path) -> None:
    file.write_text(demo())
    session = Session(Deck(file))
    first = session.publish()
    file.write_text(demo() + "\n[backends.local]\ncores = 3\n")
    assert session.find() is first
    assert first.launcher.settings == {"local": {"cores": 3}}


def test_another_name_in_the_draft_is_another_search(file: Path) -> None:
    file.write_text(demo())
    session = Session(Deck(file))
    first = session.publish()
    file.write_text(set_values(demo(), {"search.name": "other"}))
    assert session.find() is None
    assert "other" in session.why_none()
    assert session.publish() is not first


def test_a_draft_with_mistakes_hides_no_search(file: Path) -> None:
    file.write_text(demo())
    session = Session(Deck(file))
    first = session.publish()
    file.write_text(demo().replace("max_trials = 100", 'max_trials = "many"'))
    assert session.find() is first


def test_a_history_that_is_deleted_is_gone(file: Path) -> None:
    file.write_text(demo())
    session = Session(Deck(file))
    found = session.publish()
    for path in sorted(found.paths.root.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    found.paths.root.rmdir()
    assert session.find() is None


def test_a_folder_that_a_check_has_made_is_no_search(file: Path) -> None:
    file.write_text(demo())
    session = Session(Deck(file))
    check(file)
    assert (file.parent / "history" / "demo").is_dir()
    assert session.find() is None
    assert session.why_none() == ""
    assert session.publish() is session.find()
