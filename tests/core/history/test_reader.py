from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.history.making import (
    finished,
    interrupted,
    known,
    messy_events,
    snapshot_of,
    some_trials,
    started,
)
from trialdeck.core.errors import FormatTooNew, HistoryError
from trialdeck.core.history.codec import encode
from trialdeck.core.history.events import FORMAT_VERSION, Closed, Opened, Trouble
from trialdeck.core.history.journal import Journal
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialdeck.core.history.events import AnyEvent

EVENTS = [
    Opened(writer="a", v=1, kind="pool"),
    started(),
    finished(loss=1.0),
    started(1),
    interrupted(1),
    Trouble(writer="a", text="a \n line"),
    started(2),
]


def content(events: Iterable[AnyEvent]) -> bytes:
    return b"".join(encode(event) for event in events)


def whole_lines(data: bytes) -> dict[str, Any]:
    """Return what the whole lines of `data` say, if they are the first of EVENTS."""
    return known(snapshot_of(*EVENTS[: data.count(b"\n")]))


def test_a_file_cut_anywhere_tells_what_was_before_and_heals(paths: HistoryPaths) -> None:
    data = content(EVENTS)
    file = paths.journal / "a.jsonl"
    for cut in range(len(data) + 1):
        file.write_bytes(data[:cut])
        history = History(paths)
        snapshot = history.refresh()
        assert known(snapshot) == whole_lines(data[:cut])
        assert snapshot.damaged == ()
        with file.open("ab") as rest:
            rest.write(data[cut:])
        assert known(history.refresh()) == known(snapshot_of(*EVENTS))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(messy_events, st.randoms(use_true_random=False))
def test_files_may_grow_by_any_pieces_in_any_order(
    tmp_path: Path, events: list[AnyEvent], rng: random.Random
) -> None:
    paths = HistoryPaths(Path(tempfile.mkdtemp(dir=tmp_path)))
    paths.create()
    # Into the file of any writer: copies of a history may be put together in any way.
    piles: dict[str, list[AnyEvent]] = {"a.jsonl": [], "b.jsonl": [], "b.1.jsonl": []}
    for event in events:
        # Nothing follows the last line in the same file.
        last = isinstance(event, Closed)
        name = f"c.{len(piles)}.jsonl" if last else rng.choice(sorted(piles)[:3])
        piles.setdefault(name, []).append(event)
    left = {name: content(pile) for name, pile in piles.items()}
    history = History(paths)
    while any(left.values()):
        name = rng.choice([name for name in left if left[name]])
        size = rng.randint(1, 400)
        with (paths.journal / name).open("ab") as file:
            file.write(left[name][:size])
        left[name] = left[name][size:]
        if rng.random() < 0.5:
            history.refresh()
    assert known(history.refresh()) == known(snapshot_of(*events))
    assert known(History(paths).refresh()) == known(snapshot_of(*events))


def test_bytes_that_arrive_late_are_read_late(paths: HistoryPaths) -> None:
    data = content(EVENTS)
    file = paths.journal / "a.jsonl"
    rng = random.Random(1)
    for _ in range(150):
        start, end = sorted(rng.sample(range(len(data)), 2))
        file.write_bytes(data[:start] + b"\0" * (end - start) + data[end:])
        history = History(paths)
        before = history.refresh()
        touched = data[:start].count(b"\n"), data[end:].count(b"\n")
        assert len(before.trials) <= 3
        assert before.damaged == ()
        assert known(before) != known(snapshot_of(*EVENTS)) or not any(touched)
        with file.open("r+b") as filling:
            filling.seek(start)
            filling.write(data[start:end])
        assert known(history.refresh()) == known(snapshot_of(*EVENTS))


def test_bad_bytes_are_damage_once_their_writer_has_ended(paths: HistoryPaths) -> None:
    lines = [encode(event) for event in EVENTS]
    torn = b'{"e":"start'
    lines[2] = b"\0" * (len(lines[2]) - 1) + b"\n"
    (paths.journal / "a.jsonl").write_bytes(b"".join(lines) + torn)
    history = History(paths)
    good = [*EVENTS[:2], *EVENTS[3:]]
    assert known(history.refresh()) == known(snapshot_of(*good))
    assert history.refresh().damaged == ()

    snapshot = history.refresh(lambda writer: writer == "a")
    assert known(snapshot) == known(snapshot_of(*good))
    start, size = len(lines[0] + lines[1]), len(b"".join(lines))
    assert [(d.start, d.end) for d in snapshot.damaged] == [
        (start, start + len(lines[2]) - 1),
        (size, size + len(torn)),
    ]
    assert "checksum" in str(snapshot.damaged[0])
    assert "not whole" in str(snapshot.damaged[1])


def test_a_closed_journal_tells_its_damage_and_may_still_heal(paths: HistoryPaths) -> None:
    good = content([*EVENTS, Closed(writer="a")])
    bad = good.replace(b'"loss":1.0', b'"loss":1.5')
    assert bad != good
    file = paths.journal / "a.jsonl"
    file.write_bytes(bad)
    history = History(paths)
    assert len(history.refresh().damaged) == 1
    with file.open("r+b") as healing:
        healing.write(good)
    assert history.refresh().damaged == ()
    assert known(history.refresh()) == known(snapshot_of(*EVENTS, Closed(writer="a")))


