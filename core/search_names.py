"""What searches are called: in a parameter file, also one with mistakes, and in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import ParamsError
from trialdeck.core.params.read import read_params
from trialdeck.core.params.syntax import load_toml, read_text

if TYPE_CHECKING:
    from pathlib import Path


def draft_of(params_file: Path) -> tuple[str, dict[str, Any]]:
    """Return the search's name and the backends; a draft with mistakes hides no search."""
    try:
        params = read_params(params_file)
    except ParamsError:
        name = name_in(params_file)
        if name is None:
            raise
        return name, {}
    return params.search.name, params.backends


def name_in(params_file: Path) -> str | None:
    """Return the search's name in a file that may be full of mistakes."""
    try:
        name = load_toml(read_text(params_file), str(params_file))["search"]["name"]
    except (ParamsError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) and name.strip(".") and "/" not in name else None


def names(folder: Path) -> list[str]:
    """Return the names of the searches in a history folder."""
    if not folder.is_dir():
        return []
    found = [p.name for p in folder.iterdir() if (p / "params").is_dir()]
    return sorted(name for name in found if not name.startswith("."))
