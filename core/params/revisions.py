"""Published revisions of the parameters: ``history/<name>/params/NNNN.toml``.

Pools read only the highest number. A revision is linked into place whole, is never changed, and
leaves out [backends], which say where to run and not what.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any

from trialdeck.core.errors import DraftConflict, HistoryError, SearchError
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.params.changes import changes
from trialdeck.core.params.drafts import (
    Base,
    Revision,
    Step,
    digest,
    next_step,
    read_base,
    write_base,
)
from trialdeck.core.params.files import create_text, replace_text
from trialdeck.core.params.model import QUICK_SUFFIX
from trialdeck.core.params.quick import quick_text
from trialdeck.core.params.read import parse_params
from trialdeck.core.params.script import is_script, params_of, revision_text, script_of
from trialdeck.core.params.syntax import load_toml, read_text
from trialdeck.core.params.write import set_values, with_backends_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trialdeck.core.params.model import Params
    from trialdeck.core.params.script import Script

__all__ = [
    "Revision",
    "fixed_of",
    "history_paths",
    "load",
    "newest",
    "newest_number",
    "publish",
    "publish_script",
    "pull",
]

_REVISION = re.compile(r"(\d{4,})\.toml")


def history_paths(params: Params) -> HistoryPaths:
    """Return where the history of these parameters lies."""
    return HistoryPaths(params.folder / "history" / params.search.name)


def newest(paths: HistoryPaths) -> Revision | None:
    """Return the highest revision, None when nothing has been published."""
    number = newest_number(paths)
    return Revision(number, read_text(_file(paths, number))) if number else None


def newest_number(paths: HistoryPaths) -> int:
    """Return the number of the highest revision, 0 when nothing has been published."""
    try:
        found = [_REVISION.fullmatch(path.name) for path in paths.params.iterdir()]
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise _unusable(paths, error) from error
    return max((int(match[1]) for match in found if match), default=0)


def load(paths: HistoryPaths, number: int) -> Params:
    """Return the parameters of a revision. Raises ParamsError when it cannot be used."""
    file = _file(paths, number)
    try:
        stat = file.stat()
    except OSError as error:
        raise HistoryError(f"{paths.root}: revision {number} is missing: {file}") from error
    # A revision never changes, but a history may be deleted, and another take its name.
    return _load(file, paths.project, (stat.st_ino, stat.st_mtime_ns, stat.st_size))


def fixed_of(paths: HistoryPaths, number: int) -> dict[str, Any]:
    """Return [fixed] of a revision; of 0, that of a trial whose start is not known yet, nothing."""
    return load(paths, number).fixed if number else {}


def publish(
    paths: HistoryPaths,
    draft_path: Path,
    overrides: Mapping[str, Any] | None = None,
    *,
    quick: bool = False,
    force: bool = False,
    keep_losses: bool = False,
    has_results: bool = False,
) -> Revision:
    """Publish the draft with `overrides` laid over it, if that differs from the newest revision.

    `quick` publishes the quick scan that the draft describes. `force` publishes a draft that was
    not made from the newest revision. `keep_losses` publishes although the losses in the history
    (`has_results`) would no longer mean the same. Raises ParamsError, DraftConflict, SearchError.
    """
    overrides = overrides or {}
    draft = _draft(draft_path, overrides, quick=quick)
    while True:
        base, top = read_base(paths.params, draft_path), newest(paths)
        _refuse_script(paths, top)
        step = _step(top, base, draft, overrides, force=force, quick=quick)
        if step.text is None:
            published = top
        else:
            _check(paths, top, step.text, has_results=has_results and not keep_losses)
            published = _create(paths, (top.number if top else 0) + 1, step.text)
        if published is not None:
            number = published.number if step.rebase or base is None else base.revision
            _record(paths, draft_path, Base(number, digest(draft)))
            return published
        # Another was faster: look again at what is the newest now.


def publish_script(paths: HistoryPaths, script: Script) -> int:
    """Publish what a script searches, if that has changed; return the number of the revision.

    Raises SearchError when the search is one that cores run.
    """
    text = revision_text(script)
    while True:
        top = newest(paths)
        if top is not None and load(paths, top.number).script is None:
            raise SearchError(
                f'the search "{paths.name}" is run by cores, as its params.toml says: a script can '
                f"read it, but its own trials need another folder"
            )
        made = top
        if top is None or top.text != text:
            made = _create(paths, (top.number if top else 0) + 1, text)
        if made is not None:
            return made.number


def pull(paths: HistoryPaths, draft_path: Path) -> Revision:
    """Write the newest revision over the draft, which keeps its [backends].

    The draft as it was is kept beside it, as ``params.toml.old``. Raises SearchError when nothing
    has been published.
    """
    if paths.name.endswith(QUICK_SUFFIX):
        raise SearchError(f'"{paths.name}" is a quick scan: the draft is not its own')
    top = newest(paths)
    if top is None:
        raise SearchError(f'the search "{paths.name}" has no revision to take over yet')
    old = read_text(draft_path)
    new = with_backends_of(top.text, old)
    try:
        replace_text(draft_path.with_name(f"{draft_path.name}.old"), old)
        replace_text(draft_path, new)
    except OSError as error:
        raise HistoryError(f"{draft_path} cannot be written: {error}") from error
    _record(paths, draft_path, Base(top.number, digest(new)))
    return top


def _refuse_script(paths: HistoryPaths, top: Revision | None) -> None:
    if top is not None and load(paths, top.number).script is not None:
        raise SearchError(
            f'the search "{paths.name}" is one that a script runs with fmin: write another name '
            f"below [search] in params.toml"
        )


def _draft(path: Path, overrides: Mapping[str, Any], *, quick: bool) -> str:
    """Return the draft's text (that of its quick scan), after looking for every mistake in it."""
    text, folder = read_text(path), path.absolute().parent
    with_flags = set_values(text, overrides) if overrides else text
    parse_params(with_flags, f"{path} with the flags" if overrides else str(path), folder)
    return quick_text(text, parse_params(text, str(path), folder)) if quick else text


