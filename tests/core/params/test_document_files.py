from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.core.params.documents import TEXT, document
from trialdeck.core.errors import DraftChanged, EditError, ParamsError
from trialdeck.core.params.document import Document

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "params.toml"
    path.write_text(TEXT)
    return path


def test_saving_writes_the_text_and_keeps_the_mode(file: Path) -> None:
    file.chmod(0o640)
    made = Document.load(file)
    assert not made.changed
    assert made.difference() == ""
    made.set_value("search.max_trials", 7)
    assert made.changed
    assert "+max_trials = 7" in made.difference()
    made.save()
    assert file.read_text() == made.text
    assert file.stat().st_mode & 0o777 == 0o640
    assert not made.changed
    made.undo()
    assert made.changed


def test_what_another_wrote_is_not_lost(file: Path) -> None:
    made = Document.load(file)
    assert not made.changed_on_disk()
    file.write_text(TEXT.replace("count = 2", "count = 3"))
    assert made.changed_on_disk()
    made.set_value("search.seed", 1)
    with pytest.raises(DraftChanged, match=r"-count = 2\n\+count = 3") as caught:
        made.save()
    assert str(file) in str(caught.value)
    assert "count = 3" in file.read_text()
    made.save(overwrite=True)
    assert file.read_text() == made.text
    made.set_value("search.seed", 2)
    made.save()


def test_a_file_that_was_only_touched_or_says_the_same_is_no_obstacle(file: Path) -> None:
    made = Document.load(file)
    made.set_value("search.seed", 1)
    file.write_text(TEXT)
    made.save()
    made.set_value("search.seed", 2)
    file.write_text(made.text)
    made.save()
    assert not made.changed


def test_a_file_that_is_gone_is_written_again(file: Path) -> None:
    made = Document.load(file)
    file.unlink()
    assert not made.changed_on_disk()
    made.save()
    assert file.read_text() == TEXT


def test_a_new_document_overwrites_no_file(file: Path) -> None:
    new = Document("[search]\n", file)
    assert new.changed
    with pytest.raises(DraftChanged):
        new.save()
    other = file.with_name("other.toml")
    new.save(other)
    assert other.read_text() == "[search]\n"
    assert new.changed


def test_the_byte_order_mark_and_line_ends_stay(file: Path) -> None:
    windows = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    file.write_bytes(windows)
    made = Document.load(file)
    made.set_value("search.seed", 3)
    made.add("uniform", after="space.rate")
    made.undo()
    made.undo()
    made.save()
    assert file.read_bytes() == windows
    made.rename("space.rate", "speed")
    made.save()
    assert file.read_bytes().count(b"\n") == file.read_bytes().count(b"\r\n")
    assert b"speed  = {" in file.read_bytes()


def test_what_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="there is no file"):
        Document.load(tmp_path / "params.toml")
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    with pytest.raises(EditError, match="cannot be written"):
        document().save(blocked / "params.toml")


def test_mistakes_can_be_saved(file: Path) -> None:
    made = Document.load(file)
    made.with_text("[search\n")
    made.save()
    assert file.read_text() == "[search\n"
