"""How well scores tell signal from background, in the numbers that top tagging is compared by."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

SIGNAL_EFFICIENCY: Final = 0.3  # where the background rejection is quoted


def auc(scores: npt.NDArray[np.floating], labels: npt.NDArray[np.integer]) -> float:
    """Return the area under the ROC curve, exactly; labels are 1 for signal, else 0.

    It is the probability that a signal scores above a background, a tie counting one half
    (Mann-Whitney U; Hanley, McNeil, Radiology 143 (1982) 29). NaN when a score is NaN or a class
    is missing.
    """
    signal, background = scores[labels == 1], np.sort(scores[labels == 0])
    if not (len(signal) and len(background)) or np.isnan(scores).any():
        return math.nan
    below = np.searchsorted(background, signal, side="left")
    not_above = np.searchsorted(background, signal, side="right")
    return float((below + not_above).sum() / (2 * len(signal) * len(background)))


def accuracy(scores: npt.NDArray[np.floating], labels: npt.NDArray[np.integer]) -> float:
    """Return the share of jets on the right side of 0, for scores that are logits."""
    return float(np.mean((scores > 0) == (labels == 1)))


def rejection(scores: npt.NDArray[np.floating], labels: npt.NDArray[np.integer]) -> float:
    """Return 1 / eps_B at eps_S = 0.3: so many background jets for each that is mistaken.

    As in Kasieczka et al., "The Machine Learning Landscape of Top Taggers", arXiv:1902.09914. The
    threshold is the highest score that keeps at least 30 % of the signal; equal scores pass
    together. When no background passes, one is counted: the value is then a lower bound.
    """
    signal, background = np.sort(scores[labels == 1])[::-1], scores[labels == 0]
    if not (len(signal) and len(background)) or np.isnan(scores).any():
        return math.nan
    threshold = signal[math.ceil(SIGNAL_EFFICIENCY * len(signal)) - 1]
    return len(background) / max(1, int(np.count_nonzero(background >= threshold)))
