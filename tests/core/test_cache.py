from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.core.made_jets import made_jets, write_h5, write_npz
from trialdeck.core import jets
from trialdeck.core.cache import check, prepare
from trialdeck.core.data import Request
from trialdeck.core.errors import DataError

PREPARE = """
import sys, pathlib
from trialdeck.core import cache, data
sys.stdin.readline()
print(cache.prepare(data.Request(pathlib.Path(sys.argv[1]), 12)))
"""

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    (tmp_path / "data").mkdir()
    return write_npz(tmp_path / "data")


def same_as_source(cache: Path, split: str, x: np.ndarray, y: np.ndarray) -> bool:
    columns = np.load(cache / split / "x.npy", mmap_mode="c")
    labels = np.load(cache / split / "y.npy")
    return np.array_equal(columns, jets.columns(x, 40)) and np.array_equal(labels, y)


def test_all_splits_are_converted_once(folder: Path) -> None:
    cache = prepare(Request(folder, 12))
    assert cache.parent == folder / ".cache"
    for seed, split in enumerate(("train", "val", "test")):
        x, y = made_jets(400, seed=seed)
        assert same_as_source(cache, split, x.astype(np.float16), y)
    written = (cache / "train" / "x.npy").stat()
    assert prepare(Request(folder, 5)) == cache  # fewer constituents need no other cache
    assert (cache / "train" / "x.npy").stat() == written


def test_the_scale_is_of_the_training_columns(folder: Path) -> None:
    cache = prepare(Request(folder, 12))
    columns = np.load(cache / "train" / "x.npy").astype(float)
    mean, deviation = np.load(cache / "train" / "scale.npy")
    varying = columns.std(axis=0) > 1e-6
    assert np.allclose(mean, columns.mean(axis=0), atol=1e-4)
    assert np.allclose(deviation[varying], columns.std(axis=0)[varying], rtol=1e-3)
    assert (~varying).any()
    assert (deviation[~varying] == 1).all()


def test_an_h5_file_gives_the_same_columns(tmp_path: Path) -> None:
    x, y = made_jets(1500)
    for split in ("train", "val", "test"):
        write_h5(tmp_path / f"{split}.h5", x, y)
    cache = prepare(Request(tmp_path, 40))
    assert same_as_source(cache, "val", np.pad(x, ((0, 0), (0, 188), (0, 0))), y)


def test_a_changed_source_is_converted_anew(folder: Path) -> None:
    before = prepare(Request(folder, 12))
    write_npz(folder, 300)
    after = prepare(Request(folder, 12))
    assert after != before
    assert len(np.load(after / "val" / "y.npy")) == 300


def test_a_few_jets_have_a_cache_of_their_own(folder: Path) -> None:
    few = prepare(Request(folder, 12, 50))
    assert len(np.load(few / "train" / "y.npy")) == 50
    assert few != prepare(Request(folder, 12))


def test_check_reads_nothing_that_has_been_converted(folder: Path) -> None:
    expected = {"train": 400, "val": 400, "test": 400}
    assert check(Request(folder, 12)) == expected
    assert not (folder / ".cache").exists()
    prepare(Request(folder, 12))
    stamp = (folder / "val.npz").stat()
    (folder / "val.npz").write_bytes(bytes(stamp.st_size))
    os.utime(folder / "val.npz", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert check(Request(folder, 12)) == expected


@pytest.mark.parametrize("locks", [True, False])
def test_many_cores_at_once_leave_one_whole_cache(folder: Path, *, locks: bool) -> None:
    name = prepare(Request(folder, 12)).name
    shutil.rmtree(folder / ".cache")
    if not locks:  # a lock that cannot be had, as on some network file systems
        (folder / ".cache" / f"{name}.lock").mkdir(parents=True)
    command = [sys.executable, "-c", PREPARE, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    cores = [subprocess.Popen(command, **pipes) for _ in range(3)]
    found = {core.communicate("go\n")[0].strip() for core in cores}
    assert found == {str(folder / ".cache" / name)}
    assert sorted(p.name for p in (folder / ".cache").iterdir()) == [name, f"{name}.lock"]
    x, y = made_jets(400)
    assert same_as_source(folder / ".cache" / name, "train", x.astype(np.float16), y)


def test_what_a_killed_process_left_is_cleared_away(folder: Path) -> None:
    cache = prepare(Request(folder, 12))
    left = cache.with_name(f"{cache.name}.dead.tmp")
    cache.rename(left)
    assert prepare(Request(folder, 12)) == cache
    assert not left.exists()


@pytest.mark.parametrize("lost", ["train/x.npy", "info.json"])
def test_a_torn_cache_is_made_again(folder: Path, lost: str) -> None:
    cache = prepare(Request(folder, 12))
    whole = (cache / lost).read_bytes()
    (cache / lost).write_bytes(whole[: len(whole) // 2])
    assert prepare(Request(folder, 12)) == cache
    assert (cache / lost).read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_cached_elsewhere(folder: Path, tmp_path: Path) -> None:
    (folder / ".cache").touch()  # no folder can be made there, not even by root
    cache = prepare(Request(folder, 12))
    assert cache.parent == tmp_path / "home" / "trialdeck"
    assert prepare(Request(folder, 12)) == cache
    (tmp_path / "home" / "trialdeck").rename(tmp_path / "moved")
    (tmp_path / "home" / "trialdeck").touch()
    with pytest.raises(DataError, match="no place to keep the converted data"):
        prepare(Request(folder, 12))


def test_a_source_that_is_wrong_leaves_nothing(folder: Path) -> None:
    x, y = made_jets(400)
    write_npz(folder, test=(x, np.ones_like(y)))
    with pytest.raises(DataError, match=r"test\.npz.*both classes"):
        prepare(Request(folder, 12))
    assert [p.suffix for p in (folder / ".cache").iterdir()] == [".lock"]
