"""An epoch of the default network against the bare matrix products that it cannot do without.

``python -m tests.bench.epoch [data folder]``. Both in turns in one process on one thread, so that
what else the machine does falls on both; the ratio is of the medians.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from trialdeck.core import cache, jets
from trialdeck.core.fcn import Config
from trialdeck.core.network import AdamW, Network
from trialdeck.core.training import load, shuffled

if TYPE_CHECKING:
    from collections.abc import Callable

PAIRS = 15
LIMIT = 1.5


def products(shapes: list[tuple[int, int]], rows: int, size: int) -> Callable[[], None]:
    """Return one epoch of nothing but the matrix products, forward and backward."""
    weights = [torch.randn(shape) for shape in shapes]
    batches = [torch.randn(len(b), shapes[0][0]) for b in torch.empty(rows).split(size)]

    def epoch() -> None:
        for batch in batches:
            values = [batch]
            for weight in weights:
                values.append(values[-1] @ weight)
            gradient = values.pop()
            for weight, value in zip(reversed(weights), reversed(values), strict=True):
                value.t() @ gradient
                if value is not batch:
                    gradient = gradient @ weight.t()

    return epoch


def training(config: Config) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return one epoch of training, and one of the bare products of the same shapes."""
    sample = load(cache.prepare(config.request), "cpu")["train"]
    x, y = sample.x[:, jets.chosen(config.features, config.constituents)], sample.y
    network = Network(config, x.mean(0), x.std(0))
    optimizer = AdamW(network, config.learning_rate, config.weight_decay)
    rows = torch.arange(len(x))

    def epoch() -> None:
        for batch in shuffled(rows, config.batch_size, "cpu"):
            network.differentiate(x.index_select(0, batch), y.index_select(0, batch))
            optimizer.step()

    return epoch, products(network.shapes, len(x), config.batch_size)


def seconds(function: Callable[[], None]) -> float:
    start = time.thread_time()
    function()
    return time.thread_time() - start


def measure(config: Config) -> tuple[float, float]:
    """Return the median seconds of an epoch and of its bare products."""
    torch.manual_seed(0)
    epoch, bare = training(config)
    epoch(), bare()
    pairs = np.array([(seconds(epoch), seconds(bare)) for _ in range(PAIRS)])
    return statistics.median(pairs[:, 0]), statistics.median(pairs[:, 1])


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    folder = (arguments or sys.argv[1:] or [str(Path(__file__).parents[2] / "data")])[0]
    torch.set_num_threads(1)
    print(f"{'network':32} {'epoch ms':>9} {'bare ms':>8} {'ratio':>6}  at most {LIMIT}")
    for name, changes in {
        "default": {},
        "gelu": {"activation": "gelu"},
        "dropout 0.3": {"dropout": 0.3},
        "256 nodes": {"nodes": 256},
    }.items():
        epoch, bare = measure(Config.read({"data": folder, **changes}))
        print(f"{name:32} {1e3 * epoch:9.1f} {1e3 * bare:8.1f} {epoch / bare:6.2f}")


if __name__ == "__main__":
    main()
