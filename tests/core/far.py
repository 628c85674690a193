"""Machines with files of their own that are folders here, whose links tests can cut.

Real pools run there, on a copy of the history that is kept as on any other machine.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from trialdeck import backends
from trialdeck.backends.base import (
    Choice,
    Contact,
    Handle,
    LaunchError,
    NoAnswer,
    Piece,
    SingleJobs,
    State,
    Status,
)
from trialdeck.backends.local import LocalBackend
from trialdeck.backends.process import alive
from trialdeck.core.params import model
from trialdeck.core.params.model import Table

if TYPE_CHECKING:
    import pytest

NAME = "far"


class FarTable(Table, frozen=True, kw_only=True):
    """[backends.far]."""

    host: str = ""
    hosts: dict[str, Any] = {}  # noqa: RUF012 - a field of a struct


class FolderSite:
    """The files of a project in the folder `root`; `cut` says whether they can be reached."""

    def __init__(self, name: str, root: Path, cut: set[str]) -> None:
        self.name = name
        self.root = root
        self._cut = cut
        self._seen: object = None
        self._watched: list[str] = []

    def _path(self, name: str) -> Path:
        if self.name in self._cut:
            raise NoAnswer(f"{self.name} cannot be reached")
        return self.root / name

    def sizes(self, folders):
        found = {}
        for folder in folders:
            path = self._path(folder)
            for entry in sorted(path.iterdir()) if path.is_dir() else ():
                if entry.is_file() and not entry.name.startswith("."):
                    stat = entry.stat()
                    found[f"{folder}/{entry.name}"] = (stat.st_size, stat.st_mtime_ns)
        return found

    def read(self, wants):
        pieces = []
        for name, offset in wants:
            path = self._path(name)
            if path.is_file():
                pieces.append(Piece(name, offset, path.read_bytes()[offset : offset + 100_000]))
        return pieces

    def write(self, pieces):
        for name, offset, data in pieces:
            path = self._path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            if os.fstat(descriptor).st_size < offset:
                raise LaunchError(f"{name} has a hole")
            os.pwrite(descriptor, data, offset)
            os.close(descriptor)

    def put(self, files):
        for name, content in files.items():
            path = self._path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.put")
            draft.write_bytes(content)
            draft.replace(path)

    def link(self, links):
        for name, target in links.items():
            path = self._path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.is_symlink():
                path.symlink_to(target)
        return self.links(list(links))

    def links(self, paths):
        found = {name: self._path(name) for name in paths}
        return {name: str(path.readlink()) for name, path in found.items() if path.is_symlink()}

    def alive(self, processes):
        self._path("")
        return [alive(process) for process in processes]

    def remove(self, paths):
        for name in paths:
            self._path(name).unlink(missing_ok=True)

    def watch(self, folders):
        self._watched = list(folders)
        self._seen = self.sizes(self._watched)

    def changed(self, timeout):
        now = self.sizes(self._watched)
        changed, self._seen = now != self._seen, now
        if not changed:
            import threading

            threading.Event().wait(min(timeout, 0.05))
        return changed


class Far(SingleJobs):
    """Starts pools in the folders of its hosts."""

    name = NAME
    far = True
    folder: ClassVar[Path] = Path("/nowhere")
    cut: ClassVar[set[str]] = set()
    restarted: ClassVar[set[str]] = set()  # hosts whose jobs are gone for this reason

    def __init__(self, state, *, hosts=None, host=""):
        self.hosts = dict(hosts or {})
        self.host = host

    def _local(self, host: str) -> LocalBackend:
        if host in self.cut:
            raise NoAnswer(f"{host} cannot be reached")
        return LocalBackend(self.folder / host / "jobs", grace=2.0)

    def _split(self, handle: Handle) -> tuple[str, str]:
        host, slash, job = handle.job.rpartition("/")
        return (host if slash else self.site_of(handle)), job

    def preview(self, spec):
        return f"on {self.host}: {' '.join(spec.command(spec.cores))}"

    def warnings(self, spec):
        return []

    def choices(self):
        return [Choice("host", self.host, "where it runs", dict.fromkeys(self.hosts, ""))]

    def sites(self):
        return list(self.hosts)

    def site_of(self, handle):
        host, slash, _ = handle.job.rpartition("/")
        return host if slash else self.host or next(iter(self.hosts))

    def site(self, name, project):
        if name in self.cut:
            raise NoAnswer(f"{name} cannot be reached")
        return FolderSite(name, self.folder / name / "project", self.cut)

    def where(self, name, project):
        return f"{name}:{self.folder / name / 'project'}"

    def contact(self, name):
        return Contact("cut" if name in self.cut else "connected")

    def submit(self, spec):
        host = self.site_of(Handle(NAME, spec.name))
        there = self.folder / host / "project"

        def move(text: str) -> str:
            return text.replace(str(spec.folder), str(there))

        for file in spec.files:
            target = Path(move(str(file)))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
        moved = replace(
            spec,
            argv=(sys.executable, *map(move, spec.argv[1:])),
            folder=there,
            log=Path(move(str(spec.log))),
        )
        self._local(host).submit(moved)
        return Handle(NAME, f"{host}/{spec.name}")

    def poll(self, handles):
        found = {}
        for handle in handles:
            host, job = self._split(handle)
            try:
                local = self._local(host)
            except NoAnswer as error:
                found[handle] = Status(State.UNKNOWN, str(error))
                continue
            status = local.poll([Handle("local", job)])[Handle("local", job)]
            if host in self.restarted and status.state.final:
                status = Status(State.VANISHED, f"{host} was restarted")
            found[handle] = status
        return found

    def cancel(self, handles):
        for handle in handles:
            host, job = self._split(handle)
            self._local(host).cancel([Handle("local", job)])


def settle(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let there be these machines for the length of a test."""
    monkeypatch.setattr(Far, "folder", folder)
    monkeypatch.setattr(Far, "cut", set())
    monkeypatch.setattr(Far, "restarted", set())
    monkeypatch.setitem(backends.BACKENDS, NAME, f"{__name__}:{Far.__name__}")
    monkeypatch.setitem(model.BACKENDS, NAME, FarTable)
