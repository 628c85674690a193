from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from tests.core.history.disks import filled, small_disk
from tests.core.made_jets import made_jets, write_npz
from trialdeck.core import cache
from trialdeck.core.fcn import Config, train
from trialdeck.core.objective import Trial
from trialdeck.core.training import load, stratified

if TYPE_CHECKING:
    from pathlib import Path


class Pruned(Exception):
    """Raised by a report."""


@dataclass
class FakeTrial:
    """A trial as the objective sees it; prunes at a step, or wants to stop after it."""

    seed: int = 0
    fraction: float = 1.0
    confirming: bool = False
    device: str = "cpu"
    checkpoint_dir: Path | None = None
    model_dir: Path | None = None
    prune_at: int = 0
    should_stop: bool = False
    curve: list[tuple[int, dict[str, float]]] = field(default_factory=list)

    def report(self, step: int, **metrics: float) -> None:
        self.curve.append((step, metrics))
        if step == self.prune_at:
            raise Pruned


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield write_npz(tmp_path_factory.mktemp("data"), 600)
    torch.set_num_threads(threads)


@pytest.fixture
def params(folder: Path) -> dict:
    return {"data": str(folder), "constituents": 12, "epochs": 4, "nodes": 16, "batch_size": 32}


def test_it_learns_and_tells_every_score(params: dict) -> None:
    trial = FakeTrial(confirming=True)
    found = train(params, trial)
    assert found["auc"] > 0.9
    names = {"loss", "auc", "accuracy", "rejection"}
    assert set(found) == {*names, *(f"test_{n}" for n in names), "epochs", "parameters"}
    assert all(type(value) in {int, float} for value in found.values())
    assert [step for step, _ in trial.curve] == [1, 2, 3, 4]
    assert all(set(metrics) == {"loss", "auc"} for _, metrics in trial.curve)
    assert found["loss"] == min(metrics["loss"] for _, metrics in trial.curve)


def test_the_test_sample_is_looked_at_only_to_confirm(params: dict) -> None:
    assert not any(name.startswith("test_") for name in train(params, FakeTrial()))


