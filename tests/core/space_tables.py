"""Tables of [space] for the tests of the modules that read and use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from trialdeck.core.space import parse_space

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.core.errors import Problem
    from trialdeck.core.space import Space

# one of each, all with ends, steps and kinds of values that differ
EXAMPLES: dict[str, dict[str, Any]] = {
    "uniform": {"type": "uniform", "low": -1, "high": 2.5},
    "quniform": {"type": "quniform", "low": 1, "high": 33, "q": 8},
    "uniformint": {"type": "uniformint", "low": 1, "high": 6},
    "loguniform": {"type": "loguniform", "low": 1e-4, "high": 0.1},
    "qloguniform": {"type": "qloguniform", "low": 2, "high": 12, "q": 2},
    "normal": {"type": "normal", "mu": 3, "sigma": 2.0},
    "qnormal": {"type": "qnormal", "mu": 1, "sigma": 4, "q": 2},
    "lognormal": {"type": "lognormal", "mu": -1, "sigma": 0.5},
    "qlognormal": {"type": "qlognormal", "mu": 1, "sigma": 0.7, "q": 1},
    "randint": {"type": "randint", "low": 3, "high": 8},
    "choice": {"type": "choice", "options": ["relu", 3, True, [1, 2]]},
    "pchoice": {"type": "pchoice", "options": ["a", "b", "c"], "probabilities": [0.2, 0.3, 0.5]},
}
OPTIMIZER: dict[str, Any] = {
    "type": "choice",
    "options": [
        {
            "name": "adam",
            "eps": 1e-8,
            "beta2": {"type": "uniform", "low": 0.9, "high": 0.999},
            "decay": {
                "type": "choice",
                "options": ["none", {"name": "cosine", "cycles": EXAMPLES["uniformint"]}],
            },
        },
        {"name": "sgd", "momentum": {"type": "uniform", "low": 0.0, "high": 0.99}},
        "lbfgs",
    ],
}


def read(table: Mapping[str, Any]) -> tuple[Space, list[Problem]]:
    """The space of a table, and its mistakes."""
    problems: list[Problem] = []
    return parse_space(table, problems), problems


def space_of(**table: Any) -> Space:
    """The space of a table without mistakes."""
    space, problems = read(table)
    assert problems == []
    return space


decimals = st.one_of(
    st.integers(-1000, 1000),
    st.decimals(-1000, 1000, places=3, allow_nan=False).map(float),
    st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-9),
)
positive = decimals.map(abs).filter(lambda x: x > 1e-6)


@st.composite
def bounds(draw: st.DrawFn, numbers: st.SearchStrategy[float] = decimals) -> tuple[float, float]:
    """Two numbers, the lower one first."""
    low, high = sorted((draw(numbers), draw(numbers)))
    if low == high:
        high = low + 1
    return low, high


@st.composite
def grids(draw: st.DrawFn, *, multiples: bool = False) -> dict[str, Any]:
    """Bounds a whole number of steps apart, ints or short decimals."""
    scale = draw(st.sampled_from([1, 10, 1000]))
    q = draw(st.integers(1, 50))
    first = draw(st.integers(1, 40)) * q if multiples else draw(st.integers(-500, 500))
    last = first + draw(st.integers(1, 60)) * q
    if scale == 1:
        return {"low": first, "high": last, "q": q}
    return {"low": first / scale, "high": last / scale, "q": q / scale}


@st.composite
def numeric_tables(draw: st.DrawFn) -> dict[str, Any]:
    """A numeric dimension without mistakes."""
    kind = draw(st.sampled_from([k for k in EXAMPLES if "choice" not in k]))
    if kind in ("quniform", "qloguniform"):
        return {"type": kind, **draw(grids(multiples=kind == "qloguniform"))}
    if "normal" in kind:
        table = {
            "type": kind,
            "mu": draw(st.integers(-9, 9) | st.floats(-9, 9).map(lambda x: round(x, 6))),
            "sigma": 0.5,
        }
        return table | ({"q": draw(st.sampled_from([1, 5, 0.1, 0.25]))} if kind[0] == "q" else {})
    if kind in ("uniformint", "randint"):
        low = draw(st.integers(-1000, 1000))
        return {"type": kind, "low": low, "high": low + draw(st.integers(2, 10**6))}
    low, high = draw(bounds(positive if kind == "loguniform" else decimals))
    return {"type": kind, "low": low, "high": high}
