"""Checkpoints that are cut off, damaged, or find no room."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from tests.core.history.disks import filled, small_disk
from trialdeck.core import checkpoints

STATE = {"epoch": 3, "best": None, "weights": torch.arange(5000.0), "random": torch.get_rng_state()}


@pytest.fixture
def file(tmp_path):
    checkpoints.save(STATE, tmp_path / "state.pt")
    return tmp_path / "state.pt"


def same(state):
    return state["epoch"] == 3 and torch.equal(state["weights"], STATE["weights"])


def test_what_is_saved_is_loaded_and_torch_can_read_it(file):
    assert same(checkpoints.load(file))
    assert same(torch.load(file, weights_only=True))
    assert [path.name for path in file.parent.iterdir()] == ["state.pt"]


def test_no_file_is_no_checkpoint(tmp_path, caplog):
    assert checkpoints.load(tmp_path / "none.pt") is None
    assert not caplog.text


def test_a_file_that_is_cut_off_anywhere_is_no_checkpoint(file, caplog):
    whole = file.read_bytes()
    lengths = [0, 1, 100, *range(200, len(whole), 997), len(whole) - 1]
    for length in lengths:
        file.write_bytes(whole[:length])
        assert checkpoints.load(file) is None
    assert caplog.text.count("state.pt is no checkpoint to go on from") == len(lengths)


def test_a_file_with_zeros_in_the_middle_is_no_checkpoint(file, caplog):
    whole = bytearray(file.read_bytes())
    middle = whole.index(torch.arange(2500.0, 2510.0).numpy().tobytes())
    whole[middle : middle + 40] = bytes(40)
    file.write_bytes(whole)
    torch.load(file, weights_only=True)  # does not mind
    assert checkpoints.load(file) is None
    assert "is damaged" in caplog.text


def test_what_is_more_than_plain_values_is_not_executed(tmp_path, caplog):
    torch.save({"hook": print}, tmp_path / "state.pt")
    assert checkpoints.load(tmp_path / "state.pt") is None
    assert "no checkpoint to go on from" in caplog.text


def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        file = disk / "state.pt"
        checkpoints.save(STATE, file)
        with filled(disk), pytest.raises(OSError, match=r"space|written"):
            checkpoints.save({**STATE, "more": torch.zeros(500_000)}, file)
        assert [path.name for path in disk.iterdir()] == ["state.pt"]
        assert same(checkpoints.load(file))


class Momentum:
    """An optimiser without what torch.optim takes to be loaded."""

    def __init__(self):
        self.step = torch.zeros(2)

    def state_dict(self):
        return {"step": self.step}

    def load_state_dict(self, state):
        self.step = state["step"]


def one_epoch(model, optimizer):
    """Go towards 0 in steps of random size, and past it."""
    with torch.no_grad():
        optimizer.step += 0.05 * model.weight[0] * torch.rand(2)
        model.weight -= optimizer.step
        return model.weight.norm().item()


def the_example(folder, stop_at=None):
    """Run the objective in the documentation on a trial that ends at a step, or does not."""
    text = (Path(__file__).parents[2] / "docs" / "checkpoints.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    steps = []

    def build(_params):
        torch.manual_seed(0)
        return torch.nn.Linear(2, 1, bias=False), Momentum()

    def report(step, loss):
        steps.append(step)
        if step == stop_at:
            raise InterruptedError

    names = {"build": build, "one_epoch": one_epoch}
    exec(code, names)
    trial = SimpleNamespace(checkpoint_dir=folder, model_dir=folder, report=report)
    return names["train"]({"epochs": 40}, trial), steps


def test_the_example_in_the_documentation_goes_on_as_if_nothing_had_been(tmp_path):
    for name in ("straight", "stopped"):
        (tmp_path / name).mkdir()
    best, steps = the_example(tmp_path / "straight")
    assert 9 < len(steps) < 40, "it ended by itself"
    for stop_at in (3, 9):
        with pytest.raises(InterruptedError):
            the_example(tmp_path / "stopped", stop_at)
    assert the_example(tmp_path / "stopped") == (best, steps[9:])
    networks = [checkpoints.load(tmp_path / n / "best.pt") for n in ("straight", "stopped")]
    assert torch.equal(networks[0]["weight"], networks[1]["weight"])
