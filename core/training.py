"""The training of the default network; see `fcn.train`."""

from __future__ import annotations

import functools
import logging
import math
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - as everyone calls it

from trialdeck.core import cache, checkpoints, jets, scores, tagger
from trialdeck.core.early_stopping import EarlyStopping
from trialdeck.core.network import AdamW, Network
from trialdeck.core.sources import SPLITS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trialdeck.core.fcn import Config, Trial

EVALUATED: Final = 16384  # jets at once when nothing is learnt
CHECKPOINT_SECONDS: Final = 30.0  # a short training leaves no checkpoint unless it has to stop
FILE: Final = "fcn.pt"
_log = logging.getLogger(__name__)


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
    scale = mean.to(device), deviation.to(device)
    network = Network(config, *scale)
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
    metrics = {
        **scored(network, splits["val"], columns),
        **{f"test_{name}": value for name, value in on_test.items()},
        "epochs": run.stopping.step,
        "parameters": network.values.numel(),
    }
    if trial:
        with written("the trained network"):
            if models := trial.model_dir:
                tagger.save(models / FILE, config, network.values, scale, metrics)
    return metrics


def shuffled(rows: Tensor, size: int, device: str) -> tuple[Tensor, ...]:
    """Return `rows` in a new order, in batches. One copy to the device for an epoch."""
    return torch.split(rows[torch.randperm(len(rows))].to(device), size)


class Run:
    """How far a training has come: its best epoch, when it ends, and its checkpoint.

    The checkpoint holds all that the rest of the training depends on, the state of the random
    numbers too: it ends with the same bits, however often it is interrupted.
    """

    def __init__(
        self, config: Config, network: Network, optimizer: AdamW, trial: Trial | None
    ) -> None:
        self._network, self._optimizer, self._trial = network, optimizer, trial
        self._epochs = config.epochs
        self._about = {"version": 1, **asdict(config)}  # what it must be the same of
        self._file = None
        if trial:
            self._about |= {"seed": trial.seed, "fraction": trial.fraction}
            with written("checkpoints"):
                self._file = trial.checkpoint_dir / FILE if trial.checkpoint_dir else None
        self._saved = time.monotonic()
        self.stopping = EarlyStopping(config.patience)
        self.best = network.values
        if self._file:
            self._resume(checkpoints.load(self._file))

    @property
    def ended(self) -> bool:
        """Whether all epochs are done, or nothing better came for long enough, or never will."""
        return self.stopping.step >= self._epochs or self.stopping.should_stop

    def record(self, loss: float, auc: float) -> None:
        """Note an epoch's result, keep the weights if they are the best, and report it."""
        if self.stopping.update(loss):
            self.best = self._network.values.clone()
        if self._trial:
            try:
                self._trial.report(self.stopping.step, loss=loss, auc=auc)
            finally:  # a report raises when the process has to end
                late = time.monotonic() - self._saved > CHECKPOINT_SECONDS
                if self._trial.should_stop or late:
                    self._save()

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
            "about": self._about,
            "stopping": self.stopping.state_dict(),
            "best": self.best,
            "random": random_state(self._network.values.device),
            **self._tensors(),
        }
        with written("a checkpoint"):
            checkpoints.save(state, self._file)
        self._saved = time.monotonic()

    def _resume(self, state: Any) -> None:
        """Go on where an earlier attempt at this trial was stopped."""
        if not isinstance(state, dict) or state.get("about") != self._about:
            return
        self.stopping.load_state_dict(state["stopping"])
        self.best = state["best"].to(self._network.values.device)
        for name, tensor in self._tensors().items():
            tensor.copy_(state[name])
        set_random_state(state["random"], self._network.values.device)


@contextmanager
def written(what: str) -> Iterator[None]:
    """Have a result rather than nothing when the disk takes no more; the log says so."""
    try:
        yield
    except OSError as error:
        _log.warning("%s cannot be kept: %s", what, error)


def random_state(device: torch.device) -> list[Tensor]:
    """Return the states of the generators that a training on this device draws from."""
    return [
        torch.get_rng_state(),
        *([torch.cuda.get_rng_state(device)] if device.type == "cuda" else []),
    ]


def set_random_state(states: list[Tensor], device: torch.device) -> None:
    """Have the next random numbers be those that they were."""
    torch.set_rng_state(states[0])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states[1], device)


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
