from __future__ import annotations

import json
import math
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.history.making import finished, messy_events, started
from trialdeck.core.errors import FormatTooNew
from trialdeck.core.history.codec import BadLine, decode, encode, number, shorten
from trialdeck.core.history.events import FORMAT_VERSION, Finished, Opened, Started, Trouble


def reread(event: object) -> object:
    return decode(encode(event).removesuffix(b"\n"))


@given(messy_events)
def test_every_event_survives(events: list[object]) -> None:
    assert [reread(event) for event in events] == events


def test_a_line_is_json_that_ends_with_its_checksum() -> None:
    line = encode(finished(3, loss=0.5))
    body, seal = line[:-19], line[-19:]
    assert seal == b',"crc":"%08x"}\n' % crc32(body)
    assert json.loads(line)["loss"] == 0.5
    assert line.count(b"\n") == 1


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float64("nan")])
def test_numbers_that_are_not_finite_become_texts(value: float) -> None:
    event = reread(started(point={"x": value}))
    assert isinstance(event, Started)
    assert event.point == {"x": str(float(value))}
    assert number(event.point["x"]) == pytest.approx(value, nan_ok=True)

    event = reread(finished(loss=value, seconds=value, metrics={"deep": [{"auc": value}]}))
    assert isinstance(event, Finished)
    assert event.loss is None
    assert event.seconds == 0
    assert event.metrics == {"loss": str(float(value)), "deep": [{"auc": str(float(value))}]}


@pytest.mark.parametrize("loss", [1e300, 5e-324, -0.0, 0.1 + 0.2])
def test_finite_numbers_are_exact(loss: float) -> None:
    event = reread(finished(loss=loss, metrics={"auc": loss}))
    assert isinstance(event, Finished)
    assert (event.loss, event.metrics) == (loss, {"auc": loss})


def test_a_real_null_stays() -> None:
    event = reread(started(point={"x": None, "null": "null"}))
    assert isinstance(event, Started)
    assert event.point == {"x": None, "null": "null"}


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_written(text: str) -> None:
    event = reread(Trouble(writer="a", text=text))
    assert isinstance(event, Trouble)
    assert event.text == text.encode("utf-8", "backslashreplace").decode()


class Odd:
    def __repr__(self) -> str:
        return "<odd \ud800>"


def test_foreign_values_are_written_as_near_as_json_gets() -> None:
    loop: list[object] = []
    loop.append(loop)
    values = {
        "number": np.float32(0.5),
        "count": np.int64(3),
        "array": np.array([1.0, math.nan]),
        "odd": Odd(),
        "tuple": (1, 2),
        "big": 2**80,
        7: "key",
        ("a", 1): "pair",
    }
    event = reread(finished(metrics={**values, "loop": loop}))
    assert isinstance(event, Finished)
    assert event.metrics.pop("loop")
    assert event.metrics == {
        "number": 0.5,
        "count": 3,
        "array": [1.0, "nan"],
        "odd": "<odd \\ud800>",
        "tuple": [1, 2],
        "big": 2**80,
        "7": "key",
        "('a', 1)": "pair",
    }


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError


def test_what_python_refuses_to_show_is_written_all_the_same() -> None:
    huge, deep = 10**5000, [10**5000]
    for _ in range(20):
        deep = [deep]
    metrics = {
        "n": huge,
        "m": -huge,
        "s": {huge: 1},
        "small": 2**70,
        "deep": deep,
        "o": Unshowable(),
    }
    event = reread(finished(metrics=metrics))
    assert isinstance(event, Finished)
    assert event.metrics["n"].startswith(hex(huge)[:200])
    assert event.metrics["m"].startswith(hex(-huge)[:200])
    assert event.metrics["small"] == 2**70
    assert "int that cannot be shown" in next(iter(event.metrics["s"]))
    assert "list that cannot be shown" in str(event.metrics["deep"])
    assert event.metrics["o"] == "<Unshowable that cannot be shown: RuntimeError>"


def test_every_changed_bit_is_noticed() -> None:
    line = encode(finished(3, loss=0.5)).removesuffix(b"\n")
    for index in range(len(line) * 8):
        changed = bytearray(line)
        changed[index // 8] ^= 1 << index % 8
        with pytest.raises(BadLine):
            decode(bytes(changed))


@pytest.mark.parametrize("line", [b"", b"{", b"\0" * 40, b'{"e":"closed","writer":"a"}', b"\xff"])
def test_what_is_no_line_is_bad(line: bytes) -> None:
    with pytest.raises(BadLine):
        decode(line)


def sealed(body: bytes) -> bytes:
    return b'%b,"crc":"%08x"}' % (body, crc32(body))


def test_events_of_a_newer_minor_version_are_passed_over() -> None:
    assert decode(sealed(b'{"e":"promoted","writer":"a","rung":3')) is None


def test_fields_of_a_newer_minor_version_are_passed_over() -> None:
    assert decode(sealed(b'{"e":"closed","writer":"a","mood":"good"')) is not None


@pytest.mark.parametrize("body", [b'{"e":"closed"', b'{"writer":"a"', b'{"e":"started","tid":"x"'])
def test_a_sealed_line_that_is_no_event_is_bad(body: bytes) -> None:
    with pytest.raises(BadLine, match="no event"):
        decode(sealed(body))


def test_a_newer_format_is_refused() -> None:
    newer = encode(Opened(writer="a", v=FORMAT_VERSION + 1, kind="pool")).removesuffix(b"\n")
    strange = sealed(b'{"e":"opened","v":%d,"who":"a"' % (FORMAT_VERSION + 1))
    for line in (newer, strange):
        with pytest.raises(FormatTooNew, match=f"format {FORMAT_VERSION + 1} .* {FORMAT_VERSION}"):
            decode(line)


@pytest.mark.parametrize("value", ["x", "", "1.5", None, [1]])
def test_number_refuses_what_is_none(value: object) -> None:
    with pytest.raises(ValueError, match="no number"):
        number(value)


def test_shorten_keeps_the_start_and_more_of_the_end() -> None:
    text = "".join(map(str, range(1000)))
    short = shorten(text, 100)
    head, _, tail = short.split("\n")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert (len(head), len(tail)) == (25, 75)
    assert f"{len(text) - 100} characters" in short
    assert shorten(text, len(text)) == text
