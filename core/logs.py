"""Finds what a trial printed in the logs of the cores.

A core writes ``--- trial 17 attempt 0 ---`` on a line of its own into its log before a trial. Logs
can be long: they are read in blocks, and never as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialdeck.core.errors import HistoryError, SearchError
from trialdeck.core.history import disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.trial import Trial

BLOCK = 1 << 20
POOL = "pool-"  # what the names of pools' own logs begin with
_SUFFIX = ".log"
_MARK = re.compile(rb"\n(--- trial \d+ attempt \d+ ---)(?=\n)")
_LONGEST = 80  # bytes of such a line with the ends of line around it


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a log, from byte `start`; to byte `end`, or None while more may come."""

    path: Path
    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log that is there: of a core (`writer`, `core`), or of the launched pool `name`.

    `changed` is in seconds since 1970, `size` in bytes.
    """

    name: str
    writer: str
    core: int
    size: int
    changed: float


def trial_log(paths: HistoryPaths, trial: Trial, attempt: int | None = None) -> Slice:
    """Return what an attempt printed (the one that counts by default).

    Raises SearchError when there is no such attempt, or its log is not here.
    """
    number = trial.attempt if attempt is None else attempt
    tried = [a for a in trial.attempts if a.attempt == number and a.core is not None]
    if not tried:
        raise SearchError(f"trial {trial.tid} has no attempt {number} that a core has begun")
    for one in tried:
        path = paths.log(one.writer, one.core or 0)
        if found := _find(path, trial.tid, number):
            return found
    raise SearchError(
        f"the log of trial {trial.tid} attempt {number} is not here: {path} does not have it"
    )


def core_log(paths: HistoryPaths, writer: str, core: int) -> Slice:
    """Return all that a core has printed. Raises SearchError when there is nothing."""
    path = paths.log(writer, core)
    if not path.is_file():
        raise SearchError(f"core {core} of the pool {writer} has printed nothing: no {path}")
    return Slice(path, 0, None)


def pool_log(paths: HistoryPaths, name: str) -> Slice:
    """Return what a launched pool itself has printed. Raises SearchError when it is not here."""
    path = paths.logs / f"{POOL}{name}{_SUFFIX}"
    if not path.is_file():
        raise SearchError(f"the pool {name} has printed nothing: no {path}")
    return Slice(path, 0, None)


def logs_there(paths: HistoryPaths) -> list[LogFile]:
    """Return every log of the search, those written last first."""
    pools = (
        _log_file(path, name=path.name.removeprefix(POOL).removesuffix(_SUFFIX))
        for path in paths.logs.glob(f"{POOL}*{_SUFFIX}")
    )
    cores = (
        _log_file(path, writer=path.parent.name, core=int(path.stem))
        for path in paths.logs.glob(f"*/*{_SUFFIX}")
        if path.stem.isdecimal()
    )
    found = [file for file in (*pools, *cores) if file is not None]
    return sorted(found, key=lambda file: -file.changed)


def _log_file(path: Path, name: str = "", writer: str = "", core: int = 0) -> LogFile | None:
    try:
        stat = path.stat()
    except OSError:  # it has been removed
        return None
    return LogFile(name, writer, core, stat.st_size, stat.st_mtime)


def trial_at(part: Slice, offset: int) -> int | None:
    """Return the trial whose output is at byte `offset` of a core's log, None before the first."""
    trial = None
    for start, line in _marks(part.path):
        if start > offset:
            break
        trial = int(line.split()[2])
    return trial


def read(part: Slice) -> Iterator[bytes]:
    """Yield the bytes of a slice in blocks, as far as they are there."""
    return (block for _, block in _blocks(part.path, part.start, part.end))


def _find(path: Path, tid: int, attempt: int) -> Slice | None:
    """Return the last part of a log that follows this attempt's line."""
    wanted = f"--- trial {tid} attempt {attempt} ---".encode()
    found: Slice | None = None
    for start, line in _marks(path):
        if line == wanted:
            found = Slice(path, start + len(line) + 1, None)
        elif found is not None and found.end is None:
            found = Slice(path, found.start, start)
    return found


def _marks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the places of the lines that begin a trial, and the lines."""
    rest = b"\n"  # what the last block ended with: a line may lie across
    for start, block in _blocks(path, 0, None):
        text = rest + block
        for match in _MARK.finditer(text):
            yield start - len(rest) + match.start(1), match[1]
        last = text.rfind(b"\n", -_LONGEST)
        rest = text[last:] if last >= 0 else b""


def _blocks(path: Path, start: int, end: int | None) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            file.seek(start)
            while block := file.read(BLOCK if end is None else min(BLOCK, end - start)):
                yield start, block
                start += len(block)
    except FileNotFoundError:
        return
    except OSError as error:
        raise HistoryError(f"the log cannot be read: {disk.explain(error)}") from error