def test_damage_vanishes_with_its_file(paths: HistoryPaths) -> None:
    (paths.journal / "a.jsonl").write_bytes(b"nonsense\n")
    history = History(paths)
    assert history.refresh(lambda _: True).damaged
    (paths.journal / "a.jsonl").unlink()
    assert not history.refresh(lambda _: True).damaged


def test_a_damaged_journal_is_not_in_the_way_of_others(paths: HistoryPaths) -> None:
    (paths.journal / "a.jsonl").write_bytes(b"\xff\xfe nonsense\n" * 3)
    (paths.journal / "b.jsonl").mkdir()
    (paths.journal / "c.jsonl").write_bytes(content(some_trials(2, "c")))
    snapshot = History(paths).refresh()
    assert snapshot.counts.ok == 2
    (damage,) = snapshot.damaged
    assert str(damage).startswith("journal/b.jsonl")
    assert "directory" in damage.reason


@pytest.mark.parametrize("name", ["a.jsonl.tmp", ".a.jsonl", "a.txt", "a.b.jsonl", "README"])
def test_other_files_are_not_read(paths: HistoryPaths, name: str) -> None:
    (paths.journal / name).write_bytes(content(EVENTS))
    assert not History(paths).refresh().trials


def replaced(file: Path, data: bytes) -> None:
    file.with_suffix(".new").write_bytes(data)
    file.with_suffix(".new").replace(file)


@pytest.mark.parametrize("after", [b"", content(EVENTS[:2]), content([*EVENTS, started(9)])])
def test_nothing_known_is_forgotten_when_a_file_is_replaced(
    paths: HistoryPaths, after: bytes
) -> None:
    file = paths.journal / "a.jsonl"
    file.write_bytes(content(EVENTS))
    history = History(paths)
    history.refresh()
    replaced(file, after)
    news = [started(9)] if b'"tid":9' in after else []
    assert known(history.refresh()) == known(snapshot_of(*EVENTS, *news))
    replaced(file, content([*EVENTS, started(9), started(10)]))
    assert known(history.refresh()) == known(snapshot_of(*EVENTS, started(9), started(10)))


def test_another_file_in_its_place_is_read_from_its_start(paths: HistoryPaths) -> None:
    file = paths.journal / "a.jsonl"
    file.write_bytes(b"nonsense\n" + content(EVENTS))
    history = History(paths)
    assert len(history.refresh(lambda _: True).damaged) == 1
    others = [started(tid, writer="b") for tid in range(20, 40)]
    replaced(file, content(others))
    snapshot = history.refresh(lambda _: True)
    assert known(snapshot) == known(snapshot_of(*EVENTS, *others))
    assert snapshot.damaged == ()


def test_nothing_known_is_forgotten_when_a_file_shrinks_or_vanishes(paths: HistoryPaths) -> None:
    file = paths.journal / "a.jsonl"
    file.write_bytes(content(EVENTS))
    history = History(paths)
    history.refresh()
    with file.open("r+b") as shrinking:
        shrinking.truncate(len(content(EVENTS[:2])))
    assert known(history.refresh()) == known(snapshot_of(*EVENTS))
    with file.open("ab") as growing:
        growing.write(encode(started(8)))
    assert known(history.refresh()) == known(snapshot_of(*EVENTS, started(8)))
    file.unlink()
    assert known(history.refresh()) == known(snapshot_of(*EVENTS, started(8)))
    file.write_bytes(content([started(11)]))
    assert known(history.refresh()) == known(snapshot_of(*EVENTS, started(8), started(11)))


def test_a_writer_that_was_given_up_and_goes_on_is_heard(paths: HistoryPaths) -> None:
    journal = Journal.create(paths, "a", "pool")
    journal.append(started(0))
    history = History(paths)
    history.refresh(lambda _: True)
    journal.append(started(1))
    assert set(history.refresh(lambda _: True).trials) == {0, 1}


def test_a_closed_journal_is_not_read_again(paths: HistoryPaths) -> None:
    file = paths.journal / "a.jsonl"
    file.write_bytes(content([*EVENTS, Closed(writer="a")]))
    history = History(paths)
    history.refresh()
    with file.open("ab") as more:
        more.write(encode(started(12)))
    assert 12 not in history.refresh().trials


def test_a_newer_format_is_refused_by_name(paths: HistoryPaths) -> None:
    newer = Opened(writer="n", v=FORMAT_VERSION + 1, kind="pool")
    (paths.journal / "n.jsonl").write_bytes(content([newer]))
    history = History(paths)
    for _ in range(2):
        with pytest.raises(FormatTooNew, match=rf"n\.jsonl: .*format {FORMAT_VERSION + 1}"):
            history.refresh()


def test_a_search_without_a_folder_has_no_trials(tmp_path: Path) -> None:
    assert not History(HistoryPaths(tmp_path / "none")).refresh().trials


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "journal").touch()
    with pytest.raises(HistoryError, match="journal"):
        History(HistoryPaths(tmp_path)).refresh()
