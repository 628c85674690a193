"""The digest of a history: what its journals say up to some byte of each, for a quick start.

A convenience that may be removed at any time. Whoever watches a long history writes it now and
then; whoever begins to read takes from it what it says and reads only what came later. It holds
for journals that are still what they were: each is there, as long or longer, with the same bytes
before the place up to which it was read. Otherwise all of it is left aside, and the journals are
read. Written in msgpack, in one file with a checksum: reading it executes nothing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec

from trialdeck.core.history import disk
from trialdeck.core.history.events import (
    FORMAT_VERSION,
    KINDS,
    Environment,
    Opened,
    Setting,
    Trouble,
)
from trialdeck.core.history.packing import PackedTrial, Shared
from trialdeck.core.history.trial import TrialState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

# Of what a digest is and can say; one of another version is left aside.
VERSION = " ".join(
    ["1", str(FORMAT_VERSION), *sorted(KINDS), *(state.value for state in TrialState)]
)
LOOKED_AT = 4096  # bytes before the place up to which a journal was read
_STATES = tuple(TrialState)
_SEAL = 4


class Place(msgspec.Struct, array_like=True, frozen=True):
    """Up to where a journal has been read, but for what was `bad` (start, end, reason).

    `crc` is of the last bytes before; `done`: it ended there.
    """

    offset: int
    crc: int
    bad: list[tuple[int, int, str]]
    done: bool


class Row(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A packed trial; `state` and `shared` are places in lists."""

    tid: int
    state: int
    attempt: int
    loss: float | None
    finished_at: float
    shared: int
    packed: bytes


class Digest(msgspec.Struct, frozen=True):
    """All that a `State` knows; `whole` are the lines of the trials that are not packed."""

    version: str
    places: dict[str, Place]
    settings: list[Setting]
    shared: list[Shared]
    rows: list[Row]
    whole: bytes
    environments: list[Environment]
    opened: list[Opened]
    closed: dict[str, float]
    troubles: list[Trouble]
    mended: list[tuple[str, int, int]]
    granted: dict[int, str]

    def trials(self) -> Iterator[PackedTrial]:
        """Yield the packed trials."""
        for row in self.rows:
            yield PackedTrial(
                row.tid,
                _STATES[row.state],
                row.attempt,
                row.loss,
                row.finished_at,
                self.shared[row.shared],
                row.packed,
            )


_decoder = msgspec.msgpack.Decoder(Digest)


def rows_of(trials: Iterable[PackedTrial]) -> tuple[list[Row], list[Shared]]:
    """Return packed trials as rows, and what these share."""
    places: dict[int, int] = {}
    shared: list[Shared] = []
    rows = []
    for trial in trials:
        place = places.get(id(trial.shared))
        if place is None:
            place = places[id(trial.shared)] = len(shared)
            shared.append(trial.shared)
        state = _STATES.index(trial.state)
        at = trial.finished_at or 0.0
        rows.append(Row(trial.tid, state, trial.attempt, trial.loss, at, place, trial.packed))
    return rows, shared


def place_of(
    path: Path, offset: int, bad: list[tuple[int, int, str]], *, done: bool = False
) -> Place:
    """Return the place up to which a journal was read. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        length = min(offset, LOOKED_AT)
        crc = crc32(os.pread(descriptor, length, offset - length))
        return Place(offset, crc, bad, done and os.fstat(descriptor).st_size == offset)
    finally:
        os.close(descriptor)


def write(path: Path, digest: Digest) -> None:
    """Keep a digest, unless it cannot be written: it is not needed."""
    try:
        content = msgspec.msgpack.encode(digest)
    except (TypeError, ValueError, OverflowError):  # numbers beyond 64 bits
        return
    with suppress(OSError):
        disk.replace(path, content + crc32(content).to_bytes(_SEAL, "big"))


def read(path: Path, folder: Path) -> Digest | None:
    """Return the digest of the journals in `folder`, None where there is none that holds."""
    try:
        content = path.read_bytes()
        if crc32(content[:-_SEAL]).to_bytes(_SEAL, "big") != content[-_SEAL:]:
            return None
        digest = _decoder.decode(memoryview(content)[:-_SEAL])
        holds = digest.version == VERSION and all(
            place_of(folder / name, place.offset, place.bad, done=place.done) == place
            for name, place in digest.places.items()
        )
    except (OSError, msgspec.MsgspecError):
        return None
    return digest if holds else None