def test_it_runs_without_a_trial(params: dict) -> None:
    assert train(params)["epochs"] == 4


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_one_seed_gives_the_same_bits(params: dict, dropout: float) -> None:
    params["dropout"] = dropout
    first, again, other = (train(params, FakeTrial(seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert first["loss"] != other["loss"]


def test_the_best_epoch_counts_when_later_ones_are_worse(params: dict) -> None:
    trial = FakeTrial()
    params |= {"epochs": 60, "patience": 3, "learning_rate": 0.02, "nodes": 64}
    found = train(params, trial)
    losses = [metrics["loss"] for _, metrics in trial.curve]
    best = int(np.argmin(losses))
    assert found["epochs"] == len(losses) == best + 1 + 3 < 60
    assert found["loss"] == losses[best]
    assert found["auc"] == trial.curve[best][1]["auc"]


def test_a_training_that_diverges_says_so(params: dict) -> None:
    found = train({**params, "learning_rate": 1e30}, FakeTrial())
    assert math.isnan(found["loss"])
    assert found["epochs"] < 4


def test_a_report_may_end_it(params: dict) -> None:
    with pytest.raises(Pruned):
        train(params, FakeTrial(prune_at=2))


def test_it_goes_on_from_a_checkpoint_as_if_nothing_had_been(params: dict, tmp_path: Path) -> None:
    params["dropout"] = 0.2
    straight = train(params, FakeTrial())
    with pytest.raises(Pruned):
        train(params, FakeTrial(checkpoint_dir=tmp_path, prune_at=2, should_stop=True))
    assert [p.name for p in tmp_path.iterdir()] == ["fcn.pt"]
    resumed = FakeTrial(checkpoint_dir=tmp_path)
    assert train(params, resumed) == straight
    assert [step for step, _ in resumed.curve] == [3, 4]


@pytest.mark.parametrize(
    ("changed", "other"), [({"nodes": 8}, {}), ({}, {"seed": 1}), ({}, {"fraction": 0.5})]
)
def test_a_checkpoint_of_another_training_is_not_used(
    params: dict, tmp_path: Path, changed: dict, other: dict
) -> None:
    with pytest.raises(Pruned):
        train(params, FakeTrial(checkpoint_dir=tmp_path, prune_at=2, should_stop=True))
    resumed = FakeTrial(checkpoint_dir=tmp_path, **other)
    train(params | changed, resumed)
    assert len(resumed.curve) == 4


def test_a_checkpoint_that_is_cut_off_changes_no_result(
    params: dict, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    straight, file = train(params, FakeTrial()), tmp_path / "fcn.pt"
    with pytest.raises(Pruned):
        train(params, FakeTrial(checkpoint_dir=tmp_path, prune_at=2, should_stop=True))
    whole = file.read_bytes()
    for length in range(0, len(whole), len(whole) // 7):
        file.write_bytes(whole[:length])
        resumed = FakeTrial(checkpoint_dir=tmp_path)
        assert train(params, resumed) == straight
        assert len(resumed.curve) == 4
        assert "fcn.pt is no checkpoint to go on from" in caplog.messages[-1]


def test_one_that_has_diverged_has_done_so_for_further_attempts_too(
    params: dict, tmp_path: Path
) -> None:
    params |= {"learning_rate": 1e30}
    straight = train(params, FakeTrial())
    last = int(straight["epochs"])
    with pytest.raises(Pruned):
        train(params, FakeTrial(checkpoint_dir=tmp_path, prune_at=last, should_stop=True))
    resumed = FakeTrial(checkpoint_dir=tmp_path)
    assert repr(train(params, resumed)) == repr(straight)
    assert resumed.curve == []


def test_told_to_stop_at_a_report_it_leaves_a_checkpoint_of_that_step(
    params: dict, tmp_path: Path
) -> None:
    class Told(FakeTrial):
        def report(self, step: int, **metrics: float) -> None:
            self.should_stop = step == 2
            super().report(step, **metrics)

    with pytest.raises(Pruned):
        train(params, Told(checkpoint_dir=tmp_path, prune_at=2))
    resumed = FakeTrial(checkpoint_dir=tmp_path)
    train(params, resumed)
    assert [step for step, _ in resumed.curve] == [3, 4]


def test_a_full_disk_costs_the_checkpoint_and_the_network_but_not_the_result(
    params: dict,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    straight = train(params, FakeTrial())
    monkeypatch.setattr("trialdeck.core.training.CHECKPOINT_SECONDS", 0.0)
    with small_disk(tmp_path / "disk") as disk:
        trial = FakeTrial(checkpoint_dir=disk, model_dir=disk)
        with filled(disk):
            assert train(params, trial) == straight
        said = {message.split(":")[0] for message in caplog.messages}
        assert said == {"a checkpoint cannot be kept", "the trained network cannot be kept"}
        assert list(disk.iterdir()) == []


def test_folders_that_cannot_be_made_cost_no_result_either(
    params: dict, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    trial = Trial(
        *(0, 0, 1.0, "cpu", tmp_path / "file" / "0", tmp_path / "file" / "0"),
        send_report=lambda _step, _values: None,
        asked_to_stop=lambda: False,
    )
    assert train(params, trial) == train(params, FakeTrial())
    said = [message.split(":")[0] for message in caplog.messages]
    assert said == ["checkpoints cannot be kept", "the trained network cannot be kept"]


def test_a_smaller_fraction_is_part_of_a_larger_one() -> None:
    labels = np.repeat([0, 1], [300, 100])
    parts = [set(stratified(labels, f).tolist()) for f in (0.1, 0.25, 0.7, 1.0)]
    assert [len(part) for part in parts] == [40, 100, 280, 400]
    assert all(a < b for a, b in itertools.pairwise(parts))
    assert all(labels[list(part)].mean() == pytest.approx(0.25) for part in parts)


def test_a_fraction_changes_the_training_sample_only(params: dict) -> None:
    params["epochs"] = 1
    part, whole = (train(params, FakeTrial(fraction=f)) for f in (0.2, 1.0))
    assert part["loss"] > whole["loss"]


def test_the_data_stay_loaded_and_map_the_files(params: dict) -> None:
    request = Config.read(params).request
    sample = load(cache.prepare(request), "cpu")
    assert load(cache.prepare(Config.read({**params, "nodes": 5}).request), "cpu") is sample
    assert isinstance(np.load(cache.prepare(request) / "val/x.npy", mmap_mode="c"), np.memmap)
    x, y = made_jets(600, seed=1)
    assert sample["val"].y.tolist() == y.tolist()
    assert len(sample["val"].x) == len(x)


def test_every_feature_set_and_activation_trains(params: dict) -> None:
    params["epochs"] = 1
    for features in ("constituents", "jet", "substructure"):
        inputs = {"constituents": 36, "jet": 39, "substructure": 45}[features]
        found = train({**params, "features": features, "layers": 1}, FakeTrial())
        assert found["parameters"] == (inputs + 1) * 16 + 17
