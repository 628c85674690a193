"""What data the default network is asked to train on, and whether it can."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from trialdeck.core.errors import DataError
from trialdeck.core.sources import data_folder, open_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trialdeck.core.sources import Source

CHUNK: Final = 500  # jets read at once
BLOCK: Final = 20  # neighbouring jets taken together when a few are taken from all over a file
SMALL: Final = 50_000  # jets of a file that is read as a whole by a check before a search
LOOKED_AT: Final = 2000  # jets that it reads of a larger one


@dataclass(frozen=True, slots=True)
class Request:
    """Which data: a folder, constituents per jet, and at most so many jets per split (0: all)."""

    folder: Path
    constituents: int
    jets: int = 0

    def count(self, source: Source) -> int:
        """Return how many jets of a source are used."""
        return min(self.jets or source.rows, source.rows)


def spans(rows: int, wanted: int) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of rows to read in turn: all, or `wanted` of them from all over.

    From all over, because a file may be sorted by class.
    """
    if wanted >= rows:
        yield from ((start, min(start + CHUNK, rows)) for start in range(0, rows, CHUNK))
        return
    blocks = math.ceil(wanted / BLOCK)
    for block in range(blocks):
        start = block * wanted // blocks + block * (rows - wanted) // blocks
        count = (block + 1) * wanted // blocks - block * wanted // blocks
        yield start, start + count


def look(request: Request, split: str) -> int:
    """Return how many jets of a split will be used. Raises DataError when they can not be.

    Reads all of a small file; of a large one some rows from all over it.
    """
    with open_source(request.folder, split) as source:
        read = source.rows if source.rows <= SMALL else LOOKED_AT
        for _ in usable(request, source, read):
            pass
        return request.count(source)


def usable(request: Request, source: Source, wanted: int) -> Iterator[tuple[Any, Any]]:
    """Yield momenta (n, m, 4) float32 and labels (n,) int8, of `wanted` jets in all.

    Raises DataError when there are too few constituents in the file, when values cannot be those
    of jets, and in the end when all jets were of one class.
    """
    if source.constituents < request.constituents:
        raise DataError(
            f"constituents = {request.constituents}, but it holds {source.constituents} per jet"
        )
    signal = seen = 0
    for start, stop in spans(source.rows, wanted):
        momenta, labels = source.read(start, stop)
        momenta = momenta.astype(np.float32, copy=False)
        problem = wrong(momenta, labels)
        if problem:
            raise DataError(f"rows {start} to {stop - 1}: {problem}")
        signal, seen = signal + int(labels.sum()), seen + len(labels)
        yield momenta, labels.astype(np.int8)
    if signal in (0, seen):
        kind = "signal (1)" if signal else "background (0)"
        raise DataError(f"all {seen} jets read from it are {kind}; both classes are needed")


def read(folder: str | Path, split: str) -> tuple[Any, Any]:
    """Return all momenta (n, m, 4) and labels (n,) of "train", "val" or "test"; 1 is a top quark.

    "sample" is the folder of the jets that come with Trialdeck. Raises DataError.
    """
    with open_source(data_folder(str(folder)), split) as source:
        return source.read(0, source.rows)


def wrong(momenta: Any, labels: Any) -> str:
    """Return why these cannot be jets, or ""."""
    if not np.isfinite(momenta).all():
        return "a value is no finite number"
    energy, momentum = momenta[..., 0], np.sqrt((momenta[..., 1:] ** 2).sum(axis=-1))  # (n, m)
    if not np.hypot(momenta[..., 1], momenta[..., 2]).any(axis=1).all():
        return "a jet without any constituent"
    if np.mean(energy < 0.95 * momentum) > 0.01:  # stored numbers are rounded
        return "energies below the momenta; the order must be E, px, py, pz for each constituent"
    if not np.isin(labels, (0, 1)).all():
        return "labels other than 0 and 1"
    return ""
