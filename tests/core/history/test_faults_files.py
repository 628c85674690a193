"""Files of a history that are cut, overwritten, taken away and brought back."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.core.history.making import finished, known, snapshot_of, some_trials, started
from trialdeck.core.history.codec import encode
from trialdeck.core.history.events import Closed, Opened
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History

NAMES = ("a.jsonl", "a.1.jsonl", "b.jsonl")
EVENTS = {
    "a.jsonl": [Opened(writer="a", v=1, kind="pool"), *some_trials(4, "a")],
    "a.1.jsonl": [started(5, writer="a"), finished(5, writer="a", loss=0.5), Closed(writer="a")],
    "b.jsonl": [started(6, writer="b"), finished(6, writer="b", loss=0.25), started(7, writer="b")],
}
GOOD = {name: b"".join(map(encode, events)) for name, events in EVENTS.items()}
WHOLE = known(snapshot_of(*(event for name in NAMES for event in EVENTS[name])))


def a_history() -> HistoryPaths:
    paths = HistoryPaths(Path(tempfile.mkdtemp()) / "history" / "t")
    paths.create()
    return paths


class Files(RuleBasedStateMachine):
    """Harms the files of a history at will, while one reader looks on and others come anew."""

    @initialize()
    def begin(self) -> None:
        self.paths = a_history()
        self.reader = History(self.paths)
        self.seen: dict[int, str] = {}
        for name in NAMES:
            (self.paths.journal / name).write_bytes(GOOD[name])

    def _file(self, name: str) -> Path:
        return self.paths.journal / name

    def _content(self, name: str) -> bytes:
        return self._file(name).read_bytes() if self._file(name).exists() else b""

    @rule(name=st.sampled_from(NAMES), share=st.floats(0, 1))
    def cut(self, name: str, share: float) -> None:
        content = self._content(name)
        self._file(name).write_bytes(content[: int(share * len(content))])

    @rule(name=st.sampled_from(NAMES), share=st.floats(0, 1))
    def replace_by_a_shorter_one(self, name: str, share: float) -> None:
        new = self._file(name).with_suffix(".new")
        new.write_bytes(GOOD[name][: int(share * len(GOOD[name]))])
        new.replace(self._file(name))

    @rule(
        name=st.sampled_from(NAMES),
        share=st.floats(0, 1),
        garbage=st.sampled_from([b"\0" * 90, b"\n", b"x\ny\n", b"\xff" * 40, b'{"e":"']),
    )
    def overwrite(self, name: str, share: float, garbage: bytes) -> None:
        content = bytearray(self._content(name))
        start = int(share * len(content))
        content[start : start + len(garbage)] = garbage[: len(content) - start]
        with self._file(name).open("r+b" if self._file(name).exists() else "wb") as file:
            file.write(content)

    @rule(name=st.sampled_from(NAMES))
    def take_away(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)

    @rule(name=st.sampled_from(NAMES))
    def bring_back(self, name: str) -> None:
        with self._file(name).open("r+b" if self._file(name).exists() else "wb") as file:
            file.write(GOOD[name])

    @rule(gone=st.sets(st.sampled_from("ab")))
    def look(self, gone: set[str]) -> None:
        snapshot = self.reader.refresh(gone.__contains__)
        states = {tid: str(trial.state) for tid, trial in snapshot.trials.items()}
        for tid, state in self.seen.items():
            assert states[tid] == state or state == "running", "something was forgotten"
        self.seen = states

    @rule()
    def a_fresh_look(self) -> None:
        states = {t: str(x.state) for t, x in History(self.paths).refresh().trials.items()}
        whole = {t: str(x.state) for t, x in WHOLE["trials"].items()}
        # A start that cannot be read leaves the result, and the other way round.
        assert all(states[t] in (whole[t], "running") for t in states)

    def teardown(self) -> None:
        for name in NAMES:
            self.bring_back(name)
        for history in (self.reader, History(self.paths)):
            history.refresh()  # finds that newlines it knew have gone
            snapshot = history.refresh(lambda _writer: True)
            assert known(snapshot) == WHOLE
            assert snapshot.damaged == ()


Files.TestCase.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)
TestFiles = Files.TestCase


def test_a_last_line_that_arrives_after_its_size_is_read_though_its_writer_is_gone() -> None:
    paths = a_history()
    file = paths.journal / "b.jsonl"
    data = GOOD["b.jsonl"]
    last = data.rindex(b"\n", 0, -1) + 1
    file.write_bytes(data[:last] + b"\0" * (len(data) - last))
    history = History(paths)
    assert 7 not in history.refresh(lambda _writer: True).trials
    with file.open("r+b") as arriving:
        arriving.write(data)
    snapshot = history.refresh(lambda _writer: True)
    assert snapshot.trials[7].state == "running"
    assert snapshot.damaged == ()


def test_a_line_that_was_read_as_two_is_read_as_one_later() -> None:
    paths = a_history()
    file = paths.journal / "b.jsonl"
    file.write_bytes(GOOD["b.jsonl"][:20] + b"\n" + GOOD["b.jsonl"][21:])
    history = History(paths)
    assert history.refresh().trials[6].start is None
    with file.open("r+b") as arriving:
        arriving.write(GOOD["b.jsonl"])
    assert history.refresh().trials[6].start is not None
