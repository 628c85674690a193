"""The network that a trial leaves, and what the README says can be done with it."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.core.made_jets import made_jets, write_npz
from tests.core.test_training import FakeTrial
from tests.searching import finish
from trialdeck.core import data, fcn, scores
from trialdeck.core.kept_network import kept_network
from trialdeck.core.searches import start

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return a folder with jets, the metrics of a training on them, and the file that it left."""
    folder = write_npz(tmp_path_factory.mktemp("data"), 600)
    params = {"data": str(folder), "constituents": 10, "epochs": 3, "features": "substructure"}
    found = fcn.train(params, FakeTrial(model_dir=folder, confirming=True))
    return folder, found, folder / "fcn.pt"


def test_it_gives_the_scores_that_were_reported(trained):
    folder, found, file = trained
    network = fcn.load(file)
    for split, prefix in (("val", ""), ("test", "test_")):
        jets, labels = data.read(folder, split)
        logits = network(jets)
        assert logits.shape == (600,)
        assert scores.auc(logits, labels) == pytest.approx(found[f"{prefix}auc"], abs=1e-6)
        assert scores.accuracy(logits, labels) == found[f"{prefix}accuracy"]
    assert network.metrics == found
    assert (network.config.constituents, network.config.features) == (10, "substructure")


def test_the_file_is_plain_for_torch(trained):
    kept = torch.load(trained[2], weights_only=True)
    assert set(kept) == {"version", "config", "metrics", "values", "mean", "deviation"}
    assert kept["config"]["epochs"] == 3
    assert len(kept["values"]) == trained[1]["parameters"]


def test_loading_one_draws_no_random_numbers(trained):
    before = torch.get_rng_state()
    fcn.load(trained[2])
    assert torch.equal(torch.get_rng_state(), before)


def test_jets_one_by_one_and_none(trained):
    network = fcn.load(trained[2])
    jets, _ = made_jets(20)
    together = network(jets)
    assert np.concatenate([network(jets[n : n + 1]) for n in range(20)]) == pytest.approx(
        together, abs=1e-4
    )
    assert network(jets[:0]).shape == (0,)


def test_the_lines_of_the_readme_give_the_auc_in_the_history(tmp_path, monkeypatch, capsys):
    text = (ROOT / "params.toml").read_text()
    (tmp_path / "data").symlink_to(ROOT / "data")
    (tmp_path / "params.toml").write_text(text)
    search = start(tmp_path / "params.toml", overrides={"search.max_trials": 1, "fixed.epochs": 1})
    assert finish(search, 1, 60) == 0
    (tid,) = search.confirm(1, 1)
    assert finish(search, 1, 60) == 0
    snapshot = search.snapshot()
    folder = kept_network(search, snapshot, tid).folder
    readme = (ROOT / "README.md").read_text()
    (code,) = re.findall(r"```python\n(from trialdeck.core import data.*?)```", readme, re.DOTALL)
    assert len([line for line in code.splitlines() if line]) <= 5
    code, count = re.subn(r"history/top-tagging/models/\d+/\d+", folder, code)
    assert count == 1
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    assert "test_auc" not in snapshot.trials[snapshot.best].metrics
    wanted = snapshot.trials[tid].metrics["test_auc"]
    assert float(capsys.readouterr().out) == pytest.approx(wanted, abs=1e-6)
