"""The training of the default network; see `fcn.train`."""

from __future__ import annotations

import functools
import math
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - as everyone calls it

from trialdeck.core import cache, jets, scores
from trialdeck.core.network import AdamW, Network
from trialdeck.core.sources import SPLITS

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.fcn import Config, Trial

EVALUATED: Final = 16384  # jets at once when nothing is learnt
CHECKPOINT_SECONDS: Final = 30.0  # a short training leaves no checkpoint unless it has to stop


def fit(config: Config, trial: Trial | None) -> dict[str, float]:
    """Train the network; see `fcn.train`."""
    device = trial.device if trial else "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(trial.seed if trial else 0)
    folder = cache.prepare(config.request)
    splits = load(folder, device)
    columns = jets.chosen(config.features, config.constituents)
    x, y = splits["train"].x[:, columns], splits["train"].y  # (n, inputs), (n,)
    rows = stratified(splits["train"].labels, trial.fraction if trial else 1.0)
    mean, deviation = torch.from_numpy(np.load(folder / "train" / "scale.npy")[:, columns])
    network = Network(config, mean.to(device), deviation.to(device))
    optimizer = AdamW(network, config.learning_rate, config.weight_decay)
    run = Run(config, network, optimizer, trial)
    while not run.ended:
        for batch in shuffled(rows, config.batch_size, device):
            network.differentiate(x.index_select(0, batch), y.index_select(0, batch))
            optimizer.step()
        val_loss, logits = evaluate(network, splits["val"], columns)
        run.record(loss=val_loss, auc=scores.auc(logits, splits["val"].labels))
    network.values.copy_(run.best)
    # Nobody chooses by the test sample what nobody has measured on it.
    reports = trial is None or trial.confirming
    on_test = scored(network, splits["test"], columns) if reports else {}
    return {
        **scored(network, splits["val"], columns),
        **{f"test_{name}": value for name, value in on_test.items()},
        "epochs": run.epoch,
        "parameters": network.values.numel(),
    }


def shuffled(rows: Tensor, size: int, device: str) -> tuple[Tensor, ...]:
    """Return `rows` in a new order, in batches. One copy to the device for an epoch."""
    return torch.split(rows[torch.randperm(len(rows))].to(device), size)


class Run:
    """How far a training has come: its best epoch, when it ends, and its checkpoint."""

    def __init__(
        self, config: Config, network: Network, optimizer: AdamW, trial: Trial | None
    ) -> None:
        self._config, self._network, self._optimizer = config, network, optimizer
        self._trial = trial
        folder = trial.checkpoint_dir if trial else None
        self._file = folder / "fcn.pt" if folder else None
        self._saved = time.monotonic()
        self.epoch = 0  # epochs that are done
        self.best_epoch, self.best_loss, self.best = 0, math.inf, network.values
        self._diverged = False
        if self._file and self._file.is_file():
            self._resume(self._file)

    @property
    def ended(self) -> bool:
        """Whether all epochs are done, or nothing better came for long enough, or never will."""
        waited = self.epoch - self.best_epoch
        return (
            self.epoch >= self._config.epochs or waited >= self._config.patience or self._diverged
        )

    def record(self, loss: float, auc: float) -> None:
        """Note an epoch's result, keep the weights if they are the best, and report it."""
        self.epoch += 1
        self._diverged = not math.isfinite(loss)
        if loss < self.best_loss or self.epoch == 1:
            self.best_epoch, self.best_loss = self.epoch, loss
            self.best = self._network.values.clone()
        if self._trial:
            if self._trial.should_stop or time.monotonic() - self._saved > CHECKPOINT_SECONDS:
                self._save()
            self._trial.report(self.epoch, loss=loss, auc=auc)

    def _tensors(self) -> dict[str, Tensor]:
        optimizer = self._optimizer
        return {
            "values": self._network.values,
            "mean": optimizer.mean,
            "square": optimizer.square,
            "steps": optimizer.steps,
        }

    def _save(self) -> None:
        if self._file is None:
            return
        state = {
            "config": asdict(self._config),
            "progress": (self.epoch, self.best_epoch, self.best_loss),
            "best": self.best,
            "random": torch.get_rng_state(),
            **self._tensors(),
        }
        unfinished = self._file.with_suffix(".tmp")
        torch.save(state, unfinished)
        unfinished.rename(self._file)
        self._saved = time.monotonic()

    def _resume(self, file: Path) -> None:
        """Go on where an earlier attempt at this trial was stopped."""
        state = torch.load(file, map_location="cpu", weights_only=True)
        if state["config"] != asdict(self._config):
            return
        self.epoch, self.best_epoch, self.best_loss = state["progress"]
        self.best = state["best"].to(self._network.values.device)
        torch.set_rng_state(state["random"])
        for name, tensor in self._tensors().items():
            tensor.copy_(state[name])


@torch.inference_mode()
def evaluate(network: Network, split: Split, columns: slice) -> tuple[float, np.ndarray[Any, Any]]:
    """Return the loss (cross entropy) on a sample, and the logits (n,)."""
    logits = torch.cat(
        [network.logits(x[:, columns]) for x in torch.split(split.x, EVALUATED)]
    )  # (n,)
    loss = F.binary_cross_entropy_with_logits(logits, split.y)
    return loss.item(), logits.cpu().numpy()


def scored(network: Network, split: Split, columns: slice) -> dict[str, float]:
    """Return every score on a sample."""
    loss, logits = evaluate(network, split, columns)
    return {
        "loss": loss,
        "auc": scores.auc(logits, split.labels),
        "accuracy": scores.accuracy(logits, split.labels),
        "rejection": scores.rejection(logits, split.labels),
    }


def stratified(labels: np.ndarray[Any, Any], fraction: float) -> Tensor:
    """Return the rows of a fraction of a sample, with the same share of each class.

    The rows of a smaller fraction are among those of a larger one, whatever the trial.
    """
    if fraction >= 1:
        return torch.arange(len(labels))
    random = np.random.default_rng(0)
    of_class = [random.permutation(np.flatnonzero(labels == label)) for label in (0, 1)]
    taken = [rows[: math.ceil(fraction * len(rows))] for rows in of_class]
    return torch.from_numpy(np.sort(np.concatenate(taken)))


@dataclass(frozen=True, slots=True)
class Split:
    """One sample on the device: columns (n, width) and labels (n,), also as numpy has them."""

    x: Tensor
    y: Tensor
    labels: np.ndarray[Any, np.dtype[np.int8]]


@functools.lru_cache(maxsize=2)
def load(folder: Path, device: str) -> dict[str, Split]:
    """Return the converted data; kept, as a core runs one trial after the other.

    On the CPU nothing is copied: the files are mapped and shared by all processes.
    """
    splits = {}
    for name in SPLITS:
        x = torch.from_numpy(np.load(folder / name / "x.npy", mmap_mode="c")).to(device)
        labels = np.load(folder / name / "y.npy")
        splits[name] = Split(x, torch.from_numpy(labels).to(device, torch.float32), labels)
    return splits
