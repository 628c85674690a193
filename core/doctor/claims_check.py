"""The claims of a history beside its events: what is missing, what is none, what they betray."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trialdeck.core.history.events import Finished, Started
from trialdeck.core.sites import HOME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot, Trial

Key = tuple[int, int]  # tid, attempt


@dataclass
class Claims:
    """Every claim that there is: who holds which attempt, and what else lies there."""

    holders: dict[Key, str] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)


def read_claims(paths: HistoryPaths) -> Claims:
    """Read all claims. Raises `OSError`."""
    found = Claims()
    root = paths.root / "claims"
    try:
        with os.scandir(root) as entries:
            blocks = sorted(entry.name for entry in entries)
    except FileNotFoundError:
        return found
    for name in blocks:
        block = root / name
        if not name.isdecimal():
            found.strange.append(name)
        elif block.is_file():
            for line in block.read_text().splitlines():
                _add(found, name, *line.partition(" ")[::2])
        else:
            _read_folder(block, found)
    return found


def _read_folder(block: Path, found: Claims) -> None:
    with os.scandir(block) as entries:
        for entry in entries:
            if entry.is_symlink():
                _add(found, block.name, entry.name, os.readlink(entry.path))  # noqa: PTH115 - fast
            else:
                found.strange.append(f"{block.name}/{entry.name}")


def _add(found: Claims, block: str, name: str, holder: str) -> None:
    tid, _, attempt = name.partition(".")
    if tid.isdecimal() and attempt.isdecimal() and int(tid) // 1000 == int(block):
        found.holders[int(tid), int(attempt)] = holder
    else:
        found.strange.append(f"{block}/{name}")


def expected(snapshot: Snapshot) -> Iterator[tuple[Key, str]]:
    """Yield the claims that the events of trials of this site tell of, and their holders."""
    for trial in snapshot.trials.values():
        if trial.site == HOME:
            yield from _expected_of(trial)


def _expected_of(trial: Trial) -> Iterator[tuple[Key, str]]:
    imported = trial.imported
    for event in trial.events:
        if isinstance(event, Started):
            yield (trial.tid, event.attempt), event.writer
        elif isinstance(event, Finished) and event.outcome != "interrupted" and not imported:
            yield (trial.tid, event.attempt + 1), event.writer


def missing(claims: Claims, snapshot: Snapshot) -> dict[Key, str]:
    """Return the claims that are not there although their attempts are recorded."""
    return {key: writer for key, writer in expected(snapshot) if key not in claims.holders}


def vanished_results(claims: Claims, snapshot: Snapshot, gone: Callable[[str], bool]) -> list[int]:
    """Return the trials that had ended, by the seal that their writer took, without a result."""
    return [
        tid
        for (tid, attempt), holder in sorted(claims.holders.items())
        if claims.holders.get((tid, attempt - 1)) == holder
        and _lacks_result(snapshot.trials.get(tid), attempt - 1)
        and holder in snapshot.writers
        and gone(holder)
    ]


def _lacks_result(trial: Trial | None, attempt: int) -> bool:
    """Whether an attempt that was sealed has no end; one that was interrupted has no seal."""
    if trial is None:
        return True
    ended = any(e.attempt == attempt and not isinstance(e, Started) for e in trial.events)
    return not trial.state.settled and not ended


def without_journal(claims: Claims, snapshot: Snapshot) -> dict[str, list[int]]:
    """Return the trials that were claimed by writers of whom there is no journal, by writer."""
    found: dict[str, list[int]] = {}
    for (tid, _), holder in sorted(claims.holders.items()):
        if holder not in snapshot.writers and tid not in snapshot.trials and holder != "void":
            found.setdefault(holder, []).append(tid)
    return found
