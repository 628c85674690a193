"""Scripts on a disk that has no room for another file: they wait, and lose nothing."""

from __future__ import annotations

import logging
import signal
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
from hyperopt import fmin, hp, rand

from tests.core.history.disks import filled, small_disk
from tests.core.pool.disks import disk_of_few_files, no_more_files
from trialdeck.core.errors import HistoryError
from trialdeck.core.history import claims
from trialdeck.core.history_trials import HistoryTrials
from trialdeck.core.scripts import patience
from trialdeck.core.scripts.heart import Heart
from trialdeck.core.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Full:
    """A disk that can be filled, and what is done when somebody waits for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.waited = 0
        self._filling = ExitStack()

    def fill(self) -> None:
        """Leave no room for another file."""
        self.empty()
        self._filling.enter_context(no_more_files(self.folder))

    def empty(self) -> None:
        """Make room again."""
        self._filling.close()

    @contextmanager
    def when_waited_for(self, action: Callable[[], None]) -> Iterator[None]:
        """Do this in the thread that has begun to wait."""

        class Handler(logging.Handler):
            def emit(_self, _record: logging.LogRecord) -> None:  # noqa: N805
                self.waited += 1
                action()

        handler = Handler()
        patience.logger.addHandler(handler)
        try:
            yield
        finally:
            patience.logger.removeHandler(handler)


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Full]:
    monkeypatch.setattr(patience, "PATIENCE", 0.01)
    with disk_of_few_files(tmp_path / "disk", 300) as folder:
        full = Full(folder)
        try:
            yield full
        finally:
            full.empty()


@pytest.fixture
def trials(disk: Full) -> HistoryTrials:
    return HistoryTrials(disk.folder / "history" / "x")


def search(trials: HistoryTrials, fn: Callable[[float], object], max_evals: int = 3) -> None:
    space = hp.uniform("x", 0, 1)
    fmin(fn, space, algo=rand.suggest, max_evals=max_evals, trials=trials, verbose=False)


def test_an_attachment_waits_for_room(disk: Full, trials: HistoryTrials) -> None:
    def attaching(x):
        disk.fill()
        return {"loss": x, "status": "ok", "attachments": {"model": b"\1" * 10}}

    with disk.when_waited_for(disk.empty):
        search(trials, attaching)
    assert disk.waited == 3
    assert [trials.trial_attachments(one)["model"] for one in trials] == [b"\1" * 10] * 3
    assert Search(trials._book.paths).snapshot().counts.ok == 3


def test_an_attachment_that_will_never_be_written_is_an_error(trials: HistoryTrials) -> None:
    trials.folder.mkdir(parents=True, exist_ok=True)
    trials.attachments.folder.write_text("in the way")
    with pytest.raises(HistoryError, match="cannot be written"):
        trials.attachments["x"] = "y"


def test_asking_for_an_attachment_writes_nothing(trials: HistoryTrials) -> None:
    trials.attachments["x"] = "y"
    assert "long" * 100 not in trials.attachments
    assert len(list(trials.attachments.folder.iterdir())) == 1


@pytest.mark.parametrize("of_a_number", [False, True])
def test_a_claim_waits_for_room(disk: Full, trials: HistoryTrials, of_a_number) -> None:
    with trials:
        writer = trials._book.writer
        claim = writer.take if of_a_number else trials.new_trial_ids
        disk.fill()
        with disk.when_waited_for(disk.empty):
            assert claim(1)
        assert disk.waited == 1


def test_a_search_goes_on_when_there_is_room_for_claims(disk: Full, trials: HistoryTrials) -> None:
    def stop(_trials, *_seen):
        disk.fill()
        return False, []

    with disk.when_waited_for(disk.empty):
        space = hp.uniform("x", 0, 1)
        fmin(
            lambda x: x,
            space,
            algo=rand.suggest,
            max_evals=3,
            trials=trials,
            verbose=False,
            early_stop_fn=stop,
        )
    assert disk.waited >= 2
    assert trials.losses() == [one["result"]["loss"] for one in trials]
    assert Search(trials._book.paths).snapshot().counts.ok == 3


def test_a_full_disk_does_not_hold_up_the_end_of_the_time(
    disk: Full, trials: HistoryTrials
) -> None:
    with trials, disk.when_waited_for(lambda: None):
        assert trials.new_trial_ids(1) == [0]
        disk.fill()
        assert trials._book.claim(1, deadline=0.0) == []
        disk.empty()
    assert disk.waited == 0


def test_what_was_taken_over_meanwhile_does_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.01)
    space = hp.choice("long", ["a" * 20_000, "b" * 20_000])  # a start that needs room
    seen: list[str] = []
    with small_disk(tmp_path / "disk", 512) as folder, ExitStack() as filling:
        trials = HistoryTrials(folder / "history" / "x", wait=False)
        full = Full(folder)

        def take_over() -> None:
            (tid,) = trials._book.writer.claimed
            claims.take(trials._book.paths, tid, 1, "another")
            filling.close()

        def fill(_trials, *_seen):
            if not full.waited:
                filling.enter_context(filled(folder))
            return False, []

        with full.when_waited_for(take_over):
            fmin(
                lambda x: seen.append(x) or 0.0,
                space,
                algo=rand.suggest,
                max_evals=2,
                trials=trials,
                verbose=False,
                early_stop_fn=fill,
            )
        assert full.waited == 1
        assert len(seen) == len(trials) == 1


def test_waiting_is_not_told_at_every_try(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.0)
    waiting = patience.Patience()
    for number in range(3):
        waiting.wait(f"part {number}")
    assert [record.args for record in caplog.records] == [("part 0",)]
    monkeypatch.setattr(patience, "TELL_SECONDS", 0.0)
    waiting.wait("part 0")
    waiting.wait("part 4")
    assert [record.args for record in caplog.records] == [("part 0",), ("part 4",)]


def test_leaving_a_full_disk_leaves_nothing_behind(disk: Full, trials: HistoryTrials) -> None:
    def filling(x):
        if len(trials):
            disk.fill()
        return x

    def press() -> None:
        signal.raise_signal(signal.SIGINT)

    hearts = [one for one in threading.enumerate() if isinstance(one, Heart)]
    with disk.when_waited_for(press), pytest.raises(KeyboardInterrupt):
        search(trials, filling)
    assert disk.waited >= 2
    disk.empty()
    assert [one for one in threading.enumerate() if isinstance(one, Heart)] == hearts
    assert len(trials) == 1
    search(trials, lambda x: x)
    assert sorted(trials.tids) == [0, 1, 2]
    assert Search(trials._book.paths).snapshot().counts.ok == 3


def test_a_ctrl_c_while_it_waits_records_the_result_once(disk: Full, trials: HistoryTrials) -> None:
    def filling(x):
        disk.fill()
        return x

    def press() -> None:
        if disk.waited == 1:
            signal.raise_signal(signal.SIGINT)
        disk.empty()

    with disk.when_waited_for(press), pytest.raises(KeyboardInterrupt):
        search(trials, filling)
    assert disk.waited == 2
    (trial,) = Search(trials._book.paths).snapshot().trials.values()
    assert trial.loss == trials.losses()[0]
    (journal,) = trials._book.paths.journal.glob("*.jsonl")
    assert journal.read_text().count('"finished"') == 1


def test_a_ctrl_c_after_a_result_is_recorded_loses_nothing(
    trials: HistoryTrials, monkeypatch: pytest.MonkeyPatch
) -> None:
    def idles(_heart) -> None:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(Heart, "idles", idles)
    with pytest.raises(KeyboardInterrupt):
        search(trials, lambda x: x)
    assert len(trials) == 1
    assert Search(trials._book.paths).snapshot().counts.ok == 1
    search(trials, lambda x: x)
    assert sorted(trials.tids) == [0, 1, 2]
