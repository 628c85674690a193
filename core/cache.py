"""The data of the default network, converted once for all trials of all cores.

A source is converted to ``data/.cache/<key>/``: per split the columns of `jets.columns` (x.npy,
float32) and the labels (y.npy, int8), which every process maps into its memory and none copies,
and the columns' mean and standard deviation over the training jets (scale.npy). The key names the
files (path, size, time of change), the width, the number of jets and the version of the columns:
a source that has changed is converted anew. The folder appears by a rename when it is complete; a
lock keeps other cores waiting instead of doing the same work.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import math
import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trialdeck.core import jets
from trialdeck.core.data import look, usable
from trialdeck.core.errors import DataError
from trialdeck.core.sources import SPLITS, find, open_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialdeck.core.data import Request

STEP: Final = 40  # constituents are kept in multiples of it: a search over them has one cache
INFO: Final = "info.json"  # {"jets": {split: number}, "sizes": {file: bytes}}


def prepare(request: Request) -> Path:
    """Return the folder with the converted data, which is made when there is none.

    Raises DataError when the source cannot be used.
    """
    key = _key(request)
    found = _existing(request, key)
    if found is None:
        root = _writable(_roots(request.folder))
        with _lock(root / f"{key}.lock") as locked:
            if locked:
                for left in root.glob(f"{key}.*.tmp"):  # by a process that was killed
                    shutil.rmtree(left, ignore_errors=True)
            found = _existing(request, key) or _convert(request, root / key)
    return found


def check(request: Request) -> dict[str, int]:
    """Return the number of jets per split. Raises DataError when trials could not use them.

    Converts nothing, and reads nothing of what has been converted.
    """
    found = _existing(request, _key(request))
    if found is None:
        return {split: look(request, split) for split in SPLITS}
    jets_of: dict[str, int] = json.loads((found / INFO).read_text())["jets"]
    return jets_of


def columns_kept(request: Request) -> int:
    """Return for how many constituents the cache has columns."""
    return math.ceil(request.constituents / STEP) * STEP


def _key(request: Request) -> str:
    files = [find(request.folder, split) for split in SPLITS]
    facts = [(str(p.resolve()), p.stat().st_size, p.stat().st_mtime_ns) for p in files]
    text = json.dumps([facts, columns_kept(request), request.jets, jets.VERSION])
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _roots(folder: Path) -> list[Path]:
    """Return where caches may lie: with the data, else (a read-only folder) at home."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return [folder / ".cache", Path(home) / "trialdeck"]


def _existing(request: Request, key: str) -> Path | None:
    return next((r / key for r in _roots(request.folder) if _complete(r / key)), None)


def _complete(folder: Path) -> bool:
    """Whether each file has the size that was written, which a crash of the machine may undo."""
    try:
        sizes = json.loads((folder / INFO).read_text())["sizes"]
        return all((folder / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, KeyError):
        return False


def _writable(roots: list[Path]) -> Path:
    problems = []
    for root in roots:
        try:
            root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=root):
                return root
        except OSError as error:
            problems.append(f"{root}: {error.strerror}")
    raise DataError("no place to keep the converted data: " + "; ".join(problems))


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[bool]:
    """Wait for the lock, and say whether there is one: some file systems have none.

    Without it several processes may convert at once, which costs time and nothing else.
    """
    with contextlib.ExitStack() as stack:
        try:
            fcntl.flock(stack.enter_context(path.open("a")), fcntl.LOCK_EX)
        except OSError:
            locked = False
        else:
            locked = True
        yield locked


def _convert(request: Request, target: Path) -> Path:
    made = target.with_name(f"{target.name}.{uuid.uuid4().hex}.tmp")
    try:
        made.mkdir()
        jets_of = {split: _convert_split(request, split, made / split) for split in SPLITS}
        sizes = {str(p.relative_to(made)): p.stat().st_size for p in made.glob("*/*.npy")}
        with _durable(made / INFO) as file:
            file.write(json.dumps({"jets": jets_of, "sizes": sizes}).encode())
        return _publish(made, target)
    except OSError as error:
        raise DataError(f"the converted data cannot be written: {error}") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _publish(made: Path, target: Path) -> Path:
    if not _complete(target):
        shutil.rmtree(target, ignore_errors=True)  # left by a crash of the machine
    try:
        made.rename(target)
    except OSError:
        if not _complete(target):  # by another process, which knows no lock either
            raise
    return target


def _convert_split(request: Request, split: str, folder: Path) -> int:
    """Write the columns and labels of one split, and of its columns mean and deviation."""
    folder.mkdir()
    kept = columns_kept(request)
    total = np.zeros((2, jets.width(kept)))  # sums of the values and of their squares
    with (
        open_source(request.folder, split) as source,
        _durable(folder / "x.npy") as x_file,
        _durable(folder / "y.npy") as y_file,
    ):
        count = request.count(source)
        _header(x_file, "<f4", (count, jets.width(kept)))
        _header(y_file, "|i1", (count,))
        for momenta, labels in usable(request, source, count):
            x = jets.columns(momenta, kept)
            total += x.sum(axis=0, dtype=float), np.square(x, dtype=float).sum(axis=0)
            x_file.write(x.tobytes())
            y_file.write(labels.tobytes())
    mean, square = total / count
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    deviation[deviation < 1e-6] = 1.0  # a column that never changes
    with _durable(folder / "scale.npy") as file:
        np.save(file, np.stack([mean, deviation]).astype(np.float32))
    return count


def _header(file: Any, kind: str, shape: tuple[int, ...]) -> None:
    facts = {"descr": kind, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, facts)


@contextlib.contextmanager
def _durable(path: Path) -> Iterator[Any]:
    """Open a new file that is on the disk when it is closed."""
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
