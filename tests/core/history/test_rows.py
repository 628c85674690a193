from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.history.making import finished, messy_events, started
from trialdeck.core.errors import HistoryError
from trialdeck.core.history import codec
from trialdeck.core.history.codec import BadLine
from trialdeck.core.history.events import Event, Finished, Setting, Started
from trialdeck.core.history.journal import Journal
from trialdeck.core.history.reader import History
from trialdeck.core.history.rows import RowDecoder, RowEncoder

if TYPE_CHECKING:
    from trialdeck.core.history.events import AnyEvent
    from trialdeck.core.history.paths import HistoryPaths

POINT = {f"dimension_{n}": math.sqrt(n + 2) for n in range(8)} | {"layers": 3, "kind": "adam"}
AT = 1795930493.506
START = started(51234, writer="0e72e23cb322", at=AT, point=POINT, seed=391461338)
METRICS = {"loss": math.pi / 4, "auc": math.pi / 3.5}
END = finished(51234, writer="0e72e23cb322", at=AT, loss=math.pi / 4, metrics=METRICS, steps=20)


def reread(*events: Event) -> list[AnyEvent | None]:
    """Return what is read of events that one writer has written, without the settings."""
    encoder, decoder = RowEncoder(), RowDecoder()
    lines = b"".join(map(encoder.encode, events)).splitlines()
    read = [decoder.decode(line) for line in lines]
    return [event for event in read if not isinstance(event, Setting)]


def row(event: Event) -> list[object] | None:
    line = RowEncoder().encode(event).splitlines()[-1]
    return json.loads(line) if line.startswith(b"[") else None


@given(messy_events)
def test_every_event_survives(events: list[Event]) -> None:
    assert reread(*events) == events


_scalars = st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5)
_values = st.none() | _scalars | st.lists(_scalars | st.none(), max_size=2)
_tables = st.dictionaries(st.text(max_size=3), _values, max_size=4)


@given(_tables, _tables, st.floats() | st.none(), st.sampled_from(["ok", "pruned", "interrupted"]))
def test_whatever_the_values_are_a_row_says_what_an_object_says(
    point: dict[str, object], metrics: dict[str, object], loss: float | None, outcome: str
) -> None:
    events = [started(point=point), finished(loss=loss, metrics=metrics, outcome=outcome)]
    objects = [codec.decode(codec.encode(event)[:-1]) for event in events]
    assert repr(reread(*events)) == repr(objects)  # 1, 1.0 and True are equal, and not the same


def test_plain_starts_and_results_are_rows_with_a_checksum() -> None:
    for event in (START, END):
        line = RowEncoder().encode(event).splitlines()[-1]
        assert line[-12:] == b',"%08x"]' % crc32(line[:-12])
        assert json.loads(line)[1:4] == [event.writer, event.tid, event.at]
        assert len(line) < len(codec.encode(event)) * 0.65


def test_the_loss_is_written_once() -> None:
    written = row(END)
    assert written is not None
    assert written[6] == {"loss": None, "auc": METRICS["auc"]}
    (end,) = reread(END)
    assert isinstance(end, Finished)
    assert list(end.metrics.items()) == list(METRICS.items())


@pytest.mark.parametrize(
    "event",
    [
        started(attempt=1),
        started(site="bonn"),
        started(epoch=1),
        started(stage=1),
        started(origin="retry 3"),
        started(point={"x": math.nan}),
        started(point={"x": None}),
        started(point={"x": np.float64(0.5)}),
        finished(loss=None),
        finished(loss=1.0, attempt=1),
        finished(loss=1.0, stage=1),
        finished(loss=1.0, outcome="failed", cause="error"),
        finished(loss=1.0, outcome="interrupted"),
        finished(loss=1.0, metrics={"auc": math.inf}),
        finished(loss=1.0, metrics={"auc": None}),
        finished(loss=1.0, metrics={"auc": [1.0]}),
        finished(loss=1.0, message="odd"),
    ],
)
def test_what_is_not_plain_is_an_object(event: Event) -> None:
    assert row(event) is None
    assert reread(event) == [codec.decode(codec.encode(event)[:-1])]


def test_a_setting_is_said_often_at_first_and_then_seldom() -> None:
    encoder = RowEncoder()
    said = [n for n in range(1, 300) if b'"setting"' in encoder.encode(started(n))]
    assert said == [1, 2, 4, 8, 16, 32, 64, 128, 192, 256]
    assert b'"setting"' in encoder.encode(started(0, revision=2))


def test_a_start_waits_for_its_setting(paths: HistoryPaths) -> None:
    paths.create()
    setting, line = RowEncoder().encode(START).splitlines(keepends=True)
    history = History(paths)
    (paths.journal / "a.jsonl").write_bytes(line)
    snapshot = history.refresh(lambda _: True)
    assert not snapshot.trials
    assert "names of its values" in snapshot.damaged[0].reason
    (paths.journal / "b.jsonl").write_bytes(setting)
    for reader in (history, History(paths)):
        snapshot = reader.refresh(lambda _: True)
        assert snapshot.trials[51234].point == POINT
        assert not snapshot.damaged


def test_what_was_forgotten_is_no_word_on_a_setting(
    paths: HistoryPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.create(paths, "a", "pool")

    def no_room(_lines: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(journal._parts, "write", no_room)
        for tid in range(2):
            with pytest.raises(HistoryError, match="disk is full"):
                journal.append(started(tid), strict=True)
    journal.append(started(2), strict=True)
    assert History(paths).refresh().trials[2].point == {"x": 2}


def sealed(body: bytes) -> bytes:
    return b'%b,"%08x"]' % (body, crc32(body))


def test_rows_of_a_newer_minor_version_are_passed_over() -> None:
    decode = RowDecoder().decode
    assert decode(sealed(b'["promoted","a",3')) is None
    end = decode(sealed(b'["finished","a",3,1.0,"ok",0.5,{},1.5,2,"new"'))
    assert end == finished(3, at=1.0, loss=0.5, seconds=1.5, steps=2)


@pytest.mark.parametrize(
    "body", [b"[", b'["finished","a"', b'["started",3', b"[3", b'["finished","a",3,1.0,"odd",0.5']
)
def test_a_sealed_row_that_is_no_event_is_bad(body: bytes) -> None:
    with pytest.raises(BadLine):
        RowDecoder().decode(sealed(body))


def test_a_row_that_does_not_go_with_its_setting_is_bad() -> None:
    encoder, decoder = RowEncoder(), RowDecoder()
    setting, line = encoder.encode(started(point={"x": 1, "y": 2})).splitlines()
    decoder.decode(setting)
    body = line[:-12].replace(b"[1,2]", b"[1]")
    with pytest.raises(BadLine, match="other values"):
        decoder.decode(sealed(body))


def test_every_changed_bit_is_noticed() -> None:
    line = RowEncoder().encode(END).removesuffix(b"\n")
    for index in range(len(line) * 8):
        changed = bytearray(line)
        changed[index // 8] ^= 1 << index % 8
        with pytest.raises(BadLine):
            RowDecoder().decode(bytes(changed))


def test_whole_numbers_and_booleans_keep_their_type() -> None:
    (start,) = reread(started(point={"a": 1, "b": 1.0, "c": True, "d": "1"}))
    assert isinstance(start, Started)
    assert [type(value) for value in start.point.values()] == [int, float, bool, str]
