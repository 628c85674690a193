from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.history.making import finished, known, messy_events, some_trials, started
from trialdeck.core.history import digest, reader
from trialdeck.core.history.codec import encode
from trialdeck.core.history.events import Closed, Granted, Mended, Trouble
from trialdeck.core.history.journal import Journal
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.history.state import State
from trialdeck.core.history.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trialdeck.core.history.events import Event


@pytest.fixture(autouse=True)
def at_every_look() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "DIGEST_BYTES", 1)
        yield


def everything(paths: HistoryPaths, **how: bool) -> dict[str, Any]:
    snapshot = History(paths, **how).refresh()
    return known(snapshot) | {"trials": list(snapshot.trials.values())}


def from_lines(paths: HistoryPaths) -> dict[str, Any]:
    return everything(paths, trusting=False)


@pytest.fixture
def watched(paths: HistoryPaths) -> HistoryPaths:
    """A search of which somebody has written a digest."""
    for writer, first in (("a", 0), ("b", 100)):
        journal = Journal.create(paths, writer, "pool")
        journal.append(
            *(started(n, writer=writer, point={"x": n / 7, "k": "relu"}) for n in range(first, 90)),
            *(finished(n, writer=writer, loss=n / 3) for n in range(first, 80)),
            Trouble(writer=writer, text="a disk is full"),
            Granted(writer=writer, tid=500, to="bonn"),
            Mended(writer=writer, file="c.jsonl", start=1, end=2),
        )
        journal.close()
    Journal.create(paths, "c", "pool").append(started(300, writer="c"))
    History(paths, digests=True).refresh()
    assert paths.digest.exists()
    return paths


def lines_read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return a list into which all lines go that are read from now on."""
    read: list[bytes] = []
    take = Tail._take

    def noted(self: Any, data: bytes, *rest: Any) -> None:
        read.extend(data.splitlines())
        take(self, data, *rest)

    monkeypatch.setattr(Tail, "_take", noted)
    return read


def test_nothing_is_read_twice(watched: HistoryPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = from_lines(watched)
    read = lines_read(monkeypatch)
    assert everything(watched) == expected
    assert read == []
    assert len(expected["trials"]) == 91
    with (watched.journal / "c.jsonl").open("ab") as file:
        file.write(encode(finished(300, writer="c", loss=-1.0)))
    assert everything(watched)["best"] == 300
    assert len(read) == 1
    assert everything(watched) == from_lines(watched)


def spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-30] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "change",
    [
        lambda paths: (paths.journal / "a.jsonl").unlink(),
        lambda paths: os.truncate(paths.journal / "a.jsonl", 900),
        lambda paths: spoil(paths.journal / "b.jsonl"),
        lambda paths: spoil(paths.digest),
        lambda paths: paths.digest.write_bytes(b""),
        lambda paths: paths.digest.write_bytes(b"\xc1\0\0\0\0"),
        lambda paths: os.truncate(paths.digest, 500),
    ],
    ids=["gone", "shorter", "changed", "spoilt", "empty", "no digest", "torn"],
)
def test_a_digest_that_does_not_hold_is_left_aside(watched: HistoryPaths, change: Any) -> None:
    change(watched)
    assert everything(watched) == from_lines(watched)


def test_another_version_is_left_aside(
    watched: HistoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = from_lines(watched)
    monkeypatch.setattr(digest, "VERSION", digest.VERSION + " promoted")
    assert digest.read(watched.digest, watched.journal) is None
    assert everything(watched) == expected


def test_it_is_needed_by_nobody(watched: HistoryPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.digest.unlink()
    expected = from_lines(watched)

    def no_room(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(digest.disk, "replace", no_room)
    assert everything(watched, digests=True) == expected
    assert not watched.digest.exists()


def test_numbers_beyond_64_bits_are_read_from_the_lines(paths: HistoryPaths) -> None:
    Journal.create(paths, "a", "pool").append(*some_trials(3), started(7, point={"x": 2**80}))
    assert everything(paths, digests=True) == everything(paths)
    assert everything(paths)["trials"][-1].point == {"x": 2**80}


def test_bad_lines_are_not_forgotten(paths: HistoryPaths) -> None:
    Journal.create(paths, "a", "pool").append(*some_trials(3))
    late = encode(finished(9, loss=1.0))
    with (paths.journal / "a.jsonl").open("ab") as file:
        file.write(b"\0" * (len(late) - 1) + b"\n")
    everything(paths, digests=True)
    history = History(paths)
    (damage,) = history.refresh(lambda _: True).damaged
    with (paths.journal / "a.jsonl").open("r+b") as file:
        file.seek(damage.start)
        file.write(late)
    for one in (history, History(paths)):
        snapshot = one.refresh(lambda _: True)
        assert snapshot.trials[9].loss == 1.0
        assert not snapshot.damaged


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_what_lies_there_no_more_is_in_no_digest(watched: HistoryPaths, how: str) -> None:
    """A search that was begun anew under a name, while somebody went on watching."""
    watched.digest.unlink()
    watcher = History(watched, digests=True)
    before = watcher.refresh()
    watched.digest.unlink()
    if how == "removed":
        (watched.journal / "a.jsonl").unlink()
    else:
        spare = watched.journal / "spare"
        spare.write_bytes((watched.journal / "c.jsonl").read_bytes())
        spare.replace(watched.journal / "a.jsonl")
    Journal.create(watched, "d", "pool").append(started(400, writer="d"))
    assert len(watcher.refresh().trials) == len(before.trials) + 1  # what was known stays known
    assert everything(watched) == from_lines(watched)


def test_an_interrupted_look_forgets_nothing(
    watched: HistoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.digest.unlink()
    watcher = History(watched, digests=True, trusting=False)
    with monkeypatch.context() as patch:

        def interrupted(*_: Any) -> None:
            raise KeyboardInterrupt

        patch.setattr(State, "apply_all", interrupted)
        with pytest.raises(KeyboardInterrupt):
            watcher.refresh()
    assert list(watcher.refresh().trials.values()) == from_lines(watched)["trials"]
    assert not watched.digest.exists()


def test_a_pack_that_arrives_bit_by_bit_is_read_to_its_end(paths: HistoryPaths) -> None:
    paths.create()
    lines = [encode(event) for event in (*some_trials(2), Closed(writer="a"), started(5))]
    path, history = paths.journal / "pack-b.jsonl", History(paths)
    for count in range(1, len(lines) + 1):
        path.write_bytes(b"".join(lines[:count]))
        snapshot = history.refresh()
    assert 5 in snapshot.trials


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=messy_events, after=messy_events)
def test_what_comes_later_is_added(
    tmp_path_factory: pytest.TempPathFactory, before: list[Event], after: list[Event]
) -> None:
    paths = HistoryPaths(tmp_path_factory.mktemp("p") / "history" / "search")
    paths.create()
    file = paths.journal / "a.jsonl"
    file.write_bytes(b"".join(map(encode, before)))
    History(paths, digests=True).refresh()
    with file.open("ab") as more:
        more.writelines(map(encode, after))
    assert everything(paths) == from_lines(paths)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0.0, 1.0))
def test_a_journal_cut_anywhere_is_read_as_it_is(watched: HistoryPaths, cut: float) -> None:
    file = watched.journal / "c.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole[: int(cut * len(whole))])
    assert everything(watched) == from_lines(watched)
    file.write_bytes(whole)
