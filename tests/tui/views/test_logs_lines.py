"""Lines as rows: wrapped, trimmed at either end, searched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from trialdeck.tui.views import logs_lines
from trialdeck.tui.views.logs_lines import LogLines

LINES = st.lists(st.text(alphabet="abc é世", max_size=30), max_size=12)


def filled(lines: list[str], width: int = 10, *, wrap: bool = True) -> LogLines:
    found = LogLines()
    found.arrange(width, wrap=wrap)
    found.add(lines)
    return found


@given(LINES, st.integers(2, 12), st.booleans())
def test_the_rows_are_the_lines(lines: list[str], width: int, wrap: bool):
    found = filled(lines, width, wrap=wrap)
    pieces = [found.piece(row) for row in range(found.rows)]
    for number, line in enumerate(lines):
        mine = [piece for piece in pieces if piece.line == number]
        assert "".join(piece.text for piece in mine) == line
        assert found.line_at(found.row_of(number)) == number
        if wrap:
            assert all(cell_len(piece.text) <= width for piece in mine)
            assert [piece.start for piece in mine] == [
                sum(len(before.text) for before in mine[:n]) for n in range(len(mine))
            ]
        else:
            assert len(mine) == 1


@given(LINES, LINES, st.text(alphabet="ab", min_size=1, max_size=3))
def test_adding_is_as_if_all_had_been_there(first: list[str], second: list[str], query: str):
    found = filled(first)
    found.search(query)
    found.add(second, "partial ab")
    found.add(["done"], "")
    whole = filled([*first, *second, "done"])
    whole.search(query)
    assert [found[n] for n in range(len(found))] == [whole[n] for n in range(len(whole))]
    assert (found.rows, found.found) == (whole.rows, whole.found)


def test_a_partial_line_is_replaced():
    found = filled(["one"])
    found.add([], " 10%")
    found.add([], " 20%")
    assert [found[n] for n in range(len(found))] == ["one", " 20%"]


def test_the_oldest_lines_go(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logs_lines, "MOST_LINES", 4)
    monkeypatch.setattr(logs_lines, "SLACK", 1)
    found = filled(["x" * 25, "a", "b", "c"])
    assert found.add(["d"]) == 0
    assert found.add(["e"]) == 4  # three rows of the first line, and one of the second
    assert [found[n] for n in range(len(found))] == ["b", "c", "d", "e"]
    assert found.rows == 4


def test_the_newest_lines_go_for_older_ones(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logs_lines, "MOST_LINES", 3)
    found = filled(["c", "d"])
    assert found.put_before(["b"]) == 1
    assert not found.lacks_end
    assert found.put_before(["x" * 15]) == 2
    assert found.lacks_end
    assert [found[n] for n in range(len(found))] == ["x" * 15, "b", "c"]
    found.clear()
    assert not found.lacks_end


@pytest.mark.parametrize(
    ("query", "expected"), [("error", [0, 2]), ("Error", [2]), ("", []), ("none", []), ("é", [3])]
)
def test_capitals_matter_only_if_there_are_some(query: str, expected: list[int]):
    found = filled(["an error", "fine", "Error!", "É"])
    found.search(query)
    assert found.found == expected


def test_matches_are_gone_through():
    found = filled(["a", "-", "a", "-", "a"])
    found.search("a")
    assert found.next_match(2, 1) == 4
    assert found.next_match(2, -1) == 0
    assert found.next_match(4, 1) is None
    assert found.next_match(0, -1) is None


def test_a_match_across_two_rows_is_marked_in_both():
    found = filled(["0123456needle890 needle"])
    found.search("needle")
    spans = [found.spans(found.piece(row)) for row in range(found.rows)]
    assert spans == [[(7, 10)], [(0, 3), (7, 10)], [(0, 3)]]


@given(st.text(alphabet="abAB", max_size=40), st.text(alphabet="ab", min_size=1, max_size=3))
def test_what_is_marked_is_what_was_searched(line: str, query: str):
    found = filled([line], 100)
    found.search(query)
    texts = [line[start:end].lower() for start, end in found.spans(found.piece(0))]
    assert texts == [query] * line.lower().count(query)
