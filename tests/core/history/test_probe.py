from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from tests.core.history.disks import filled, small_disk
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.probe import probe

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_this_file_system_can_do_everything(tmp_path: Path) -> None:
    paths = HistoryPaths(tmp_path / "history" / "new")
    abilities = probe(paths)
    assert [a.name for a in abilities] == [
        "write",
        "symbolic links",
        "hard links",
        "exclusive files",
        "sync",
    ]
    assert not any(a.problem for a in abilities)
    assert list(paths.root.iterdir()) == []


def test_what_is_missing_is_named(paths: HistoryPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr(os, "link", refuse)  # no such file system is at hand
    (problem,) = [a.problem for a in probe(paths) if a.problem]
    assert problem == "hard links: Operation not supported"


def test_links_that_are_not_exclusive_are_named(
    paths: HistoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "symlink", lambda *_args, **_more: None)
    (problem,) = [a.problem for a in probe(paths) if a.problem]
    assert "twice" in problem


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        paths = HistoryPaths(disk / "history" / "search")
        paths.create()
        with filled(disk):
            problems = [a.problem for a in probe(paths) if a.problem]
    assert any("the disk is full" in problem for problem in problems)


def test_a_place_that_cannot_be_written_is_the_only_answer(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (answer,) = probe(HistoryPaths(tmp_path / "file" / "search"))
    assert answer.name == "write"
    assert "directory" in answer.problem
