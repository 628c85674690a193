from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.made_jets import made_jets, write_h5, write_npz
from trialdeck.core import data
from trialdeck.core.data import Request, look, spans
from trialdeck.core.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


@given(st.integers(1, 5000), st.integers(1, 6000))
def test_spans_are_apart_in_order_and_as_many_as_wanted(rows: int, wanted: int) -> None:
    found = list(spans(rows, wanted))
    assert sum(stop - start for start, stop in found) == min(rows, wanted)
    edges = [edge for span in found for edge in span]
    assert edges == sorted(edges)
    assert edges[0] == 0
    assert edges[-1] <= rows


def test_a_few_jets_come_from_all_over_the_file() -> None:
    starts = [start for start, _ in spans(1_000_000, 2000)]
    assert np.diff(starts).max() <= 10_000
    assert starts[-1] >= 990_000


def test_the_number_of_jets_is_at_most_what_is_asked(tmp_path: Path) -> None:
    write_npz(tmp_path)
    assert [look(Request(tmp_path, 12, jets), "val") for jets in (0, 100, 400, 500)] == [
        400,
        100,
        400,
        400,
    ]


def changed(x: np.ndarray, y: np.ndarray, *, value: float, index: tuple) -> tuple:
    x = x.copy()
    x[index] = value
    return x, y


X, Y = made_jets(400)
ORDER = [1, 2, 3, 0]
WRONG = {
    "nan": (changed(X, Y, value=math.nan, index=(330, 3, 1)), "no finite number"),
    "infinite": (changed(X, Y, value=math.inf, index=(2, 0, 0)), "no finite number"),
    "no constituent": (changed(X, Y, value=0.0, index=(50,)), "without any constituent"),
    "order": ((X[..., ORDER], Y), "the order must be E, px, py, pz"),
    "labels": ((X, Y + 1), "labels other than 0 and 1"),
    "signal only": ((X, np.ones_like(Y)), r"all 400 jets read from it are signal \(1\)"),
    "background only": ((X, np.zeros_like(Y)), r"are background \(0\); both classes"),
}


@pytest.mark.parametrize("case", WRONG)
def test_jets_that_cannot_be_are_told_with_their_file(tmp_path: Path, case: str) -> None:
    arrays, text = WRONG[case]
    write_npz(tmp_path, val=arrays)
    with pytest.raises(DataError, match=text) as caught:
        look(Request(tmp_path, 12), "val")
    assert "val.npz" in str(caught.value)


def test_more_constituents_than_there_are(tmp_path: Path) -> None:
    write_npz(tmp_path)
    with pytest.raises(DataError, match="constituents = 13, but it holds 12"):
        look(Request(tmp_path, 13), "train")


def test_a_large_table_sorted_by_class_is_looked_into_everywhere(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(data, "SMALL", 100)
    monkeypatch.setattr(data, "LOOKED_AT", 60)
    x, y = made_jets(200)
    order = np.argsort(y, kind="stable")
    write_h5(tmp_path / "val.h5", x[order], y[order])
    assert look(Request(tmp_path, 20), "val") == 200
    write_h5(tmp_path / "val.h5", x, np.ones_like(y))
    with pytest.raises(DataError, match="all 60 jets read from it are signal"):
        look(Request(tmp_path, 20), "val")
