from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.core.scores import accuracy, auc, rejection

FEW_VALUES = st.integers(0, 5)  # so that there are ties


@given(st.lists(FEW_VALUES, min_size=1), st.lists(FEW_VALUES, min_size=1))
def test_auc_is_the_share_of_pairs_in_order(signal: list[int], background: list[int]) -> None:
    pairs = [(s > b) + (s == b) / 2 for s in signal for b in background]
    scores = np.array(signal + background, dtype=np.float32)
    labels = np.array([1] * len(signal) + [0] * len(background))
    assert auc(scores, labels) == pytest.approx(sum(pairs) / len(pairs), abs=1e-12)


def test_accuracy_parts_at_zero() -> None:
    assert accuracy(np.array([-1.0, 2.0, 3.0, -4.0]), np.array([0, 1, 0, 0])) == 0.75


def test_rejection_is_taken_where_three_tenths_of_the_signal_pass() -> None:
    signal = np.arange(10.0)  # 7, 8 and 9 pass
    background = np.concatenate([np.full(96, -1.0), [7.0, 7.5, 8.0, 6.9]])
    scores, labels = np.concatenate([signal, background]), np.repeat([1, 0], [10, 100])
    assert rejection(scores, labels) == pytest.approx(100 / 3)


def test_rejection_counts_one_background_when_none_passes() -> None:
    assert rejection(np.array([1.0, 1.0, 0.0, 0.0]), np.array([1, 1, 0, 0])) == 2


@pytest.mark.parametrize("score", [auc, rejection])
def test_no_score_without_both_classes_or_of_nan(score) -> None:
    assert math.isnan(score(np.array([1.0, 2.0]), np.array([1, 1])))
    assert math.isnan(score(np.array([1.0, math.nan]), np.array([1, 0])))
