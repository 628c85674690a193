"""Where jets come from: the files of a data folder, read by rows, whatever their format.

A source has `rows`, `constituents` (that it stores per jet) and `read(start, stop)`, which returns
momenta (n, constituents, 4) as E, px, py, pz in GeV and labels (n,), 1 for signal. What is wrong
with a file is a DataError that names it.
"""

from __future__ import annotations

import importlib.util
import zipfile
import zlib
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from trialdeck.core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    Rows = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]

SPLITS: Final = ("train", "val", "test")
SAMPLE: Final = "sample"
HDF5_SIGNATURE: Final = b"\x89HDF\r\n\x1a\n"
TOP_TAGGING: Final = 200  # constituents per jet in the public top-quark tagging files


class Source(Protocol):
    """The jets of one split."""

    rows: int
    constituents: int

    def read(self, start: int, stop: int) -> Rows:
        """Return the momenta and labels of these rows."""
        ...


class Arrays:
    """A source in memory or memory-mapped: momenta (n, m, 4) and labels (n,)."""

    def __init__(self, momenta: Any, labels: Any) -> None:
        shape: tuple[int, ...] = momenta.shape
        if len(shape) != 3 or shape[2] != 4 or momenta.dtype.kind not in "fiu":
            raise DataError(f"X must be numbers of shape (jets, constituents, 4), not {shape}")
        if labels.shape != shape[:1]:
            raise DataError(f"y must be one label for each of the {shape[0]} jets: {labels.shape}")
        self._momenta, self._labels = momenta, labels
        self.rows, self.constituents = _some(shape[0]), shape[1]

    def read(self, start: int, stop: int) -> Rows:
        """Return the momenta and labels of these rows."""
        return self._momenta[start:stop], self._labels[start:stop]


class TableRows:
    """A source in a pandas table: 800 columns of momenta and more, then the labels' block."""

    def __init__(self, table: Any) -> None:
        columns = table.coldtypes
        momenta = columns.get("values_block_0")
        labels = columns.get("values_block_1")
        if momenta is None or labels is None or momenta.shape < (4 * TOP_TAGGING,):
            raise DataError(
                "not the table of the top-quark tagging files: values_block_0 with "
                f"{4 * TOP_TAGGING} columns or more and values_block_1 are needed, "
                f"found {', '.join(f'{k} {v.shape}' for k, v in columns.items()) or 'none'}"
            )
        self._table = table
        self.rows, self.constituents = _some(int(table.nrows)), TOP_TAGGING

    def read(self, start: int, stop: int) -> Rows:
        """Return the momenta and labels of these rows.

        By position: the names of the columns are stored as a pickle, which is never touched.
        """
        rows = self._table.read(start, stop)
        momenta = rows["values_block_0"][:, : 4 * TOP_TAGGING]
        return momenta.reshape(-1, TOP_TAGGING, 4), rows["values_block_1"][:, -1]


def _some(rows: int) -> int:
    if not rows:
        raise DataError("no jets in it")
    return rows


@contextmanager
def _open_npz(path: Path) -> Iterator[Source]:
    # Opened here, as np.load leaves a file open that is no archive.
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        missing = [name for name in ("X", "y") if name not in file]
        if missing:
            held = ", ".join(file) or "nothing"
            raise DataError(f"no array named {' and '.join(missing)} in it (it has {held})")
        yield Arrays(file["X"], file["y"])


@contextmanager
def _open_npy(path: Path) -> Iterator[Source]:
    labels = path.with_name(path.name.replace("_X.npy", "_y.npy"))
    if not labels.is_file():
        raise DataError(f"its labels are missing: {labels}")
    yield Arrays(np.load(path, mmap_mode="r"), np.load(labels, mmap_mode="r"))


@contextmanager
def _open_table(path: Path) -> Iterator[Source]:
    with path.open("rb") as file:
        if file.read(len(HDF5_SIGNATURE)) != HDF5_SIGNATURE:
            raise DataError("not an HDF5 file")
    if importlib.util.find_spec("tables") is None:
        raise DataError('reading it needs PyTables: pip install "trialdeck[h5]"')
    import tables

    with tables.open_file(path, "r") as file:
        if "/table/table" not in file:
            raise DataError('no table under the key "table" in it')
        yield TableRows(file.get_node("/table/table"))


_FORMATS: Final[dict[str, Callable[[Path], AbstractContextManager[Source]]]] = {
    "{}.npz": _open_npz,
    "{}.h5": _open_table,
    "{}_X.npy": _open_npy,
}


def data_folder(name: str) -> Path:
    """Return the folder that a name means: "sample" is the one that comes with Trialdeck."""
    return Path(str(resources.files("trialdeck.sample"))) if name == SAMPLE else Path(name)


def find(folder: Path, split: str) -> Path:
    """Return the file of a split. Raises DataError when there is none, or more than one."""
    candidates = [folder / name.format(split) for name in _FORMATS]
    found = [path for path in candidates if path.is_file()]
    if len(found) == 1:
        return found[0]
    if found:
        names = " and ".join(path.name for path in found)
        raise DataError(f"{folder} has both {names}: move one of them elsewhere")
    where = "is no folder" if not folder.is_dir() else f"has no jets for {split}"
    names = ", ".join(path.name for path in candidates)
    raise DataError(f"data: {folder} {where}; looked for {names}")


@contextmanager
def open_source(folder: Path, split: str) -> Iterator[Source]:
    """Open the jets of a split; whatever cannot be read in the meantime raises DataError."""
    path = find(folder, split)
    opener = next(o for name, o in _FORMATS.items() if name.format(split) == path.name)
    try:
        with opener(path) as source:
            yield source
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path} cannot be read, it may be truncated: {error}") from error
    except RuntimeError as error:  # PyTables says so
        raise DataError(f"{path} cannot be read, it may be damaged: {error}") from error
