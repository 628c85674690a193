"""Follows the journals of a search."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trialdeck.core.errors import FormatTooNew, HistoryError
from trialdeck.core.history import digest, disk
from trialdeck.core.history.events import Closed
from trialdeck.core.history.parts import part_of
from trialdeck.core.history.rows import RowDecoder
from trialdeck.core.history.snapshot import Damage
from trialdeck.core.history.state import State
from trialdeck.core.history.tail import BadRange, Tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trialdeck.core.history.events import AnyEvent
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot

DIGEST_BYTES = 8 << 20  # of lines, some 20,000 trials, after which a new digest is worth while
_LISTINGS = 3  # looks at the folder, as long as something vanishes between a look and its reading


def _nobody(_writer: str) -> bool:
    return False


class History:
    """The history of one search, read bit by bit. A search without a folder has no trials yet.

    It begins with the digest, if there is one that holds; with `digests` it writes one when much
    has been read. Without `trusting` it reads the journals themselves.
    """

    def __init__(
        self, paths: HistoryPaths, *, digests: bool = False, trusting: bool = True
    ) -> None:
        self.paths = paths
        self._digests = digests
        self._trusting = trusting  # until the first look
        self._begin(0)

    def _begin(self, version: int) -> None:
        """Know nothing yet."""
        self._read = 0  # bytes of lines since the digest
        self._state = State(version)
        self._rows = RowDecoder()
        self._tails: dict[str, Tail[AnyEvent]] = {}
        self._done: set[str] = set()  # files whose last line is `closed` and that are whole
        self._unreadable: dict[str, Damage] = {}

    @property
    def mended(self) -> frozenset[str]:
        """The journals with damage that has been looked at (`Mended`)."""
        return frozenset(file for file, _, _ in self._state.mended)

    def decode(self, line: bytes) -> AnyEvent | None:
        """Return the event of a line without its newline, as `RowDecoder.decode` does."""
        return self._rows.decode(line)

    def refresh(self, gone: Callable[[str], bool] = _nobody) -> Snapshot:
        """Read what is new and return what is known; the same object if there is nothing new.

        `gone(writer)` says whether a writer will write no more: only then is a bad line called
        damaged, for until then it may be on its way. What was known stays known, whatever
        happens to the files. Raises `FormatTooNew`, and `HistoryError` when the folder cannot be
        read. Whatever else ends it, a ctrl+C say: the next one reads everything anew.
        """
        try:
            return self._refresh(gone)
        except HistoryError:
            raise
        except BaseException:
            # What was read may not have been taken in.
            self._begin(self._state.version + 1)
            self._digests = False
            raise

    def _refresh(self, gone: Callable[[str], bool]) -> Snapshot:
        if self._trusting:
            self._trusting = False
            self._recall()
        vanished = True
        for _ in range(_LISTINGS):
            if vanished:
                vanished = self._look_at_all(gone)
        if self._digests and self._read >= DIGEST_BYTES:
            self._keep()
        mended = self._state.mended
        damaged = (
            one for one in self._damage(gone) if (one.file, one.start, one.end) not in mended
        )
        return self._state.snapshot(tuple(damaged))

    def _look_at_all(self, gone: Callable[[str], bool]) -> bool:
        """Read what is new in every journal; return whether one vanished after it was listed.

        Then it has most likely been packed: what it said is in one that was not there yet.
        """
        vanished = False
        settings = len(self._rows.settings)
        for name, writer in self._list():
            if name not in self._done:
                there = self._look(name, ended=self._ended(writer, gone))
                vanished = vanished or not there
        if len(self._rows.settings) > settings:
            for name in [name for name, tail in self._tails.items() if tail.bad]:
                self._look(name, ended=False)  # what a start refers to may have come after it
        return vanished

    def _list(self) -> list[tuple[str, str]]:
        """Return the journals and their writers; forget those that have vanished."""
        try:
            with os.scandir(self.paths.journal) as entries:
                names = [entry.name for entry in entries]
        except FileNotFoundError:
            names = []
        except OSError as error:
            raise HistoryError(f"the history cannot be read: {disk.explain(error)}") from error
        for missing in self._tails.keys() - set(names):
            del self._tails[missing]
            self._digests = False  # what is known is more than what lies here, perhaps for good
        parts = sorted((part, name) for name in names if (part := part_of(name)))
        return [(name, writer) for (writer, _), name in parts]

    def _ended(self, writer: str, gone: Callable[[str], bool]) -> bool:
        return self._state.closed(writer) or gone(writer)

    def _look(self, name: str, *, ended: bool) -> bool:
        """Read what is new in one journal; return whether it is there."""
        tail = self._tails.get(name)
        if tail is None:
            tail = self._tails[name] = self._tail(name)
        self._unreadable.pop(name, None)
        try:
            if ended and tail.seems_unchanged():
                return True
            last = self._take(tail)
        except FormatTooNew as error:
            raise FormatTooNew(f"{tail.path}: {error}") from None
        except FileNotFoundError:
            return False
        except OSError as error:
            self._unreadable[name] = Damage(name, tail.offset, tail.offset, disk.explain(error))
            return True
        over = isinstance(last, Closed) and last.writer == _writer(name)
        if over and not tail.bad and not tail.torn:
            self._done.add(name)
        return True

    def _take(self, tail: Tail[AnyEvent]) -> AnyEvent | None:
        """Take in what is new in a file; return the last event of it."""
        last, before = None, tail.offset
        for events in tail.blocks():
            self._state.apply_all(events)
            last = events[-1] if events else last
        self._read += max(0, tail.offset - before)
        if tail.replaced:
            self._digests = False
        return last

    def _recall(self) -> None:
        """Take over what the digest says, and go on from where it ends."""
        known = digest.read(self.paths.digest, self.paths.journal)
        if known is None:
            return
        tails = {name: self._tail(name) for name in known.places}
        try:
            for name, place in known.places.items():
                tails[name].resume(place.offset, [BadRange(*bad) for bad in place.bad])
        except OSError:
            return
        self._tails = tails
        self._done = {name for name, place in known.places.items() if place.done}
        self._state.restore(known)
        for setting in known.settings:
            self._rows.settings[setting.id] = setting

    def _keep(self) -> None:
        """Write a digest of what has been read, if all of it lies there still."""
        self._read = 0
        try:
            if not all(tail.is_of(tail.path.stat()) for tail in self._tails.values()):
                self._digests = False
                return
            places = {name: self._place(name, tail) for name, tail in self._tails.items()}
        except OSError:
            return
        settings = self._rows.settings.values()
        digest.write(self.paths.digest, self._state.digest(places, settings))

    def _place(self, name: str, tail: Tail[AnyEvent]) -> digest.Place:
        bad = [(bad.start, bad.end, bad.reason) for bad in tail.bad]
        return digest.place_of(tail.path, tail.offset, bad, done=name in self._done)

    def _tail(self, name: str) -> Tail[AnyEvent]:
        return Tail(self.paths.journal / name, self._rows.decode)

    def _damage(self, gone: Callable[[str], bool]) -> Iterator[Damage]:
        for name in sorted(self._tails):
            tail = self._tails[name]
            if name in self._unreadable:
                yield self._unreadable[name]
            elif (tail.bad or tail.torn) and self._ended(_writer(name), gone):
                for bad in tail.bad:
                    yield Damage(name, bad.start, bad.end, bad.reason)
                if tail.torn and not self._has_later_part(name):
                    yield Damage(name, tail.offset, tail.size, "the last line is not whole")

    def _has_later_part(self, name: str) -> bool:
        """Whether the writer went on in another file, and so wrote there what is torn here."""
        this = part_of(name)
        others = (part_of(other) for other in self._tails)
        return this is not None and any(
            o is not None and o[0] == this[0] and o[1] > this[1] for o in others
        )


def _writer(name: str) -> str:
    part = part_of(name)
    return part[0] if part else ""
