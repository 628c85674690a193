"""A trained network of the default objective as a file, and as something to call.

The file is one of `torch.save` that ``torch.load(path, weights_only=True)`` reads: "config" (the
values of `fcn.Config`), "values" (all weights in one vector, as in `network.Network`), "mean" and
"deviation" (inputs,) of what goes in, and the "metrics" of the trial.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from trialdeck.core import checkpoints, jets
from trialdeck.core.data import CHUNK
from trialdeck.core.fcn import Config
from trialdeck.core.network import Network

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    from torch import Tensor

VERSION: Final = 1


class Tagger:
    """Tells top-quark jets from others. `config` and `metrics` say how it was trained, how well."""

    def __init__(self, kept: dict[str, Any]) -> None:
        self.config = Config.read(kept["config"])
        self.metrics: dict[str, float] = kept["metrics"]
        self._columns = jets.chosen(self.config.features, self.config.constituents)
        with torch.random.fork_rng(devices=[]):  # the weights are drawn, and then replaced
            self.network = Network(self.config, kept["mean"], kept["deviation"])
        self.network.values.copy_(kept["values"])

    @torch.inference_mode()
    def __call__(self, momenta: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Return the logits (n,) of jets (n, m, 4), as E, px, py, pz in GeV: above 0, a top quark.

        Missing constituents are rows of zeros; 1 / (1 + exp(-logit)) is the probability.
        """
        found = [np.empty(0, dtype=np.float32)]
        for start in range(0, len(momenta), CHUNK):
            some = np.asarray(momenta[start : start + CHUNK], dtype=np.float32)
            x = jets.columns(some, self.config.constituents)[:, self._columns]
            found.append(self.network.logits(torch.from_numpy(x)).numpy())
        return np.concatenate(found)


def save(
    path: Path,
    config: Config,
    values: Tensor,
    scale: tuple[Tensor, Tensor],
    metrics: dict[str, float],
) -> None:
    """Write a trained network; `scale` is the mean and the deviation. Raises OSError."""
    mean, deviation = scale
    tensors = {"values": values, "mean": mean, "deviation": deviation}
    state = {name: tensor.cpu().clone() for name, tensor in tensors.items()}
    about = {"version": VERSION, "config": asdict(config), "metrics": dict(metrics)}
    checkpoints.save({**about, **state}, path)


def load(path: Path) -> Tagger:
    """Return a network. Raises OSError, and whatever torch makes of a file that is none."""
    return Tagger(torch.load(path, map_location="cpu", weights_only=True))
