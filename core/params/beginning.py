"""The first files of a search: its params.toml, and where it is missing the objective's code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.errors import HistoryError, SearchError
from trialdeck.core.params.files import create_text, replace_text
from trialdeck.core.params.model import DEFAULT_OBJECTIVE
from trialdeck.core.params.read import parse_params
from trialdeck.core.params.starter import demo, objective_code, starter_for

if TYPE_CHECKING:
    from pathlib import Path


def begin(file: Path, objective: str = DEFAULT_OBJECTIVE, *, force: bool = False) -> Path | None:
    """Write a parameter file to start from; return the file of the objective if it was made.

    `force` replaces a parameter file, which is kept with ".old" behind its name. Raises
    ParamsError for an objective that names no function, SearchError when there is a file.
    """
    text = starter_for(objective)
    # Before anything is written; the objective's file need not be there yet.
    parse_params(text, str(file), file.absolute().parent, published=True)
    if file.exists() and not force:
        raise SearchError(f"{file} is there already; `trialdeck init --force` replaces it")
    code = _make_code(file, objective)
    _replace(file, text)
    return code


def begin_demo(file: Path) -> bool:
    """Write the parameter file of the demonstration; return False when there is a file."""
    return _written(file, demo())


def _make_code(file: Path, objective: str) -> Path | None:
    """Write the file of an objective that is named but missing."""
    place = objective.rpartition(":")[0]
    path = file.parent / place
    if not place.endswith(".py") or not _written(path, objective_code(objective)):
        return None
    return path


def _written(path: Path, text: str) -> bool:
    """Write a file unless there is one; return whether it was written."""
    try:
        return not path.exists() and create_text(path, text)
    except OSError as error:
        raise HistoryError(f"{path} cannot be written: {error.strerror}") from error


def _replace(path: Path, text: str) -> None:
    try:
        if path.exists():
            replace_text(path.with_name(f"{path.name}.old"), path.read_text())
        replace_text(path, text)
    except OSError as error:
        raise HistoryError(f"{path} cannot be written: {error.strerror}") from error
