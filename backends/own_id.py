"""A name for a folder that no other folder has, and that a copy of it does not take along."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

from trialdeck.backends.base import LaunchError

if TYPE_CHECKING:
    from pathlib import Path

FILE = ".id.json"


def own_id(folder: Path) -> str:
    """Return the name of a folder, 12 hexadecimal digits, which it keeps when it is moved.

    It is written into the folder, with the folder's inode: in a copy that is another, and so the
    copy gets a name of its own. Raises LaunchError when it can be neither read nor written.
    """
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        inode = folder.stat().st_ino
        if known := _read(path, inode):
            return known
        draft = folder / f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}"
        draft.write_text(json.dumps({"id": secrets.token_hex(6), "inode": inode}))
        try:
            if path.exists():  # that of the folder which this one is a copy of
                draft.replace(path)
            else:
                with suppress(FileExistsError):
                    path.hardlink_to(draft)
        finally:
            draft.unlink(missing_ok=True)
        made = _read(path, inode)
    except OSError as error:
        raise LaunchError(f"{error.filename or path}: {error.strerror}") from error
    if not made:
        raise LaunchError(f"{path} makes no sense: remove it")
    return made


def _read(path: Path, inode: int) -> str:
    """Return the name if the file is there, and of this folder, else ""."""
    try:
        said = json.loads(path.read_bytes())
        return str(said["id"]) if said["inode"] == inode else ""
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return ""
