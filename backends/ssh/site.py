"""The files of one project on a host, by its agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.backends.base import Piece

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trialdeck.backends.process import ProcessId
    from trialdeck.backends.ssh.client import Client


class SshSite:
    """What is below `root` on the host `name`; `client` returns who is asked, connecting first."""

    def __init__(self, name: str, root: str, client: Callable[[], Client]) -> None:
        self.name = name
        self.root = root
        self._client = client
        self._watching: Client | None = None
        self._watched: tuple[str, ...] = ()

    def sizes(self, folders: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Return the size and the time of change (ns) of every file directly below `folders`."""
        said, _ = self._client().ask("sizes", root=self.root, folders=list(folders))
        return {path: (size, changed) for path, (size, changed) in said["files"].items()}

    def read(self, wants: Sequence[tuple[str, int]]) -> list[Piece]:
        """Return what files have from an offset on; not all of it where that is much."""
        if not wants:
            return []
        said, load = self._client().ask("read", root=self.root, wants=[list(w) for w in wants])
        pieces, begin = [], 0
        for path, offset, length in said["pieces"]:
            pieces.append(Piece(path, offset, load[begin : begin + length]))
            begin += length
        return pieces

    def write(self, pieces: Sequence[Piece]) -> None:
        """Write pieces to where they belong, and onto the disk; none behind a file's end."""
        told = [[path, offset, len(data)] for path, offset, data in pieces]
        load = b"".join(piece.data for piece in pieces)
        self._client().ask("write", load, root=self.root, pieces=told)

    def put(self, files: Mapping[str, bytes]) -> None:
        """Make or replace files, each as a whole."""
        told = [[path, len(content)] for path, content in files.items()]
        self._client().ask("put", b"".join(files.values()), root=self.root, files=told)

    def link(self, links: Mapping[str, str]) -> dict[str, str]:
        """Make symbolic links unless they are there; return what each of them says now."""
        said, _ = self._client().ask("link", root=self.root, links=dict(links))
        return dict(said["links"])

    def links(self, paths: Sequence[str]) -> dict[str, str]:
        """Return what those symbolic links say that are there."""
        said, _ = self._client().ask("links", root=self.root, paths=list(paths))
        return dict(said["links"])

    def alive(self, processes: Sequence[ProcessId]) -> list[bool | None]:
        """Return whether processes live, None where that cannot be told from there."""
        told = [
            {
                "host": p.host,
                "boot": p.boot,
                "namespace": p.namespace,
                "pid": p.pid,
                "start": p.start,
            }
            for p in processes
        ]
        said, _ = self._client().ask("alive", processes=told)
        return list(said["alive"])

    def remove(self, paths: Sequence[str]) -> None:
        """Remove files, if they are there."""
        self._client().ask("remove", root=self.root, paths=list(paths))

    def watch(self, folders: Sequence[str]) -> None:
        """Have changes below `folders` told from now on (see `changed`)."""
        self._watched = tuple(folders)
        client = self._client()
        client.ask("watch", root=self.root, folders=list(self._watched))
        self._watching = client

    def changed(self, timeout: float) -> bool:
        """Wait for the word that something changed, for so many seconds; return whether it came.

        Raises NoAnswer when nothing at all has been heard for too long.
        """
        client = self._client()
        if client is not self._watching and self._watched:
            self.watch(self._watched)
            return True
        return client.changed(timeout)
