"""Points out of files, and the best ones of another search.

A file is JSON or CSV as `export`, `trials` and `suggest` write them, a plain list of points, or
TOML with a table [fixed] as `best --toml` prints it, with [[fixed]] for several.
"""

from __future__ import annotations

import csv
import io
import tomllib
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from trialdeck.core.errors import SearchError, TrialsFileError
from trialdeck.core.points import ORIGIN, Wanted
from trialdeck.core.reading import is_number
from trialdeck.core.stages import PROMOTED, best_first, first_stage, of_stage
from trialdeck.core.trials_reading import MOST_BYTES, PARAM, read_bytes, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trialdeck.core.search import Search

WANTED = (
    "Wanted is JSON or CSV as `trialdeck export` writes them, a JSON list of points such as "
    '[{"layers": 3}], or TOML with a table [fixed]'
)


class _Row(NamedTuple):
    """A point in a file, and the loss of its trial where it is one that succeeded."""

    place: str
    values: dict[str, Any]
    loss: float | None = None


def read_points(name: str, data: bytes, top: int | None = None) -> list[Wanted]:
    """Return the points in `data`, the content of a file; of `top`, those of the lowest losses.

    Raises TrialsFileError.
    """
    rows = [row for row in _rows(name, data) if row.values]
    if top is not None:
        ranked = sorted((r for r in rows if r.loss is not None), key=lambda row: row.loss or 0.0)
        if not ranked:
            raise TrialsFileError(f"{name} has no losses, so nobody can say which are the best")
        rows = _different(ranked, top)
    if not rows:
        raise TrialsFileError(f"{name} has no points. {WANTED}")
    origin = f"{ORIGIN} {Path(name).name}"
    return [Wanted(row.values, row.place, origin) for row in rows]


def read_file(file: Path, top: int | None = None) -> list[Wanted]:
    """Return the points in a file. Raises TrialsFileError."""
    return read_points(str(file), read_bytes(file), top)


def best_of(search: Search, top: int) -> list[Wanted]:
    """Return the best points of another search, which need not have the same space.

    Raises SearchError when none of its trials has succeeded.
    """
    snapshot, name = search.snapshot(), search.paths.name
    whole = [trial for trial in of_stage(snapshot, PROMOTED) if trial.state == "ok"]
    found = list(islice(best_first(whole or first_stage(snapshot)), top))
    if not found:
        raise SearchError(f'no trial of "{name}" has succeeded yet: it has no best point')
    return [
        Wanted(
            trial.point,
            f"trial {trial.tid} of {name}",
            f"{ORIGIN} {name} {trial.tid}",
            lenient=True,
        )
        for trial in found
    ]


def _different(rows: Sequence[_Row], top: int) -> list[_Row]:
    """Return the first rows with `top` different points."""
    found: list[_Row] = []
    for row in rows:
        if len(found) < top and all(row.values != other.values for other in found):
            found.append(row)
    return found


def _rows(name: str, data: bytes) -> list[_Row]:
    if len(data) > MOST_BYTES:
        raise TrialsFileError(f"{name}: {len(data):,} bytes are too many for a file of points")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TrialsFileError(f"{name} is no text. {WANTED}") from error
    suffix = Path(name).suffix.lower()
    if suffix == ".json" or (suffix not in (".csv", ".toml") and _is_json(text)):
        return _of_json(name, text)
    if suffix == ".toml" or (suffix != ".csv" and _is_toml(text)):
        return _of_toml(name, text)
    return _of_csv(name, text)


def _is_json(text: str) -> bool:
    start = "".join(text.split())[:2]
    return start[:1] == "{" or start in ("[{", "[]")


def _is_toml(text: str) -> bool:
    first = text.strip().partition("\n")[0]
    return first[:1] in ("[", "#") or "=" in first


def _of_json(name: str, text: str) -> list[_Row]:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise TrialsFileError(f"{name} is JSON with a mistake: {error}") from error
    if isinstance(found, dict) and isinstance(found.get("points"), list):
        found = found["points"]
    return _of_tables(name, found if isinstance(found, list) else [found])


def _of_toml(name: str, text: str) -> list[_Row]:
    try:
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TrialsFileError(f"{name} is TOML with a mistake: {error}. {WANTED}") from error
    tables = found.get("fixed", found)
    return _of_tables(name, tables if isinstance(tables, list) else [tables])


def _of_tables(name: str, tables: Iterable[Any]) -> list[_Row]:
    listed = list(tables)
    if not all(isinstance(table, dict) for table in listed):
        raise TrialsFileError(f"{name} has something else than points. {WANTED}")
    return [
        _of_table(name if len(listed) == 1 else f"point {number} of {name}", table)
        for number, table in enumerate(listed, 1)
    ]


def _of_table(place: str, table: dict[str, Any]) -> _Row:
    """Return the row of a point, or of a trial, whose point is called "params"."""
    values = table.get("params", table)
    if not isinstance(values, dict):
        raise TrialsFileError(f"{place}: its params are no table of values. {WANTED}")
    given = {name: value for name, value in values.items() if value is not None}
    return _Row(place, given, None if values is table else _loss(table))


def _loss(trial: dict[str, Any]) -> float | None:
    loss = trial.get("loss")
    ok = trial.get("state", "ok") == "ok"
    return float(loss) if ok and is_number(loss) and loss is not None else None


def _of_csv(name: str, text: str) -> list[_Row]:
    first = text.partition("\n")[0]
    delimiter = next((c for c in first if c in ",;\t"), ",")
    try:
        lines = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise TrialsFileError(f"{name} is CSV with a mistake: {error}") from error
    return [_of_line(f"row {n} of {name}", line) for n, line in enumerate(lines, 1)]


def _of_line(place: str, line: dict[Any, Any]) -> _Row:
    """Return the row of a line; of an export, only the columns of the point are values."""
    cells = {name: cell for name, cell in line.items() if isinstance(name, str) and cell}
    if any(isinstance(name, str) and name.startswith(PARAM) for name in line):
        values = {
            n.removeprefix(PARAM): value_of(c) for n, c in cells.items() if n.startswith(PARAM)
        }
        loss = value_of(cells.get("loss", ""))
        return _Row(place, values, _loss({**cells, "loss": loss}))
    return _Row(place, {name.strip(): value_of(cell) for name, cell in cells.items()})
