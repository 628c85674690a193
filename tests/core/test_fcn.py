from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.core.made_jets import made_jets, write_npz
from trialdeck.core.errors import DataError, ObjectiveError
from trialdeck.core.fcn import Config, check, train

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"layers": 0}, "layers = 0 must be at least 1 and at most 100"),
        ({"layers": True}, "layers = True is no finite number"),
        ({"nodes": 12.5}, "nodes = 12.5 is no whole number"),
        ({"nodes": "many"}, "nodes = 'many' is no finite number"),
        ({"learning_rate": -0.1}, "learning_rate = -0.1 must be above 0"),
        ({"learning_rate": 0}, "learning_rate = 0 must be above 0"),
        ({"learning_rate": math.nan}, "learning_rate = nan is no finite number"),
        ({"dropout": 1.0}, "dropout = 1.0 must be at least 0 and below 1"),
        ({"weight_decay": -1e-9}, "weight_decay = -1e-09 must be at least 0"),
        ({"batch_size": 0}, "batch_size = 0 must be at least 1"),
        ({"jets": -1}, "jets = -1 must be at least 0"),
        ({"constituents": 201}, "constituents = 201 must be at least 1 and at most 200"),
        ({"activation": "rely"}, "activation = 'rely' is none of relu, gelu, silu, elu, tanh"),
        ({"features": 3}, "features = 3 is none of constituents, jet, substructure"),
        ({"data": 3}, "data = 3 is none of text"),
        ({"learning_rates": 0.1}, "no parameter learning_rates: did you mean learning_rate?"),
        ({"colour": 1}, "no parameter colour: it knows layers, nodes, activation"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_right(params: dict, text: str) -> None:
    with pytest.raises(ObjectiveError) as caught:
        train(params)
    assert text in str(caught.value)


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(ObjectiveError, match=r"no parameter node: .*; layers = 0 .*; dropout = 2"):
        Config.read({"node": 1, "layers": 0, "dropout": 2})


def test_values_get_their_types() -> None:
    config = Config.read({"nodes": 64.0, "layers": np.int64(2), "dropout": np.float64(0.5)})
    assert (config.nodes, config.layers, config.dropout) == (64, 2, 0.5)
    assert type(config.nodes) is type(config.layers) is int


def test_the_shipped_sample_is_fine() -> None:
    text = "jets: 24,000 train, 8,000 val, 8,000 test"
    assert train.check({"data": str(ROOT / "data")}) == text


def test_checking_converts_nothing_and_tells_what_is_wrong(tmp_path: Path) -> None:
    write_npz(tmp_path)
    assert check({"data": str(tmp_path), "constituents": 12, "jets": 50}) == (
        "jets: 50 train, 50 val, 50 test"
    )
    assert not (tmp_path / ".cache").exists()
    with pytest.raises(DataError, match="constituents = 20, but it holds 12"):
        check({"data": str(tmp_path)})
    x, y = made_jets(30)
    write_npz(tmp_path, test=(x, np.zeros_like(y)))
    with pytest.raises(DataError, match=r"test\.npz: all 30 jets"):
        check({"data": str(tmp_path), "constituents": 12})


def test_checking_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from trialdeck.core.fcn import train; train.check({'data': sys.argv[1],"
        " 'constituents': 12}); print([m for m in ('torch', 'tables', 'scipy', 'hyperopt')"
        " if m in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(write_npz(tmp_path))]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
