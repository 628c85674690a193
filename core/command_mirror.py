"""Commands to the pools of a site: sent there, and a pause that a pool there has made is heard."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from trialdeck.core.history import commands

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trialdeck.backends import base
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.writers import WriterFile

_PAUSE, _RESUMED = "pause", "resumed"
_WORDS = ("stop", "stop-now", "cores")


class CommandMirror:
    """Mirrors ``commands/`` of one search to the site whose files are `files`."""

    def __init__(self, paths: HistoryPaths, files: base.Site, folder: str) -> None:
        self.paths = paths
        self.files = files
        self.folder = f"{folder}/commands"
        self._sent: dict[str, bytes] = {}

    def exchange(
        self, there: Mapping[str, tuple[int, int]], writers: Mapping[str, WriterFile]
    ) -> None:
        """Send what the site has not been told; `there` are the files that it has.

        Raises LaunchError and HistoryError.
        """
        self._hear_pause(there)
        wanted = self._wanted(writers)
        new = {
            name: content
            for name, content in wanted.items()
            if name not in there or self._sent.get(name) != content
        }
        if new:
            self.files.put({f"{self.folder}/{name}": content for name, content in new.items()})
            self._sent.update(new)
        if _PAUSE in there and _PAUSE not in wanted:
            self.files.remove([f"{self.folder}/{_PAUSE}"])

    def _hear_pause(self, there: Mapping[str, tuple[int, int]]) -> None:
        """Pause the search if a pool there has paused it."""
        if _PAUSE in there and not (self.paths.commands / _PAUSE).exists():
            for piece in self.files.read([(f"{self.folder}/{_PAUSE}", 0)]):
                commands.adopt_pause(self.paths, piece.data)

    def _wanted(self, writers: Mapping[str, WriterFile]) -> dict[str, bytes]:
        found = {}
        for name in (_PAUSE, _RESUMED, *self._names(writers)):
            with suppress(FileNotFoundError):
                found[name] = (self.paths.commands / name).read_bytes()
        return found

    def _names(self, writers: Mapping[str, WriterFile]) -> Iterator[str]:
        for writer, file in writers.items():
            if file.state != "ended":
                yield from (f"{word}.{writer}" for word in _WORDS)