def _step(
    top: Revision | None,
    base: Base | None,
    draft: str,
    overrides: Mapping[str, Any],
    *,
    force: bool,
    quick: bool,
) -> Step:
    """Decide as `next_step` does, but never refuse a quick scan: nobody keeps its parameters."""
    try:
        return next_step(top, base, draft, overrides, force=force)
    except DraftConflict:
        if not quick:
            raise
        return next_step(top, base, draft, overrides, force=True)


def _check(paths: HistoryPaths, top: Revision | None, text: str, *, has_results: bool) -> None:
    """Raise SearchError when the history and the text to publish do not belong together."""
    new = parse_params(text, "the parameters", paths.project, published=True)
    if new.search.name != paths.name:
        raise SearchError(
            f'the parameters name the search "{new.search.name}", not "{paths.name}": '
            f'write name = "{paths.name}" below [search], or start the other search'
        )
    if top is None or not has_results:
        return
    found = changes(load(paths, top.number), new)
    if found.meaning_changed:
        raise SearchError(_meaning_text(paths, found.meaning))


def _meaning_text(paths: HistoryPaths, sentences: tuple[str, ...]) -> str:
    name = paths.name.removesuffix(QUICK_SUFFIX)
    names = (f"{name}-{number}" for number in count(2))
    free = next(name for name in names if not paths.root.with_name(name).exists())
    listed = "\n".join(f"  {sentence}" for sentence in sentences)
    return (
        f'The finished trials of "{paths.name}" were measured differently:\n{listed}\n'
        f"Keep their losses with `--keep-losses`, or start a new search: "
        f'write name = "{free}" below [search].'
    )


def _create(paths: HistoryPaths, number: int, text: str) -> Revision | None:
    try:
        made = create_text(_file(paths, number), text)
    except OSError as error:
        raise _unusable(paths, error) from error
    return Revision(number, text, changed=True) if made else None


def _record(paths: HistoryPaths, draft_path: Path, base: Base) -> None:
    try:
        write_base(paths.params, draft_path, base)
    except OSError as error:
        raise _unusable(paths, error) from error


def _file(paths: HistoryPaths, number: int) -> Path:
    return paths.params / f"{number:04}.toml"


def _unusable(paths: HistoryPaths, error: OSError) -> HistoryError:
    return HistoryError(f"{paths.params}: revisions cannot be read or written here: {error}")


@lru_cache(maxsize=64)
def _load(file: Path, project: Path, stamp: tuple[int, int, int]) -> Params:
    del stamp  # part of the cache's key
    text = read_text(file)
    data = load_toml(text, str(file))
    if is_script(data):
        return params_of(script_of(data, str(file)), file.parent.parent.name, project)
    return parse_params(text, str(file), project, published=True)
