from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trialdeck.core.history.codec import BadLine
from trialdeck.core.history.tail import BadRange, Tail

if TYPE_CHECKING:
    from pathlib import Path


def number(line: bytes) -> int:
    try:
        return int(line)
    except ValueError as error:
        raise BadLine(str(error)) from error


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("trialdeck.core.history.tail.BLOCK", 8)
    return tmp_path / "lines"


def test_a_file_is_read_in_blocks_of_whole_lines(file: Path) -> None:
    file.write_bytes(b"1\n22\n333\n" + b"4" * 40 + b"\n5\n6")
    tail = Tail(file, number)
    blocks = [items for items in tail.blocks() if items]
    assert len(blocks) > 2
    assert [item for items in blocks for item in items] == [1, 22, 333, int("4" * 40), 5]
    assert (tail.offset, tail.torn) == (file.stat().st_size - 1, 1)
    assert tail.read() == []
    with file.open("ab") as more:
        more.write(b"6\n")
    assert tail.read() == [66]
    assert tail.seems_unchanged()


def test_a_file_that_ends_with_a_block_is_read_to_its_end(file: Path) -> None:
    file.write_bytes(b"111\n222\n333\n444\n")
    tail = Tail(file, number)
    assert tail.read() == [111, 222, 333, 444]
    assert (tail.size, tail.torn) == (16, 0)


def test_bad_lines_of_every_block_are_known_and_read_again(file: Path) -> None:
    file.write_bytes(b"1\nx\n3\n4\n5\ny\n7\n8\n")
    tail = Tail(file, number)
    assert tail.read() == [1, 3, 4, 5, 7, 8]
    assert [(bad.start, bad.end) for bad in tail.bad] == [(2, 3), (10, 11)]
    assert isinstance(tail.bad[0], BadRange)
    file.write_bytes(b"1\n2\n3\n4\n5\ny\n7\n8\n")
    assert tail.read() == [2]
    assert [(bad.start, bad.end) for bad in tail.bad] == [(10, 11)]


def test_what_was_yielded_before_a_decoder_raised_is_not_read_again(file: Path) -> None:
    def picky(line: bytes) -> int:
        if line == b"666":
            raise ValueError("no")
        return int(line)

    file.write_bytes(b"111\n222\n333\n666\n777\n")
    tail = Tail(file, picky)
    found: list[int] = []
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            found.extend(item for items in tail.blocks() for item in items)
    assert found == [111, 222]


def test_only_the_last_bytes_at_the_first_look(file: Path) -> None:
    file.write_bytes(b"1\n22\n333\n4\n")
    tail = Tail(file, number, last=5)
    assert tail.read() == [4]
    with file.open("ab") as more:
        more.write(b"5\n")
    assert tail.read() == [5]
    assert Tail(file, number, last=100).read() == [1, 22, 333, 4, 5]
