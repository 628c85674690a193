"""Following logs: from the end, as they grow, and back to their beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.core import log_following
from trialdeck.core.errors import HistoryError
from trialdeck.core.log_following import Follower, trial_begun
from trialdeck.core.logs import Slice

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "0.log"


def add(log: Path, text: str | bytes) -> None:
    with log.open("ab") as file:
        file.write(text.encode() if isinstance(text, str) else text)


def test_lines_come_once_and_in_order(log: Path):
    follower = Follower(Slice(log, 0, None))
    assert follower.read().lines == []  # it is not there yet
    add(log, "one\ntwo\n")
    first = follower.read()
    assert (first.lines, first.partial, first.anew) == (["one", "two"], "", True)
    assert follower.read().lines == []
    add(log, "thr")
    assert follower.read().partial == "thr"
    add(log, "ee\nfour")
    news = follower.read()
    assert (news.lines, news.partial, news.anew) == (["three"], "four", False)


def test_a_progress_bar_shows_its_last_state(log: Path):
    add(log, "training\n 10%\r 20%")
    follower = Follower(Slice(log, 0, None))
    assert follower.read().partial == " 20%"
    add(log, "\r 30%")
    assert follower.read().partial == " 30%"
    add(log, "\rdone\n")
    assert follower.read().lines == ["done"]


def test_a_long_log_is_read_from_its_end_and_then_backwards(log: Path):
    lines = [f"line {number} ".ljust(40, "x") for number in range(5000)]
    add(log, "\n".join(lines) + "\n")
    follower = Follower(Slice(log, 0, None), first=10_000)
    read = follower.read().lines
    assert 200 < len(read) < 260
    assert not follower.is_whole
    while older := follower.older():
        assert len(older) < 260
        read[:0] = older
    assert read == lines
    assert follower.is_whole


@given(
    st.lists(st.text(alphabet="ab", max_size=40), max_size=30),
    st.integers(1, 60),
    st.booleans(),
)
def test_what_is_read_backwards_is_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], first: int, whole: bool
):
    log = tmp_path_factory.mktemp("logs") / "0.log"
    add(log, "\n".join(lines) + ("\n" if whole else ""))
    follower = Follower(Slice(log, 0, None), first=first)
    news = follower.read()
    read = [*news.lines, news.partial]
    while not follower.is_whole:
        read = [*follower.older(), *read]
    # A line longer than a block comes in parts.
    assert "".join(read) == "".join(lines)
    if first > 41:
        assert "\n".join(read).rstrip("\n") == "\n".join(lines).rstrip("\n")


def test_a_log_that_begins_anew(log: Path):
    add(log, "old one\nold two\n")
    follower = Follower(Slice(log, 0, None))
    follower.read()
    log.write_text("new\n")
    news = follower.read()
    assert (news.lines, news.anew) == (["new"], True)
    other = log.with_name("other")
    other.write_text("another file, longer than the one before\n")
    other.replace(log)
    assert follower.read() == (["another file, longer than the one before"], "", True)


def test_of_very_much_only_the_end_is_read(log: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(log_following, "JUMP", 1000)
    add(log, "first\n")
    follower = Follower(Slice(log, 0, None), first=100)
    follower.read()
    add(log, "x" * 18 + "\n" + ("y" * 19 + "\n") * 100)
    news = follower.read()
    assert news.anew
    assert news.lines == ["y" * 19] * 5


def test_a_trial_ends_where_the_next_begins(log: Path):
    head = "--- trial 0 attempt 0 ---\n"
    add(log, head + "mine\n")
    follower = Follower(Slice(log, len(head), None))
    assert follower.read().lines == ["mine"]
    assert not follower.ended
    add(log, "mine too\n--- trial 1 attempt 0 ---\nnot mine\n")
    assert follower.read().lines == ["mine too"]
    assert follower.ended
    add(log, "nor this\n")
    assert follower.read().lines == []


def test_a_slice_with_an_end(log: Path):
    add(log, "head\nmine\nits\n")
    follower = Follower(Slice(log, 5, 10))
    assert follower.read().lines == ["mine"]
    assert follower.ended


def test_a_whole_core_has_the_lines_that_begin_trials(log: Path):
    add(log, "--- trial 0 attempt 0 ---\na\n--- trial 1 attempt 2 ---\n")
    lines = Follower(Slice(log, 0, None)).read().lines
    assert [trial_begun(line) for line in lines] == [0, None, 1]


def test_odd_bytes_and_endless_lines(log: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(log_following, "LONGEST", 100)
    monkeypatch.setattr(log_following, "BLOCK", 64)
    add(
        log,
        b"\xff\xfe odd\n" + b"z" * 1000 + b"\nend\n" + b"".join(b"\r%4d" % n for n in range(99)),
    )
    news = Follower(Slice(log, 0, None)).read()
    assert news.lines[0] == "\ufffd\ufffd odd"
    assert "".join(news.lines[1:-1]) == "z" * 1000
    assert news.lines[-1] == "end"
    assert news.partial == "  98"


def test_a_log_that_cannot_be_read(log: Path):
    log.unlink(missing_ok=True)
    log.symlink_to(log)  # also root cannot follow it
    with pytest.raises(HistoryError, match="the log cannot be read"):
        Follower(Slice(log, 0, None)).read()


def test_a_folder_is_no_log(tmp_path: Path):
    with pytest.raises(HistoryError, match="the log cannot be read"):
        Follower(Slice(tmp_path, 0, None)).read()
