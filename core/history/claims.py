"""Who runs which attempt: symbolic links whose target is the writer's id.

Making one is exclusive and complete in a single operation, on network file systems too, where
locks are not to be trusted and an empty file might be all that is left of a claim.

They lie in folders for a thousand tids each. Once all of these are settled, the folder may have
been packed into one file of its name, in which no claim can be made any more.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import disk

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths

VOID = "void"  # holds the attempts that nobody may make: their trial was taken back from its site
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS}
_TRIES = 3  # a link can vanish between our failing to make it and reading it, but not for ever


def take(paths: HistoryPaths, tid: int, attempt: int, writer: str) -> str:
    """Claim an attempt for `writer` unless somebody has; return the id of who holds it.

    Raises `HistoryError` when the file system lets no claim be made.
    """
    path = paths.claim(tid, attempt)
    for _ in range(_TRIES):
        try:
            _link(path, writer)
        except FileExistsError:
            # On a network the reply to our own success can be lost and the request repeated:
            # what counts is whose name it bears.
            if (found := holder(paths, tid, attempt)) is not None:
                return found
        except OSError as error:
            if isinstance(error, NotADirectoryError) and path.parent.is_file():
                return _packed_holder(path)
            raise HistoryError(_refusal(path, error)) from error
        else:
            return writer
    raise HistoryError(f"{path}: the claim can be neither made nor read")


def holder(paths: HistoryPaths, tid: int, attempt: int) -> str | None:
    """Return the id of who holds a claim, None when nobody does.

    Something there that is no link (a copy that followed links, say) is held by "", nobody alive.
    """
    try:
        return str(paths.claim(tid, attempt).readlink())
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        return _packed_holder(paths.claim(tid, attempt))
    except OSError as error:
        if error.errno == errno.EINVAL:
            return ""
        raise HistoryError(f"a claim cannot be read: {disk.explain(error)}") from error


def packed(claims: Iterable[tuple[str, str]]) -> bytes:
    """Return the content of the file that stands for a folder of claims, by name and holder."""
    return "".join(f"{name} {writer}\n" for name, writer in sorted(claims)).encode()


def _packed_holder(path: Path) -> str:
    """Return the holder of a packed claim; what is not among them nobody may claim any more."""
    try:
        lines = path.parent.read_text().splitlines()
    except OSError as error:
        raise HistoryError(f"a claim cannot be read: {disk.explain(error)}") from error
    return dict(line.split(" ", 1) for line in lines if " " in line).get(path.name, VOID)


def _link(path: Path, writer: str) -> None:
    try:
        path.symlink_to(writer)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(writer)


def _refusal(path: Path, error: OSError) -> str:
    if error.errno in _NO_LINKS:
        return (
            f"{path.parent}: this file system makes no symbolic links ({error.strerror}), and "
            f"trials are claimed by them. Put the history on another one"
        )
    error.filename = str(path)  # a link's error names its target first, which is no file
    return f"trial {path.name} cannot be claimed: {disk.explain(error)}"
