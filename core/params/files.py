"""Text files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def create_text(path: Path, text: str) -> bool:
    """Create the file, unless it exists: then return False. Raises OSError."""
    with _written_beside(path, text) as temporary:
        try:
            os.link(temporary, path)
        except FileExistsError:
            # On NFS the reply to a link that was made can be lost, and the second try says this.
            return temporary.stat().st_nlink == 2
    return True


def replace_text(path: Path, text: str) -> None:
    """Write the file, keeping its permissions; a link is followed. Raises OSError."""
    path = path.resolve()
    with _written_beside(path, text) as temporary:
        with suppress(FileNotFoundError):
            temporary.chmod(path.stat().st_mode & 0o7777)
        temporary.replace(path)


@contextmanager
def _written_beside(path: Path, text: str) -> Iterator[Path]:
    """Write the text to a hidden file in the same folder, and remove that name at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        yield temporary
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a new name last through a power cut, where the file system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
