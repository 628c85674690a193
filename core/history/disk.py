"""Making sure that what was written is on the disk, and saying in words why it is not."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from pathlib import Path

# What file systems answer that cannot sync this kind of file, and need not be asked again.
_CANNOT_SYNC = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP}
_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "the file system does not allow it",
    errno.EFBIG: "the file would grow beyond the limit for files",
    errno.EIO: "the disk reports an error",
    errno.ESTALE: "the file server does not know the file any more",
}


def sync(descriptor: int) -> None:
    """Return once the file (or folder) is on the disk. Raises `OSError` when it is not."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise


def sync_folder(folder: Path) -> None:
    """Return once the names in `folder` are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def replace(path: Path, content: bytes) -> None:
    """Write a whole file so that a reader sees the old content or the new, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        try:
            write(descriptor, content)
            sync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise


def write(descriptor: int, content: bytes) -> None:
    """Write everything in one call; a short write is an error."""
    if os.write(descriptor, content) != len(content):
        raise OSError(errno.ENOSPC, "only a part was written")


def explain(error: OSError) -> str:
    """Return what went wrong, and with which file, for a person."""
    known = _WORDS.get(error.errno or 0)
    if error.errno == errno.ENOSPC and _lacks_only_files(error.filename):
        known = "the disk has no room for another file, whatever its size"
    words = f"{known} ({error.strerror})" if known else (error.strerror or str(error))
    return f"{error.filename}: {words}" if error.filename else words


def _lacks_only_files(filename: object) -> bool:
    """Whether a disk is full because it holds as many files as it can."""
    if not isinstance(filename, str):
        return False
    try:
        disk = os.statvfs(Path(filename).parent)
    except OSError:
        return False
    return disk.f_favail == 0 < disk.f_files and disk.f_bavail > 0
