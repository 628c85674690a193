"""All searches of a folder: what they came to, and renaming, putting away and deleting them."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING

import msgspec

from trialdeck.backends.base import State
from trialdeck.core.errors import HistoryError, SearchError, TrialdeckError
from trialdeck.core.history import disk
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.params.mistakes import Mistake
from trialdeck.core.params.search_keys import read_name
from trialdeck.core.search import Search
from trialdeck.core.searches import names

if TYPE_CHECKING:
    from pathlib import Path

    from trialdeck.core.status import Status

ARCHIVE = ".archive"
_NOT_WEIGHED = "claims"  # a link per trial and no data


class SearchInfo(msgspec.Struct, frozen=True):
    """A search among others. `changed` is in seconds since 1970, None before the first trial.

    `problem` says why it cannot be read; then there is no `status`.
    """

    name: str
    size: int  # bytes
    changed: float | None
    status: Status | None = None
    problem: str = ""


def searches(folder: Path) -> list[SearchInfo]:
    """Return the searches in a history folder, the one that changed last first."""
    found = [_info(HistoryPaths(folder / name)) for name in names(folder)]
    return sorted(found, key=lambda info: -(info.changed or 0.0))


def _info(paths: HistoryPaths) -> SearchInfo:
    size, changed = _size(paths.root), _changed(paths)
    try:
        return SearchInfo(paths.name, size, changed, Search(paths).status())
    except TrialdeckError as error:
        return SearchInfo(paths.name, size, changed, None, str(error))


def _size(root: Path) -> int:
    total = 0
    for folder, folders, files in os.walk(root):
        if _NOT_WEIGHED in folders:
            folders.remove(_NOT_WEIGHED)
        for name in files:
            with suppress(OSError):  # temporary files come and go
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - twice as fast
    return total


def _changed(paths: HistoryPaths) -> float | None:
    times = []
    with suppress(OSError):
        times = [entry.stat().st_mtime for entry in os.scandir(paths.journal)]
    return max(times, default=None)


def rename(search: Search, name: str, *, force: bool = False) -> Path:
    """Give a search another name; return its folder. Its parameter files are left as they are.

    Raises SearchError when the name is taken or no name, or while cores run (unless `force`).
    """
    try:
        read_name(name, published=True)
    except Mistake as mistake:
        raise SearchError(f"{mistake.text}. {mistake.cure}".rstrip()) from mistake
    target = search.paths.root.with_name(name)
    if os.path.lexists(target):
        raise SearchError(f'there is a search "{name}" already')
    _refuse_while_running(search, force=force)
    _move(search.paths.root, target)
    return target


def archive(search: Search, *, force: bool = False) -> Path:
    """Put a search away into ``history/.archive``, where nothing lists it; return its folder."""
    _refuse_while_running(search, force=force)
    folder = search.paths.root.parent / ARCHIVE
    name = search.paths.name
    targets = (folder / (f"{name}-{number}" if number > 1 else name) for number in count(1))
    target = next(path for path in targets if not os.path.lexists(path))
    _move(search.paths.root, target)
    return target


def delete(search: Search, *, force: bool = False) -> None:
    """Delete a search with all its trials, logs and checkpoints."""
    _refuse_while_running(search, force=force)
    # First out of sight: half of a search must never be taken for one.
    doomed = search.paths.root.with_name(f".deleted-{search.paths.name}-{secrets.token_hex(4)}")
    _move(search.paths.root, doomed)
    try:
        shutil.rmtree(doomed)
    except OSError as error:
        raise HistoryError(f"{doomed} is left over: {disk.explain(error)}") from error


def _refuse_while_running(search: Search, *, force: bool) -> None:
    search.snapshot()
    pools = search.launcher.pools()
    launches = [launch for launch, s in search.launcher.pending() if s.state != State.FAILED]
    if force or not (pools or launches):
        return
    where = [f"pool {p.id} on {p.identity.host or p.backend}" for p in pools]
    where += [f"launch {launch.name} on {launch.backend}" for launch in launches]
    raise SearchError(
        f'the search "{search.paths.name}" has cores: {", ".join(where)}. Stop them first with '
        f"`trialdeck stop --search {search.paths.name}`; if they are gone for good, use --force"
    )


def _move(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
    except OSError as error:
        raise HistoryError(f"{source} cannot be moved: {disk.explain(error)}") from error
