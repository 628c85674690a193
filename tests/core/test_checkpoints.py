"""Checkpoints that are cut off, damaged, or find no room."""

import warnings

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


def test_no_file_is_no_checkpoint(tmp_path):
    assert checkpoints.load(tmp_path / "none.pt") is None


def test_a_file_that_is_cut_off_anywhere_is_no_checkpoint(file):
    whole = file.read_bytes()
    for length in [0, 1, 100, *range(200, len(whole), 997), len(whole) - 1]:
        file.write_bytes(whole[:length])
        with pytest.warns(RuntimeWarning, match=r"state\.pt is no checkpoint to go on from"):
            assert checkpoints.load(file) is None


def test_a_file_with_zeros_in_the_middle_is_no_checkpoint(file):
    whole = bytearray(file.read_bytes())
    middle = whole.index(torch.arange(2500.0, 2510.0).numpy().tobytes())
    whole[middle : middle + 40] = bytes(40)
    file.write_bytes(whole)
    torch.load(file, weights_only=True)  # does not mind
    with pytest.warns(RuntimeWarning, match="is damaged"):
        assert checkpoints.load(file) is None


def test_what_is_more_than_plain_values_is_not_executed(tmp_path):
    torch.save({"hook": print}, tmp_path / "state.pt")
    with pytest.warns(RuntimeWarning, match="no checkpoint to go on from"):
        assert checkpoints.load(tmp_path / "state.pt") is None


def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        file = disk / "state.pt"
        checkpoints.save(STATE, file)
        with filled(disk), pytest.raises(OSError, match=r"space|written"):
            checkpoints.save({**STATE, "more": torch.zeros(500_000)}, file)
        assert [path.name for path in disk.iterdir()] == ["state.pt"]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert same(checkpoints.load(file))
