"""Damaged bytes of a journal: what can still be read in them, and what they were about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialdeck.core.errors import FormatTooNew
from trialdeck.core.history.codec import BadLine
from trialdeck.core.history.events import TrialEvent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trialdeck.core.history.events import AnyEvent
    from trialdeck.core.history.snapshot import Damage, Snapshot

    Decode = Callable[[bytes], AnyEvent | None]

# A line is an object, or a row (`rows`): its kind, its writer, the trial.
_START = re.compile(rb'\{"e":"|\["(?:started|finished)",')
_END = re.compile(rb',"crc":"[0-9a-f]{8}"\}|,"[0-9a-f]{8}"\]')
_KIND = re.compile(rb'(?:\{"e":|\[)"([a-z]+)"')
_TID = re.compile(rb'"tid":(\d+)|\["[a-z]+","[^"]*",(\d+),')
_RECORDS = {"started": "the start", "finished": "the result", "lost": "a word on a lost attempt"}

_NOT_LOST = ("opened", "closed", "setting")  # they say nothing of a trial, or are said again


@dataclass(frozen=True, slots=True)
class Wound:
    """One damaged range: the whole lines in it, what they say, and what else it was about."""

    damage: Damage
    lines: tuple[bytes, ...]
    events: tuple[AnyEvent, ...]
    about: tuple[str, int | None]  # the kind of the record that is damaged, and its trial

    def unknown(self, snapshot: Snapshot) -> list[AnyEvent]:
        """Return the events in it that no other journal has."""
        return [event for event in self.events if not _is_known(event, snapshot)]

    def lost(self, snapshot: Snapshot) -> str:
        """Return in words what is lost, "" when nothing is."""
        kind, tid = self.about
        if tid is not None:
            return _lost_of(kind, tid, snapshot)
        if kind in _RECORDS:
            return f"{_RECORDS[kind]} of an unknown trial"
        known = bool(self.events) or kind in _NOT_LOST
        return "" if known else "what it said is not known"


def examine(folder: Path, damage: Damage, decode: Decode) -> Wound:
    """Look into a damaged range; `decode` knows the settings of rows. Raises `OSError`."""
    with (folder / damage.file).open("rb") as file:
        file.seek(damage.start)
        data = file.read(damage.end - damage.start)
    lines, events, rest = [], [], b""
    at = 0
    while found := _START.search(data, at):
        start = found.start()
        rest += data[at:start]
        end = _whole(data, start, decode)
        if end is None:
            rest += data[start : start + 1]
            at = start + 1
            continue
        event = decode(data[start:end])
        lines.append(data[start:end] + b"\n")
        if event is not None:
            events.append(event)
        at = end
    return Wound(damage, tuple(lines), tuple(events), _about(rest + data[at:]))


def _whole(data: bytes, start: int, decode: Decode) -> int | None:
    """Return where a whole line that begins at `start` ends, None when there is none."""
    for found in _END.finditer(data, start):
        try:
            decode(data[start : found.end()])
        except (BadLine, FormatTooNew):
            continue
        return found.end()
    return None


def _about(rest: bytes) -> tuple[str, int | None]:
    kind = _KIND.search(rest)
    tid = _TID.search(rest)
    word = kind[1].decode() if kind else ("record" if rest.strip(b"\0 ") else "")
    return word, int(tid[1] or tid[2]) if tid else None


def _is_known(event: AnyEvent, snapshot: Snapshot) -> bool:
    if not isinstance(event, TrialEvent):
        return True  # who opened or closed what is of no use any more
    trial = snapshot.trials.get(event.tid)
    return trial is not None and event in trial.events


def _lost_of(kind: str, tid: int, snapshot: Snapshot) -> str:
    trial = snapshot.trials.get(tid)
    what = f"{_RECORDS.get(kind, 'a record')} of trial {tid}"
    if kind == "finished" and (trial is None or not trial.state.settled):
        return f"{what}: it runs again"
    if kind == "started" and trial is not None and trial.start is None:
        return f"{what}, with its point"
    if trial is not None and trial.state.settled:
        return ""  # it has its result from elsewhere
    return what
