"""Disks on which real pools run out of room, of files, or of the right to write."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from tests.searching import searching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trialdeck.core.search import Search

BUDGET = 24


@contextmanager
def disk_of_few_files(folder: Path, files: int) -> Iterator[Path]:
    """Mount a disk with room for so many files and folders; skip where that is not allowed."""
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"nr_inodes={files}", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        _run("umount", "-l", str(folder))


@contextmanager
def no_more_files(folder: Path) -> Iterator[None]:
    """Use up all files that the disk of `folder` has room for."""
    fillers: list[Path] = []
    try:
        while True:
            fillers.append(folder / f"filler{len(fillers)}")
            fillers[-1].touch()
    except OSError:
        fillers.pop()
    try:
        yield
    finally:
        for filler in fillers:
            filler.unlink()


class Device:
    """A disk in a file, mounted at `folder`, that can turn read-only under those who write."""

    def __init__(self, folder: Path, image: Path) -> None:
        self.folder = folder
        self.image = image
        self.loops: list[str] = []

    def mount(self) -> None:
        """Mount the disk, over what is there."""
        said = _run("losetup", "--find", "--show", str(self.image))
        if said.returncode != 0:
            pytest.skip("no disk can be made of a file here")
        self.loops.append(said.stdout.strip())
        _mount("-o", "errors=remount-ro", self.loops[-1], str(self.folder))

    def fail(self) -> None:
        """Let the kernel find an error on the disk: nothing can be written any more."""
        _run("sync", "--file-system", str(self.folder))
        name = Path(self.loops[-1]).name
        Path(f"/sys/fs/ext4/{name}/trigger_fs_error").write_text("1")

    def close(self) -> None:
        for loop in reversed(self.loops):
            _run("umount", "-l", str(self.folder))
            _run("losetup", "--detach", loop)


@contextmanager
def a_device(folder: Path, megabytes: int = 16) -> Iterator[Device]:
    """Make and mount a disk at `folder`; skip where that is not possible."""
    folder.mkdir()
    image = folder.with_suffix(".image")
    image.write_bytes(b"")
    with image.open("r+b") as file:
        file.truncate(megabytes << 20)
    try:
        made = _run("mkfs.ext4", "-q", "-O", "^has_journal", str(image))
    except FileNotFoundError:
        pytest.skip("there is no mkfs.ext4 here")
    assert made.returncode == 0, made.stderr
    device = Device(folder, image)
    with ExitStack() as stack:
        stack.callback(device.close)
        device.mount()
        yield device


def a_search_on(folder: Path) -> Search:
    """Return a search of short trials that may not be lost once."""
    return searching(folder, "slow", BUDGET, cores="retries = 0", fixed="seconds = 0.1")


def without_journal(search: Search, pool: subprocess.Popen[bytes]) -> None:
    """Wait until a pool has closed its journal, as it does after a write that failed."""

    def is_closed() -> bool:
        return not any(
            target.startswith(str(search.paths.journal)) for target in _open_files(pool.pid)
        )

    until(is_closed, 20, "a failed write")


def _open_files(pid: int) -> Iterator[str]:
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            yield str(descriptor.readlink())


def _mount(*words: str) -> None:
    if _run("mount", *words).returncode != 0:
        pytest.skip("no disk can be mounted here")


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)
