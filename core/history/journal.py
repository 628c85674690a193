"""The journal of one writer: what it says is on the disk before anybody relies on it."""

from __future__ import annotations

import platform
import secrets
import time
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.errors import HistoryError
from trialdeck.core.history import disk
from trialdeck.core.history.codec import encode
from trialdeck.core.history.events import FORMAT_VERSION, Closed, Event, Opened
from trialdeck.core.history.parts import Parts
from trialdeck.core.history.rows import RowEncoder

if TYPE_CHECKING:
    from trialdeck.core.history.paths import HistoryPaths


def new_writer_id() -> str:
    """Return a name for a writer, 12 hexadecimal digits that nobody has used or will use."""
    return secrets.token_hex(6)


class Journal:
    """Appends events; those that could not be written are kept in order and written later.

    Not for several threads at once.
    """

    def __init__(self, parts: Parts, opened: Opened) -> None:
        """For `create`."""
        self.writer = opened.writer
        self.trouble = ""  # why events are pending, for the user
        self._parts = parts
        self._origin = {"site": opened.site, "epoch": opened.epoch}
        self._pending: list[bytes] = []
        self._rows = RowEncoder()

    @classmethod
    def create(
        cls, paths: HistoryPaths, writer: str, kind: str, *, site: str = "home", epoch: int = 0
    ) -> Journal:
        """Start the journal of a new writer; `kind` is pool, controller, script or import.

        Raises `HistoryError` when it cannot be written, or exists.
        """
        opened = Opened(
            writer=writer,
            at=round(time.time(), 3),
            site=site,
            epoch=epoch,
            v=FORMAT_VERSION,
            kind=kind,
            host=platform.node(),
        )
        parts = Parts(paths.journal, writer, header=encode(opened))
        try:
            paths.journal.mkdir(parents=True, exist_ok=True)
            parts.write(b"")
        except OSError as error:
            raise HistoryError(f"no journal can be started: {disk.explain(error)}") from error
        return cls(parts, opened)

    @property
    def pending(self) -> int:
        """How many events are not known to be on the disk."""
        return len(self._pending)

    def append(self, *events: Event, strict: bool = False) -> bool:
        """Write events, all in one go; return whether they and all before them are on the disk.

        The site, the epoch and (where it is 0) the time are filled in. When they cannot be written
        they stay pending, or, if `strict`, that raises `HistoryError` and they are forgotten.
        """
        before = len(self._pending)
        self._pending.extend(self._rows.encode(self._completed(event)) for event in events)
        written = self.flush()
        if strict and not written:
            del self._pending[before:]
            self._rows = RowEncoder()  # what was forgotten may have been the only word on a setting
            raise HistoryError(f"nothing can be recorded: {self.trouble}")
        return written

    def flush(self) -> bool:
        """Try once to write what is pending; return whether nothing is left."""
        if self._pending:
            try:
                self._parts.write(b"".join(self._pending))
            except OSError as error:
                self.trouble = disk.explain(error)
                return False
            self._pending.clear()
        self.trouble = ""
        return True

    def close(self) -> bool:
        """End the journal; return whether everything is on the disk."""
        written = self.append(Closed(writer=self.writer))
        self._parts.close()
        return written

    def _completed(self, event: Event) -> Event:
        changes: dict[str, Any] = {
            name: value for name, value in self._origin.items() if getattr(event, name) != value
        }
        if event.at == 0:
            changes["at"] = round(time.time(), 3)
        return msgspec.structs.replace(event, **changes) if changes else event
