from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.tui import glyphs
from trialdeck.tui.format import width_of
from trialdeck.tui.table import Cell
from trialdeck.tui.widgets.grid_columns import (
    LIMIT,
    GridColumn,
    Sort,
    fitted,
    most_skipped,
    spans_of,
    titles,
    widths_of,
)

COLUMNS = [GridColumn("a", "a"), GridColumn("b", "b", 7), GridColumn("c", "c"), GridColumn("d", "")]


def test_columns_are_as_wide_as_their_texts_up_to_a_limit():
    rows = [[Cell("aa"), Cell("b" * 20), Cell("c" * 99), Cell("d" * 99)], [Cell("日本")] * 4]
    assert widths_of(COLUMNS, rows) == [4, 7, LIMIT, 99]


def test_columns_stand_beside_each_other_and_the_last_is_cut():
    spans = spans_of([3, 5, 30], 1, 0, 24)
    assert [(s.column, s.x, s.width) for s in spans] == [(0, 1, 3), (1, 6, 5), (2, 13, 11)]


def test_fixed_columns_stay_when_others_are_skipped():
    assert [span.column for span in spans_of([3, 5, 5, 5], 1, 2, 80)] == [0, 3]


def test_a_column_with_hardly_any_room_is_not_shown():
    assert [span.column for span in spans_of([3, 5, 9], 1, 0, 16)] == [0, 1]


@pytest.mark.parametrize(("available", "skipped"), [(80, 0), (24, 1), (15, 2), (3, 2)])
def test_columns_are_skipped_until_the_others_fit(available, skipped):
    assert most_skipped([3, 5, 5, 5], 1, available) == skipped


@pytest.mark.parametrize(("settled", "title"), [(True, "b ▼"), (False, "b v")])
def test_the_title_of_the_column_that_rows_are_sorted_by_is_marked(monkeypatch, settled, title):
    monkeypatch.setattr(glyphs, "_settled", [settled])
    assert [cell.text for cell in titles(COLUMNS, Sort("b", descending=True))] == [
        "a", title, "c", ""]  # fmt: skip


@given(st.text(), st.integers(1, 20), st.booleans())
def test_a_fitted_text_takes_its_width_and_one_line(text, width, right):
    found = fitted(text, width, right=right)
    assert width_of(found) == width
    assert found.isprintable()
