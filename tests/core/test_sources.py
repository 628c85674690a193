from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import tables

from tests.core.made_jets import made_jets, write_h5, write_npz
from trialdeck.core.errors import DataError
from trialdeck.core.sources import SPLITS, find, open_source

SAMPLE = Path(__file__).parents[2] / "data"


def test_the_shipped_sample_opens() -> None:
    for split, count in zip(SPLITS, (24_000, 8_000, 8_000), strict=True):
        with open_source(SAMPLE, split) as source:
            assert (source.rows, source.constituents) == (count, 40)


def write_npy(path: Path, x: np.ndarray, y: np.ndarray) -> None:
    np.save(path, x)
    np.save(path.with_name("val_y.npy"), y)


def save_npz(path: Path, x: np.ndarray, y: np.ndarray) -> None:
    np.savez(path, X=x, y=y)


@pytest.mark.parametrize(
    ("name", "write", "constituents"),
    [("val.npz", save_npz, 12), ("val_X.npy", write_npy, 12), ("val.h5", write_h5, 200)],
)
def test_every_format_gives_the_same_rows(tmp_path: Path, name, write, constituents) -> None:
    x, y = made_jets(70)
    write(tmp_path / name, x, y)
    assert find(tmp_path, "val") == tmp_path / name
    with open_source(tmp_path, "val") as source:
        assert (source.rows, source.constituents) == (70, constituents)
        momenta, labels = source.read(15, 65)
        assert np.array_equal(momenta[:, :12], x[15:65])
        assert not momenta[:, 12:].any()
        assert np.array_equal(labels, y[15:65])


def test_a_missing_folder_and_a_missing_file_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere is no folder"):
        find(tmp_path / "nowhere", "train")
    with pytest.raises(DataError, match=r"no jets for train; looked for train\.npz, train\.h5"):
        find(tmp_path, "train")


def test_two_files_for_one_split_are_refused(tmp_path: Path) -> None:
    write_npz(tmp_path)
    (tmp_path / "val.h5").touch()
    with pytest.raises(DataError, match=r"both val\.npz and val\.h5"):
        find(tmp_path, "val")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garbage(path: Path) -> None:
    path.write_bytes(b"not what it says" * 100)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[2000:2400] = bytes(400)
    path.write_bytes(data)


def read_all(folder: Path, split: str) -> None:
    with open_source(folder, split) as source:
        source.read(0, source.rows)


@pytest.mark.parametrize("damage", [truncated, garbage, empty, flipped])
def test_a_damaged_npz_is_named(tmp_path: Path, damage) -> None:
    damage(write_npz(tmp_path) / "test.npz")
    with pytest.raises(DataError, match=r"test\.npz cannot be read"):
        read_all(tmp_path, "test")


@pytest.mark.parametrize("damage", [truncated, garbage, empty])
def test_a_damaged_h5_is_named(tmp_path: Path, damage) -> None:
    write_h5(tmp_path / "test.h5", *made_jets(400))
    damage(tmp_path / "test.h5")
    with pytest.raises(DataError, match=r"test\.h5(: not an HDF5 file| cannot be read)"):
        read_all(tmp_path, "test")


class OtherTable(tables.IsDescription):
    energies = tables.Float32Col(shape=(5,))


def test_a_table_with_other_columns_says_which_it_has(tmp_path: Path) -> None:
    write_h5(tmp_path / "val.h5", *made_jets(3), OtherTable)
    with pytest.raises(DataError, match=r"not the table.*found energies \(5,\)"):
        read_all(tmp_path, "val")


def test_a_file_without_the_key(tmp_path: Path) -> None:
    with tables.open_file(tmp_path / "val.h5", "w") as file:
        file.create_array("/", "other", [1])
    with pytest.raises(DataError, match='no table under the key "table"'):
        read_all(tmp_path, "val")


def test_a_missing_extra_comes_with_its_command(tmp_path: Path, monkeypatch) -> None:
    write_h5(tmp_path / "val.h5", *made_jets(10))
    monkeypatch.setitem(sys.modules, "tables", None)
    with pytest.raises(DataError, match=r'pip install "trialdeck\[h5\]"'):
        read_all(tmp_path, "val")


X, Y = made_jets(20)


@pytest.mark.parametrize(
    ("arrays", "text"),
    [
        ({"X": X}, "no array named y in it"),
        ({"X": X[:0], "y": Y[:0]}, "no jets in it"),
        ({"X": X[0], "y": Y}, r"shape \(jets, constituents, 4\)"),
        ({"X": X, "y": Y[:7]}, "one label for each of the 20 jets"),
        ({"X": X.astype(object), "y": Y}, "cannot be read"),
    ],
)
def test_wrong_arrays(tmp_path: Path, arrays, text: str) -> None:
    np.savez(tmp_path / "val.npz", **arrays)
    with pytest.raises(DataError, match=text):
        read_all(tmp_path, "val")


def test_labels_without_their_momenta_are_missed(tmp_path: Path) -> None:
    np.save(tmp_path / "val_X.npy", X)
    with pytest.raises(DataError, match=r"its labels are missing: .*val_y\.npy"):
        read_all(tmp_path, "val")
