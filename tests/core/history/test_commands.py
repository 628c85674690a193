from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import commands
from trialdeck.core.history.commands import Commands
from trialdeck.core.history.paths import HistoryPaths

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_has_been_said(paths: HistoryPaths, tmp_path: Path) -> None:
    assert commands.read(paths, "w") == Commands()
    assert commands.read(HistoryPaths(tmp_path / "none"), "w") == Commands()


def test_stop_is_for_one_pool(paths: HistoryPaths) -> None:
    commands.stop(paths, "w")
    assert commands.read(paths, "w").stop == "after trial"
    assert commands.read(paths, "v").stop == ""
    commands.stop(paths, "w", now=True)
    assert commands.read(paths, "w").stop == "now"
    commands.withdraw(paths, "w")
    assert commands.read(paths, "w") == Commands()
    assert list(paths.commands.iterdir()) == []


def test_the_number_of_cores_is_for_one_pool(paths: HistoryPaths) -> None:
    commands.resize(paths, "w", 3)
    assert commands.read(paths, "w").cores == 3
    commands.resize(paths, "w", 0)
    assert commands.read(paths, "w").cores == 0
    assert commands.read(paths, "v").cores is None


def test_a_pause_is_for_all_and_says_why(paths: HistoryPaths) -> None:
    commands.pause(paths, reason="five failures", kind="failures", by="pool w")
    for writer in ("w", "v"):
        paused = commands.read(paths, writer).paused
        assert paused is not None
        assert (paused.reason, paused.kind, paused.by) == ("five failures", "failures", "pool w")
        assert paused.at > 0


def test_resuming_forgives_more_and_more(paths: HistoryPaths) -> None:
    commands.pause(paths, reason="five failures")
    commands.resume(paths, forgiven=[3, 1])
    assert commands.read(paths, "w") == Commands(forgiven=frozenset({1, 3}))
    commands.resume(paths, forgiven=[7])
    assert commands.read(paths, "w").forgiven == {1, 3, 7}


@pytest.mark.parametrize("content", [b"", b"{", b"many", b"\0\xff", b"[]", b'{"forgiven": "x"}'])
def test_what_makes_no_sense_is_passed_over(paths: HistoryPaths, content: bytes) -> None:
    for name in ("cores.w", "resumed", "stop.", ".stop.w.1.tmp", "dance.w"):
        (paths.commands / name).write_bytes(content)
    assert commands.read(paths, "w") == Commands()
    commands.resume(paths, forgiven=[1])
    assert commands.read(paths, "w").forgiven == {1}


def test_a_pause_made_by_hand_is_one(paths: HistoryPaths) -> None:
    (paths.commands / "pause").touch()
    paused = commands.read(paths, "w").paused
    assert paused is not None
    assert "pause" in paused.reason


def test_what_cannot_be_said_or_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "commands").touch()
    paths = HistoryPaths(tmp_path)
    with pytest.raises(HistoryError, match="cannot be given"):
        commands.stop(paths, "w")
    with pytest.raises(HistoryError, match="cannot be read"):
        commands.read(paths, "w")
    with pytest.raises(HistoryError, match="cannot be taken back"):
        commands.withdraw(paths, "w")
