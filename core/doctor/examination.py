"""The examination of a history: everything that can be wrong with it, and what is lost by that."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialdeck.core.doctor import claims_check
from trialdeck.core.doctor.damage import Wound, examine
from trialdeck.core.doctor.findings import Finding, Report, Size
from trialdeck.core.doctor.remains import remains
from trialdeck.core.errors import HistoryError, ParamsError
from trialdeck.core.history import disk
from trialdeck.core.history.parts import part_of
from trialdeck.core.history.reader import History
from trialdeck.core.history.reports import decode_report, report_files
from trialdeck.core.history.tail import Tail
from trialdeck.core.history.writers import Liveness, WriterFiles
from trialdeck.core.params import revisions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trialdeck.core.doctor.claims_check import Claims
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot

LEFT_OVER_SECONDS = 86400.0  # a temporary file of this age is nobody's any more
QUIET_SECONDS = 600.0  # of a writer's file: for what is said only, nothing is decided by it
KINDS = (
    *("journal", "reports", "claims", "writers", "params", "logs", "attachments"),
    *("checkpoints", "models"),
)
NAMED = 5  # trials that are named; of more, how many more there are


@dataclass(frozen=True, slots=True)
class Examined:
    """A history as it was found.

    `wounds` are its damaged ranges; `mended` the journals with others, that have been looked at.
    """

    paths: HistoryPaths
    snapshot: Snapshot
    liveness: Liveness
    claims: Claims
    wounds: tuple[Wound, ...]
    mended: frozenset[str]

    def gone(self, writer: str) -> bool:
        """Whether a writer most likely writes no more."""
        return self.liveness.gone(writer) or _is_quiet(self.paths, writer)


def look(paths: HistoryPaths) -> Examined:
    """Read everything there is. Raises HistoryError, FormatTooNew."""
    liveness, history = Liveness(paths), History(paths, trusting=False)
    liveness.observe()
    first = history.refresh()
    liveness.observe(first)
    snapshot = history.refresh(lambda w: liveness.gone(w) or _is_quiet(paths, w))
    try:
        claims = claims_check.read_claims(paths)
        wounds = tuple(
            examine(paths.journal, damage, history.decode) for damage in snapshot.damaged
        )
    except OSError as error:
        raise HistoryError(f"the history cannot be read: {disk.explain(error)}") from error
    return Examined(paths, snapshot, liveness, claims, wounds, history.mended)


def report(examined: Examined) -> Report:
    """Return what is wrong, in words."""
    found = [
        *_journals(examined),
        *_trials(examined),
        *_claims(examined),
        *_revisions(examined.paths),
        *_writers(examined.paths),
        *_reports(examined.paths),
        *_leftovers(examined.paths),
        *_remains(examined),
    ]
    snapshot = examined.snapshot
    sizes = tuple(_size(examined.paths, kind) for kind in KINDS)
    return Report(
        examined.paths.name,
        len(snapshot.trials),
        len(snapshot.writers),
        tuple(size for size in sizes if size.files),
        tuple(found),
    )


# -- journals and trials --------------------------------------------------------------------


def _journals(examined: Examined) -> Iterator[Finding]:
    names = _names(examined.paths.journal)
    for name in names:
        if part_of(name) is None and not name.startswith("."):
            yield Finding("warning", f"journal/{name} is no journal: nobody reads it")
    for wound in examined.wounds:
        lost = wound.lost(examined.snapshot)
        saved = len(wound.unknown(examined.snapshot))
        text = str(wound.damage) + (f"; {_records(saved)} in it can be saved" if saved else "")
        yield Finding("error", text, lost or "nothing", mends=True)
    for writer, info in examined.snapshot.writers.items():
        if info.opened is None:
            yield Finding("warning", f"journal/{writer}.jsonl has lost its first line", "nothing")
    if not examined.wounds:
        count = sum(part_of(name) is not None for name in names)
        yield Finding("ok", f"{count} journal{'' if count == 1 else 's'}: every line is whole")


def _trials(examined: Examined) -> Iterator[Finding]:
    snapshot, claims = examined.snapshot, examined.claims
    trials = snapshot.trials.values()
    pointless = [trial.tid for trial in trials if trial.state.settled and trial.start is None]
    if pointless:
        yield Finding("error", f"{_named(pointless)} without a start", "with it, the point")
    vanished = claims_check.vanished_results(claims, snapshot, examined.gone)
    if vanished:
        text = f"{_named(vanished)}: the result is in no journal, though it was about to be written"
        yield Finding("error", text, "the result: it runs again")
    for writer, tids in claims_check.without_journal(claims, snapshot).items():
        if examined.gone(writer) or not _has_file(examined.paths, writer):
            count = len(tids)
            text = f"the journal of {writer or 'nobody'}, who claimed {count} trials, is not there"
            yield Finding("error", text, "what it said; those trials run again")


def _claims(examined: Examined) -> Iterator[Finding]:
    if examined.claims.strange:
        shown = _some(examined.claims.strange)
        yield Finding("warning", f"no claims, and in the way of none: claims/{shown}")
    missing = claims_check.missing(examined.claims, examined.snapshot)
    if missing:
        claims = (
            "1 claim of a recorded attempt is"
            if len(missing) == 1
            else f"{len(missing)} claims are"
        )
        text = f"{claims} missing"
        yield Finding("warning", text, "nothing", mends=True)
    else:
        yield Finding("ok", f"{len(examined.claims.holders)} claims go with what is recorded")


# -- the rest -------------------------------------------------------------------------------


def _revisions(paths: HistoryPaths) -> Iterator[Finding]:
    newest = revisions.newest_number(paths)
    for number in range(1, newest + 1):
        try:
            revisions.load(paths, number)
        except ParamsError as error:
            lost = "no core can start" if number == newest else "with it, which values were fixed"
            yield Finding("error", f"params/{number:04}.toml: {str(error).splitlines()[-1]}", lost)
        except HistoryError:
            yield Finding("warning", f"params/{number:04}.toml is not there", "what it said")
    if not newest and _names(paths.journal):
        yield Finding("error", "params/ holds no revision", "no core can start; publish one")


def _writers(paths: HistoryPaths) -> Iterator[Finding]:
    files = WriterFiles(paths)
    with suppress(OSError):
        broken = [writer for writer in files.ids() if files.read(writer) is None]
        if broken:
            yield Finding("warning", f"writers/{_some(broken)} cannot be read", "nothing")


def _reports(paths: HistoryPaths) -> Iterator[Finding]:
    bad = 0
    for _, path in report_files(paths, None):
        tail = Tail(path, decode_report)
        with suppress(OSError):
            tail.read()
            bad += len(tail.bad) + bool(tail.torn)
    if bad:
        points = "1 point of a learning curve is" if bad == 1 else f"{bad} points of curves are"
        text = f"{points} damaged"
        yield Finding("warning", text, "those points; no result")


def leftovers(paths: HistoryPaths) -> list[Path]:
    """Return temporary files and folders that somebody has left behind."""
    found = []
    old = time.time() - LEFT_OVER_SECONDS
    for folder in (paths.root, *(paths.root / kind for kind in (*KINDS, "commands", "launches"))):
        for name in _names(folder):
            hidden = name.startswith(".") and (name.endswith(".tmp") or ".probe-" in name)
            with suppress(OSError):
                if hidden and (folder / name).lstat().st_mtime < old:
                    found.append(folder / name)
    return found


def _leftovers(paths: HistoryPaths) -> Iterator[Finding]:
    found = leftovers(paths)
    if found:
        shown = _some([str(path.relative_to(paths.root)) for path in found])
        yield Finding("warning", f"left over by somebody who was killed: {shown}", mends=True)


def _remains(examined: Examined) -> Iterator[Finding]:
    found = remains(examined.paths, examined.snapshot)
    if found:
        shown = _some([str(path.relative_to(examined.paths.root)) for path in found])
        text = f"left over by trials that have their result: {shown}"
        yield Finding("warning", text, mends=True)


def _size(paths: HistoryPaths, kind: str) -> Size:
    files = total = 0
    for folder, _, names in os.walk(paths.root / kind):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 - fast
                files += 1
    return Size(kind, files, total)


# -- words ----------------------------------------------------------------------------------


def _names(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names are all that is wanted
    except OSError:
        return []


def _named(tids: list[int]) -> str:
    return f"trial{'' if len(tids) == 1 else 's'} {_some([str(tid) for tid in tids])}"


def _some(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _records(count: int) -> str:
    return "one record" if count == 1 else f"{count} records"


def _has_file(paths: HistoryPaths, writer: str) -> bool:
    return (paths.writers / f"{writer}.json").exists()


def _is_quiet(paths: HistoryPaths, writer: str) -> bool:
    """Whether a writer's sign of life is old, or was never given."""
    try:
        return time.time() - (paths.writers / f"{writer}.json").stat().st_mtime > QUIET_SECONDS
    except FileNotFoundError:
        return True
    except OSError:
        return False
