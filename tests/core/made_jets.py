"""Jets made up for tests: signal has two prongs apart, background one narrow prong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tables

if TYPE_CHECKING:
    from pathlib import Path

SPLITS = ("train", "val", "test")


def made_jets(count: int, constituents: int = 12, seed: int = 0) -> tuple[Any, Any]:
    """Return momenta (count, constituents, 4), hardest first and zero padded, and labels."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) // 10 % 2  # blocks of ten of one class, as in the public files
    shape = (count, constituents)
    pt = np.sort(random.exponential(30, shape) + 1)[:, ::-1]
    pt *= np.arange(constituents) < random.integers(4, constituents + 1, count)[:, None]
    apart = np.where(random.random(shape) < 0.5, 0.4, -0.4) * labels[:, None]
    tilt = random.uniform(0, np.pi, (count, 1))
    eta = random.normal(0, 0.1, shape) + apart * np.cos(tilt) + random.uniform(-1, 1, (count, 1))
    phi = random.normal(0, 0.1, shape) + apart * np.sin(tilt) + random.uniform(-3, 3, (count, 1))
    return momenta(pt, eta, phi), labels.astype(np.int8)


def momenta(pt: Any, eta: Any, phi: Any) -> Any:
    """Return E, px, py, pz of massless constituents in a last axis."""
    parts = [pt * np.cosh(eta), pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)]
    return np.stack(parts, axis=-1).astype(np.float32)


def write_npz(folder: Path, count: int = 400, **changes: tuple[Any, Any]) -> Path:
    """Write the three files; a split given in `changes` holds those momenta and labels."""
    for seed, split in enumerate(SPLITS):
        x, y = changes.get(split) or made_jets(count, seed=seed)
        np.savez(folder / f"{split}.npz", X=x.astype(np.float16), y=y)
    return folder


class Row(tables.IsDescription):
    """A row of the public top-quark tagging files, as pandas wrote it."""

    index = tables.Int64Col(pos=0)
    values_block_0 = tables.Float32Col(shape=(804,), pos=1)
    values_block_1 = tables.Int64Col(shape=(2,), pos=2)  # ttv, is_signal_new


def write_h5(path: Path, x: Any, y: Any, description: Any = Row) -> None:
    """Write jets in the layout of the public files."""
    with tables.open_file(path, "w") as file:
        group = file.create_group("/", "table")
        table = file.create_table(group, "table", description, expectedrows=len(x))
        rows = np.zeros(len(x), dtype=table.dtype)
        if "values_block_1" in rows.dtype.names:
            rows["index"] = np.arange(len(x))
            rows["values_block_0"][:, : x[0].size] = x.reshape(len(x), -1)
            rows["values_block_0"][:, 800:] = 999.0  # the true top's momentum
            rows["values_block_1"] = np.stack([np.full(len(x), 2), y], axis=1)
        table.append(rows)
