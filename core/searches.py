"""Which searches there are: finding one, and starting one from a parameter file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import SearchError
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.params import revisions
from trialdeck.core.params.model import QUICK_SUFFIX
from trialdeck.core.params.read import read_params
from trialdeck.core.search import Search
from trialdeck.core.search_names import draft_of, name_in, names

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["find", "name_in", "names", "start"]


def start(
    params_file: Path,
    *,
    overrides: dict[str, Any] | None = None,
    quick: bool = False,
    keep_losses: bool = False,
    force: bool = False,
) -> Search:
    """Publish the draft if it differs from the newest revision, and return its search.

    `overrides` are values laid over the draft ({"search.max_trials": 200}). With `quick` it is the
    quick scan's search, `<name>-quick`. Raises ParamsError, DraftConflict, SearchError.
    """
    params = read_params(params_file)
    name = params.search.name + (QUICK_SUFFIX if quick else "")
    paths = HistoryPaths(params.folder / "history" / name)
    paths.create()
    search = Search(paths, params.backends)
    revisions.publish(
        paths,
        params_file,
        overrides or {},
        quick=quick,
        force=force,
        keep_losses=keep_losses,
        has_results=bool(search.snapshot().counts.finished),
    )
    return search


def find(params_file: Path, name: str | None = None) -> Search:
    """Return a search to look at: `name`, the one of the parameter file, or the only one there is.

    Raises SearchError when it does not exist or there are several.
    """
    folder = params_file.resolve().parent / "history"
    known = names(folder)
    backends = None
    if name is None and params_file.exists():
        name, backends = draft_of(params_file)
    elif name is None and len(known) == 1:
        name = known[0]
    if name is not None and (folder / name).is_dir():
        return Search(HistoryPaths(folder / name), backends)
    if name is None and known:
        raise SearchError(
            f"there is no {params_file.name} in {folder.parent}, and there are several searches: "
            f"choose one with --search ({', '.join(known)})"
        )
    if name is None:
        raise SearchError(
            f"there is no search in {folder.parent}: `trialdeck init` writes a params.toml to "
            f"start from, `trialdeck demo` shows what a search looks like"
        )
    there = f"; there is {', '.join(known)}" if known else ""
    raise SearchError(f'the search "{name}" has not been started yet: `trialdeck run`{there}')
