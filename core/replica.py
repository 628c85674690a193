"""Keeps the copy of a search's history on another machine, and the one here, the same.

Journals and reports only grow, and each has one writer: of two copies the longer one is the newer,
wherever it lies, and what it has more is written to its place in the other (of reports to a site
only where it prunes trials). Doing that twice, or
from two processes at once, writes the same bytes to the same places. Claims and checkpoints stay
where they are.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from trialdeck.backends.base import LaunchError, Piece
from trialdeck.core.command_mirror import CommandMirror
from trialdeck.core.errors import HistoryError, TrialdeckError
from trialdeck.core.history import disk
from trialdeck.core.history.writers import WriterFile
from trialdeck.core.params import revisions
from trialdeck.core.sites import folder_there

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from trialdeck.backends import base
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.sites import Site

Sizes = dict[str, tuple[int, int]]  # of files by name: size in bytes, time of change in ns

PIECE = 1 << 20  # bytes of one file sent at once
LOAD = 8 << 20  # and of all files
ROUNDS = 10_000
WORD_SECONDS = 60.0  # a site is told so often that somebody here listens


class Replica:
    """The two copies of one search: the one here and that of `site`, whose files are `files`.

    Every method raises LaunchError when the way to the site is cut, and HistoryError when the copy
    here cannot be read or written; doing it again goes on from there.
    """

    def __init__(self, paths: HistoryPaths, files: base.Site, site: Site) -> None:
        self.paths = paths
        self.files = files
        self.site = site
        self.folder = str(folder_there(paths).relative_to(paths.project))
        self.writers: dict[str, WriterFile] = {}  # of the site, as last read
        self._stamps: dict[str, tuple[int, int]] = {}
        self._known: bytes | None = None  # what the site knows of itself
        self._commands = CommandMirror(paths, files, self.folder)
        self._word = -WORD_SECONDS
        self._words = 0

    def exchange(self) -> bool:
        """Fetch what is new there and send what is new here; return whether there was anything."""
        there = self._look("journal", "reports", "writers", "params", "commands")
        got = self._fetch(there)
        sent = self.send(there)
        self._commands.exchange(there["commands"], self.writers)
        self._give_word()
        return got or sent

    def send(self, there: Mapping[str, Sizes] | None = None) -> bool:
        """Send what pools need there; return whether there was anything."""
        there = there or self._look("journal", "params", "reports")
        sent = self._send_parameters(there["params"])
        return self._send_grown(there) or sent

    def watch(self) -> None:
        """Have changes there told from now on."""
        folders = ("journal", "reports", "writers", "commands")
        self.files.watch([f"{self.folder}/{name}" for name in folders])

    def fetch_log(self, path: Path) -> None:
        """Fetch what is new in one log, `path` being where it lies here."""
        name = f"{self.folder}/{path.relative_to(self.paths.root)}"
        for _ in range(ROUNDS):
            pieces = self.files.read([(name, _size(path))])
            if not any(_write(path, piece) for piece in pieces):
                return

    # -- from there -------------------------------------------------------------------------

    def _look(self, *folders: str) -> dict[str, Sizes]:
        """Return the files in folders of the search there, by folder and name."""
        found: dict[str, Sizes] = {name: {} for name in folders}
        for path, size in self.files.sizes([f"{self.folder}/{name}" for name in folders]).items():
            folder, _, name = path.removeprefix(f"{self.folder}/").partition("/")
            # What comes from another machine names nothing outside of the folder.
            if folder in found and name and "/" not in name and not name.startswith("."):
                found[folder][name] = size
        return found

    def _fetch(self, there: Mapping[str, Sizes]) -> bool:
        self.paths.writers.mkdir(parents=True, exist_ok=True)
        got = self._fetch_writers(there["writers"])
        for name in ("reports", "journal"):
            got = self._fetch_longer(name, there[name]) or got
        return got

    def _fetch_longer(self, folder: str, there: Sizes) -> bool:
        here = self.paths.root / folder
        got = False
        for _ in range(ROUNDS):
            wanted = [
                (f"{self.folder}/{folder}/{name}", size)
                for name, (length, _) in there.items()
                if (size := _size(here / name)) < length
            ]
            if not wanted:
                break
            pieces = self.files.read(wanted)
            fresh = [_write(here / _name(piece.path), piece) for piece in pieces]
            got = got or any(fresh)
            if not any(fresh):
                break
        return got

    def _fetch_writers(self, there: Sizes) -> bool:
        changed = [name for name, stamp in there.items() if self._stamps.get(name) != stamp]
        pieces = self.files.read([(f"{self.folder}/writers/{name}", 0) for name in changed])
        for piece in pieces:
            name = _name(piece.path)
            if name in changed and self._take_writer(name, piece.data):
                self._stamps[name] = there[name]
        return bool(pieces)

    def _take_writer(self, name: str, content: bytes) -> bool:
        try:
            file = msgspec.json.decode(content, type=WriterFile)
        except ValueError:  # msgspec's errors are ValueErrors; it is read again
            return False
        if file.site == self.site.name and name == f"{file.id}.json":
            _replace(self.paths.writers / name, content)
            self.writers[file.id] = file
        return True

    # -- to there ---------------------------------------------------------------------------

    def _send_parameters(self, there: Sizes) -> bool:
        new = [path for path in _files(self.paths.params) if path.name not in there]
        content = {f"{self.folder}/params/{path.name}": path.read_bytes() for path in new}
        if self._known != (site := self.site.encoded()):
            content[f"{self.folder}/{self.paths.site.name}"] = site
        if content:
            # The site's name first: parameters make a copy something that a pool can work on.
            self.files.put(dict(sorted(content.items(), reverse=True)))
            self._known = site
        return bool(content)

    def _send_grown(self, there: Mapping[str, Sizes]) -> bool:
        pieces = list(self._pieces("journal", there["journal"], LOAD))
        if self._prunes():  # trials there are judged beside all others
            left = LOAD - sum(len(piece.data) for piece in pieces)
            pieces += self._pieces("reports", there["reports"], left)
        if pieces:
            self.files.write(pieces)
        return bool(pieces)

    def _prunes(self) -> bool:
        try:
            params = revisions.load(self.paths, revisions.newest_number(self.paths))
        except TrialdeckError:  # there is none yet, or one that another version has written
            return False
        return params.pruning.algorithm != "none"

    def _pieces(self, folder: str, there: Sizes, load: int) -> Iterator[Piece]:
        """Yield what the files of a folder have more than those there; the shortest rest first."""
        behind = []
        for path in _files(self.paths.root / folder):
            begin, _ = there.get(path.name, (0, 0))
            if (size := _size(path)) > begin:
                behind.append((size - begin, begin, path))
        for rest, begin, path in sorted(behind):
            length = min(rest, PIECE, load)
            if length <= 0:
                return
            with suppress(FileNotFoundError):
                load -= length
                data = _read(path, begin, length)
                yield Piece(f"{self.folder}/{folder}/{path.name}", begin, data)

    def _give_word(self) -> None:
        now = time.monotonic()
        if now - self._word >= WORD_SECONDS:
            self._word, self._words = now, self._words + 1
            content = msgspec.json.encode({"beat": self._words, "at": round(time.time())})
            self.files.put({f"{self.folder}/{self.paths.heard.name}": content})


def _name(path: str) -> str:
    name = path.rpartition("/")[2]
    if name in ("", ".", "..") or name.startswith("."):
        raise LaunchError(f"a machine offers a file that is called {path!r}")
    return name


def _files(folder: Path) -> Iterable[Path]:
    """Return the files of a folder, not those that are being written."""
    try:
        found = sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    return [path for path in found if not path.name.startswith(".")]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _read(path: Path, begin: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(begin)
        return file.read(length)


def _replace(path: Path, content: bytes) -> None:
    try:
        disk.replace(path, content)
    except OSError as error:
        raise HistoryError(f"a copy cannot be kept: {disk.explain(error)}") from error


def _write(path: Path, piece: Piece) -> bool:
    """Put a piece in its place, unless what is before it is missing; return whether it is new."""
    if not piece.data:
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            if os.fstat(descriptor).st_size < piece.offset:
                return False
            rest = memoryview(piece.data)
            while rest:
                at = piece.offset + len(piece.data) - len(rest)
                rest = rest[os.pwrite(descriptor, rest, at) :]
            disk.sync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise HistoryError(f"a copy cannot be kept: {disk.explain(error)}") from error
    return True
