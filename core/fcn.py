"""The default objective: a fully connected network that tells top-quark jets from others.

``trialdeck.core.fcn:train`` takes every parameter of `Config`, from [space] or from [fixed].
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from trialdeck.core import cache
from trialdeck.core.data import Request
from trialdeck.core.errors import ObjectiveError
from trialdeck.core.sources import SAMPLE, data_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from dataclasses import Field

    from trialdeck.core.tagger import Tagger


class Trial(Protocol):
    """What the network uses of its trial."""

    seed: int
    fraction: float
    confirming: bool
    device: str

    @property
    def checkpoint_dir(self) -> Path | None:
        """Where to keep what a further attempt goes on from."""
        ...

    @property
    def model_dir(self) -> Path | None:
        """Where to put the trained network."""
        ...

    @property
    def should_stop(self) -> bool:
        """Whether the process has to end soon."""
        ...

    def report(self, step: int, **metrics: float) -> None:
        """Add a point to the learning curve; may raise, which ends the training."""
        ...


def _number(default: float, low: float, high: float = math.inf, **bounds: bool) -> Any:
    """Make a field whose value is from `low` to `high`; `above`, `below`: without that bound."""
    return field(default=default, metadata={"low": low, "high": high, **bounds})


def _word(default: str, *options: str) -> Any:
    return field(default=default, metadata={"options": options})


@dataclass(frozen=True, slots=True)
class Config:
    """What one training is made of."""

    layers: int = _number(3, 1, 100)  # hidden ones
    nodes: int = _number(128, 1, 65536)  # of each hidden layer
    activation: str = _word("relu", "relu", "gelu", "silu", "elu", "tanh")
    dropout: float = _number(0.0, 0.0, 1.0, below=True)  # after each hidden layer
    learning_rate: float = _number(1e-3, 0.0, above=True)  # of AdamW
    weight_decay: float = _number(0.0, 0.0)  # of AdamW: decoupled, times the learning rate
    batch_size: int = _number(256, 1)
    epochs: int = _number(30, 1)  # at most
    patience: int = _number(5, 1)  # ends after so many epochs without a lower validation loss
    data: str = _word(SAMPLE)  # the folder of the jets; "sample": those that come with Trialdeck
    jets: int = _number(0, 0)  # at most so many per split; 0: all
    constituents: int = _number(20, 1, 200)  # the hardest so many of each jet
    features: str = _word("jet", "constituents", "jet", "substructure")  # see jets.chosen

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Config:
        """Make a Config, or raise ObjectiveError with every mistake in `params`."""
        known = {f.name: f for f in fields(cls)}
        problems = [_unknown(name, list(known)) for name in params if name not in known]
        values = {}
        for name, value in params.items():
            if name in known:
                values[name], problem = _read(known[name], value)
                problems += [problem] if problem else []
        if problems:
            raise ObjectiveError("; ".join(problems))
        return cls(**values)

    @property
    def request(self) -> Request:
        """The data that a training needs."""
        return Request(data_folder(self.data), self.constituents, self.jets)


def _unknown(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, 1)
    cure = f"did you mean {close[0]}?" if close else f"it knows {', '.join(known)}"
    return f"the network has no parameter {name}: {cure}"


def _read(spec: Field[Any], value: Any) -> tuple[Any, str]:
    """Return the value with its right type, and what is wrong with it or ""."""
    if spec.type == "str":
        value = str(value) if isinstance(value, Path) else value
        options: tuple[str, ...] = spec.metadata["options"]
        if isinstance(value, str) and (value in options or not options):
            return value, ""
        return value, f"{spec.name} = {value!r} is none of {', '.join(options) or 'text'}"
    value = value.item() if hasattr(value, "item") else value  # of numpy
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return value, f"{spec.name} = {value!r} is no finite number"
    if spec.type == "int":
        if value != int(value):
            return value, f"{spec.name} = {value!r} is no whole number"
        value = int(value)
    return value, _outside(spec, value)


def _outside(spec: Field[Any], value: float) -> str:
    low, high = spec.metadata["low"], spec.metadata["high"]
    above, below = spec.metadata.get("above", False), spec.metadata.get("below", False)
    if (low < value if above else low <= value) and (value < high if below else value <= high):
        return ""
    wanted = f"above {low:g}" if above else f"at least {low:g}"
    if high < math.inf:
        wanted += f" and below {high:g}" if below else f" and at most {high:g}"
    return f"{spec.name} = {value!r} must be {wanted}"


def train(params: Mapping[str, Any], trial: Trial | None = None) -> dict[str, float]:
    """Train once and return the scores, of the epoch with the lowest validation loss.

    "loss", "auc", "accuracy" and "rejection" are on the validation sample, by which to choose. The
    same with "test_" are on the test sample, for reporting only: they are returned when a point is
    confirmed, or without a trial. Reports loss and auc after each epoch. Leaves the network as
    ``fcn.pt`` in the trial's `model_dir`, for `load`. Also works by itself, without a trial: on the
    first GPU, if there is one.

    Raises ObjectiveError for wrong parameters, DataError for data that cannot be used.
    """
    config = Config.read(params)
    from trialdeck.core.training import fit  # here, as torch is slow to load

    return fit(config, trial)


def load(path: str | Path) -> Tagger:
    """Return a network that `train` has left: a function from jets to logits (see `Tagger`).

    Raises OSError when there is no such file.
    """
    from trialdeck.core import tagger

    return tagger.load(Path(path))


def check(params: Mapping[str, Any]) -> str:
    """Return a sentence about the data; raise as `train` would when no trial could run.

    Looks at the given values only, so it can be asked with those of [fixed] alone. It is quick,
    loads no torch, and converts nothing.
    """
    jets_of = cache.check(Config.read(params).request)
    return "jets: " + ", ".join(f"{count:,} {split}" for split, count in jets_of.items())


# Asked once, before a search starts.
train.check = check  # type: ignore[attr-defined]  # mypy knows no attributes of functions
