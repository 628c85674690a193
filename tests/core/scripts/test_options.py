"""Options and numbers of all kinds in a space of hyperopt's, written down and read back."""

from __future__ import annotations

import enum
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hyperopt import fmin, hp, rand

from trialdeck.core.history_trials import HistoryTrials
from trialdeck.core.search import Search

if TYPE_CHECKING:
    from pathlib import Path


class Kind(enum.StrEnum):
    ROUND = "round"
    SQUARE = "square"


class Layers(enum.IntEnum):
    FEW = 2
    MANY = 20


class Words(str):
    __slots__ = ()


def searched(folder: Path, space: Any, max_evals: int = 12) -> Search:
    """Search a space; what another process reads is what this one drew."""
    trials = HistoryTrials(folder / "history" / "x")
    rstate = np.random.default_rng(0)
    fmin(
        lambda _: 1.0,
        space,
        algo=rand.suggest,
        max_evals=max_evals,
        trials=trials,
        rstate=rstate,
        verbose=False,
    )
    assert HistoryTrials(trials.folder).vals == trials.vals
    return Search(trials._book.paths)


def dimension(search: Search, name: str) -> Any:
    return search.params.space[name].distribution


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (list(np.logspace(-2, 0, 3)), (0.01, 0.1, 1.0)),
        (list(np.arange(3)), (0, 1, 2)),
        (list(np.array([1, 2], dtype=np.float32)), (1.0, 2.0)),
        (list(np.array(["a", "b"])), ("a", "b")),
        ([np.bool_(False), np.bool_(True)], (False, True)),
        (list(Kind), ("round", "square")),
        (list(Layers), (2, 20)),
        ([Words("a"), "b"], ("a", "b")),
        ([{"name": np.str_("a")}, {"name": "b"}], ("a", "b")),
        (["\udcff", "b"], ("\\udcff", "b")),
    ],
)
def test_options_are_written_as_plain_values(tmp_path: Path, options, shown) -> None:
    search = searched(tmp_path, {"o": hp.choice("o", options)})
    assert dimension(search, "o").options == shown
    assert list(map(type, dimension(search, "o").options)) == list(map(type, shown))
    assert {trial.point["o"] for trial in search.snapshot().trials.values()} == set(shown)


@pytest.mark.parametrize(
    "options",
    [
        [1, 1.0, 2.0, 2],
        [1, True, 1.0],
        ["a", "b", "a"],
        [np.float64(1), 1],
        [1.0, math.inf],
        [1.0, math.nan],
        [1, 2**70],
    ],
)
def test_options_that_cannot_be_told_apart_are_numbered(tmp_path: Path, options) -> None:
    search = searched(tmp_path, {"o": hp.choice("o", options)})
    assert dimension(search, "o").options == tuple(f"option {n}" for n in range(len(options)))


def test_true_and_one_are_two_options(tmp_path: Path) -> None:
    search = searched(tmp_path, {"o": hp.choice("o", [1, True, 0, False])}, 20)
    assert dimension(search, "o").options == (1, True, 0, False)


@pytest.mark.parametrize("number", [np.float64, np.float32])
def test_probabilities_may_be_any_numbers(tmp_path: Path, number) -> None:
    half = number(0.5)
    search = searched(tmp_path, {"o": hp.pchoice("o", [(half, np.float64(1)), (half, "b")])})
    assert dimension(search, "o").options == (1.0, "b")
    assert dimension(search, "o").describe()


def test_bounds_may_be_numpys(tmp_path: Path) -> None:
    search = searched(tmp_path, {"n": hp.uniform("n", np.int64(1), np.float32(2))})
    assert (dimension(search, "n").low, dimension(search, "n").high) == (1.0, 2.0)


def test_numbers_that_are_not_finite_come_back_as_numbers(tmp_path: Path) -> None:
    with np.errstate(over="ignore"):
        search = searched(tmp_path, {"w": hp.lognormal("w", 0, 1e6)})
    assert "inf" in [trial.point["w"] for trial in search.snapshot().trials.values()]
