import os

import pytest

from tests.tui.command_line import WRITER, a_search, some_trials
from trialdeck.core import logs
from trialdeck.core.errors import SearchError
from trialdeck.core.history.events import Finished, Started


@pytest.fixture
def search(tmp_path):
    return a_search(tmp_path, *some_trials())


def write(search, text: bytes, writer=WRITER, core=0):
    path = search.paths.log(writer, core)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)


def of_trial(search, tid, attempt=None):
    part = logs.trial_log(search.paths, search.snapshot().trials[tid], attempt)
    return b"".join(logs.read(part)), part.end


def mark(tid, attempt=0):
    return f"--- trial {tid} attempt {attempt} ---\n".encode()


@pytest.mark.parametrize("block", [1, 2, 7, 25, 64, 1 << 20])
def test_a_slice_is_found_however_the_blocks_fall(search, monkeypatch, block):
    monkeypatch.setattr(logs, "BLOCK", block)
    longer = b"y" * 300 + b"\n"
    text = mark(0) + b"a\n" + longer + mark(2) + b"not --- trial 5 attempt 0 ---\n" + mark(5) + b"z"
    write(search, text)
    assert of_trial(search, 0) == (b"a\n" + longer, text.index(mark(2)))
    assert of_trial(search, 2)[0] == b"not --- trial 5 attempt 0 ---\n"
    assert of_trial(search, 5) == (b"z", None)


@pytest.mark.parametrize("block", [3, 1 << 20])
def test_a_line_of_our_kind_counts_only_when_it_is_whole(search, monkeypatch, block):
    monkeypatch.setattr(logs, "BLOCK", block)
    write(search, mark(0) + b"x" + mark(5) + b"--- trial 5 attempt 0 ---")
    assert of_trial(search, 0)[0].startswith(b"x--- trial 5")
    with pytest.raises(SearchError, match="is not here"):
        of_trial(search, 5)


def test_what_is_no_text_comes_out_as_it_is(search):
    write(search, mark(0) + b"\xff\x00\r\n")
    assert of_trial(search, 0)[0] == b"\xff\x00\r\n"


def test_a_trial_without_output_has_an_empty_slice(search):
    write(search, mark(0) + mark(2))
    assert of_trial(search, 0) == (b"", len(mark(0)))


def test_each_attempt_is_in_the_log_of_its_own_core(tmp_path):
    about = {"tid": 0, "at": 1e9}
    first = Started(**about, writer=WRITER, point={"x1": 1.0}, core=1)
    end = Finished(**about, writer=WRITER, outcome="interrupted", cause="stopped")
    second = Started(**about, writer="other", attempt=1, point={"x1": 1.0}, core=0)
    search = a_search(tmp_path, first, end, second)
    write(search, mark(0) + b"first\n", core=1)
    write(search, mark(0, 1) + b"second\n", writer="other")
    assert of_trial(search, 0)[0] == b"second\n"
    assert of_trial(search, 0, 0)[0] == b"first\n"


def test_the_log_of_a_core_is_all_of_it(search):
    write(search, b"one\n" + mark(0))
    assert b"".join(logs.read(logs.core_log(search.paths, WRITER, 0))) == b"one\n" + mark(0)
    with pytest.raises(SearchError, match="core 3"):
        logs.core_log(search.paths, WRITER, 3)


def test_the_trial_at_a_place(search):
    text = b"starting\n" + mark(3) + b"a\n" + mark(7, 1) + b"b\n"
    write(search, text)
    part = logs.core_log(search.paths, WRITER, 0)
    assert logs.trial_at(part, 0) is None
    assert logs.trial_at(part, text.index(b"a\n")) == 3
    assert logs.trial_at(part, len(text)) == 7


def test_every_log_is_found_the_newest_first(search):
    assert logs.logs_there(search.paths) == []
    write(search, b"core\n", core=12)
    pool = search.paths.logs / "pool-1123-142200-4f2a90.log"
    pool.write_bytes(b"the pool\n")
    (search.paths.logs / WRITER / "notes.log").write_bytes(b"of no core")
    os.utime(search.paths.log(WRITER, 12), (100, 100))
    os.utime(pool, (200, 200))
    assert logs.logs_there(search.paths) == [
        logs.LogFile("1123-142200-4f2a90", "", 0, 9, 200.0),
        logs.LogFile("", WRITER, 12, 5, 100.0),
    ]
    assert logs.pool_log(search.paths, "1123-142200-4f2a90").path == pool
    with pytest.raises(SearchError, match="the pool x has printed nothing"):
        logs.pool_log(search.paths, "x")
