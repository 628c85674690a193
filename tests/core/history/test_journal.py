from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.core.history.disks import files_up_to, filled, small_disk
from tests.core.history.making import finished, known, snapshot_of, some_trials, started
from trialdeck.core.errors import HistoryError
from trialdeck.core.history.events import Closed, Opened, Setting, Started
from trialdeck.core.history.journal import Journal, new_writer_id
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.history.rows import RowDecoder

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.history.events import AnyEvent


def lines(paths: HistoryPaths, name: str) -> list[AnyEvent | None]:
    decode = RowDecoder().decode
    events = [decode(line) for line in (paths.journal / name).read_bytes().splitlines()]
    return [event for event in events if not isinstance(event, Setting)]


def names(paths: HistoryPaths) -> list[str]:
    return sorted(path.name for path in paths.journal.iterdir())


def trials_of(paths: HistoryPaths) -> object:
    return known(History(paths).refresh())["trials"]


def test_a_journal_from_its_first_line_to_its_last(paths: HistoryPaths) -> None:
    journal = Journal.create(paths, "a", "pool")
    assert journal.append(started(at=1.0), finished(at=2.0))
    assert journal.close()
    opened, start, end, closed = lines(paths, "a.jsonl")
    assert isinstance(opened, Opened)
    assert (opened.kind, opened.v) == ("pool", 1)
    assert (start, end) == (started(at=1.0), finished(at=2.0))
    assert isinstance(closed, Closed)


def test_site_epoch_and_time_are_filled_in(paths: HistoryPaths) -> None:
    journal = Journal.create(paths, "a", "pool", site="bonn", epoch=2)
    journal.append(started(), started(1, at=5.0))
    opened, first, second = lines(paths, "a.jsonl")
    for event in (opened, first, second):
        assert isinstance(event, Opened | Started)
        assert (event.site, event.epoch) == ("bonn", 2)
        assert event.at > 0
    assert isinstance(second, Started)
    assert second.at == 5.0


def test_a_journal_is_never_reopened(paths: HistoryPaths) -> None:
    Journal.create(paths, "a", "pool")
    with pytest.raises(HistoryError, match=r"a\.jsonl: File exists"):
        Journal.create(paths, "a", "pool")


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "history").touch()
    with pytest.raises(HistoryError, match="no journal can be started"):
        Journal.create(HistoryPaths(tmp_path / "history" / "x"), "a", "pool")


def test_writer_ids_are_never_the_same() -> None:
    ids = {new_writer_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(i) == 12 and int(i, 16) >= 0 for i in ids)


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        paths = HistoryPaths(disk / "history" / "search")
        paths.create()
        journal = Journal.create(paths, "a", "pool")
        events = some_trials(100)
        assert journal.append(*events[:50])
        with filled(disk):
            # The last page of the journal has room for a part of this.
            assert not journal.append(*events[50:150])
            assert not journal.append(*events[150:])
            assert journal.pending == 150
            assert "the disk is full" in journal.trouble
            assert trials_of(paths) != trials_after(events)
        assert journal.flush()
        assert (journal.pending, journal.trouble) == (0, "")
        assert trials_of(paths) == trials_after(events)
        assert journal.close()
        assert len(names(paths)) == 2
        assert History(paths).refresh().damaged == ()


def trials_after(events: list[AnyEvent]) -> object:
    return known(snapshot_of(*events))["trials"]


WRITER = """
import sys
from pathlib import Path
from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.journal import Journal
from trialdeck.core.history.paths import HistoryPaths

journal = Journal.create(HistoryPaths(Path(sys.argv[1])), "a", "pool")
for tid in range(10**6):
    journal.append(Started(writer="a", tid=tid, point={"x": tid}))
    journal.append(Finished(writer="a", tid=tid, outcome="ok", loss=1.0))
    print(tid, flush=True)
"""


def test_what_was_written_before_a_kill_is_there(paths: HistoryPaths) -> None:
    history = History(paths)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(paths.root)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            assert history.refresh().trials[int(line)].state == "ok"
            if int(line) == 50:
                process.kill()
        process.wait()
    snapshot = history.refresh(lambda _: True)
    assert snapshot.counts.ok >= 51
    assert snapshot.damaged == ()  # whole lines are written at once
    assert known(snapshot) == known(History(paths).refresh())


def test_after_a_short_write_a_new_part_begins(paths: HistoryPaths) -> None:
    journal = Journal.create(paths, "a", "pool")
    events = [started(at=1.0), finished(at=2.0), started(1, at=3.0)]
    journal.append(events[0])
    size = (paths.journal / "a.jsonl").stat().st_size
    with files_up_to(size + 20):
        assert not journal.append(events[1])
        assert not journal.append(events[2])  # nothing can be written anywhere
    assert (paths.journal / "a.jsonl").stat().st_size == size + 20
    assert names(paths) == ["a.jsonl"]
    assert journal.flush()
    new, old = names(paths)
    assert old == "a.jsonl"
    assert (paths.journal / old).stat().st_size == size + 20
    opened, *rest = lines(paths, new)
    assert isinstance(opened, Opened)
    assert rest == events[1:]
    assert known(History(paths).refresh())["trials"] == known(snapshot_of(*events))["trials"]


def test_what_is_torn_by_a_short_write_is_no_damage(paths: HistoryPaths) -> None:
    journal = Journal.create(paths, "a", "pool")
    size = (paths.journal / "a.jsonl").stat().st_size
    with files_up_to(size + 20):
        journal.append(started())
    assert journal.close()
    snapshot = History(paths).refresh()
    assert snapshot.damaged == ()
    assert snapshot.counts.running == 1
    assert snapshot.writers["a"].closed


def test_strict_raises_and_forgets(paths: HistoryPaths) -> None:
    journal = Journal.create(paths, "a", "pool")
    with files_up_to(0):
        journal.append(started())
        with pytest.raises(HistoryError, match=r"nothing can be recorded: .*limit"):
            journal.append(started(1), strict=True)
        assert journal.pending == 1
    assert journal.append(started(2), strict=True)
    assert list(History(paths).refresh().trials) == [0, 2]


def test_the_end_waits_for_room_like_everything(paths: HistoryPaths) -> None:
    journal = Journal.create(paths, "a", "pool")
    with files_up_to(1):
        assert not journal.close()
    assert journal.flush()
    assert History(paths).refresh().writers["a"].closed
