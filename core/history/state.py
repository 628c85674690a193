"""Turns events into snapshots: a pure function of the set of events, whatever their order."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import force_setattr

from trialdeck.core.history.codec import decode, encode
from trialdeck.core.history.digest import VERSION, Digest, rows_of
from trialdeck.core.history.events import (
    Closed,
    Environment,
    Event,
    Granted,
    Mended,
    Opened,
    Setting,
    TrialEvent,
    Trouble,
)
from trialdeck.core.history.folding import fold
from trialdeck.core.history.packing import PackedTrial, Packer
from trialdeck.core.history.snapshot import BLOCK, Counts, Snapshot, Trials, WriterInfo
from trialdeck.core.history.trial import Trial, TrialState
from trialdeck.core.stages import PROMOTED, SEARCHING, STAGES, stage_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trialdeck.core.history.digest import Place
    from trialdeck.core.history.events import AnyEvent
    from trialdeck.core.history.snapshot import Block, Damage

_AnyKind = TypeVar("_AnyKind", bound=Event)
MANY = 1000  # trials that are folded at once, so that their events take little memory


class State:
    """Collects events; `snapshot` costs what has changed since the last one.

    Takes events as they are read: their loss is finite or None. `version` is that of the first
    snapshot.
    """

    def __init__(self, version: int = 0) -> None:
        self._dirty: dict[int, list[TrialEvent]] = {}  # all events of trials to be folded anew
        self._blocks: dict[int, Block] = {}
        self._owned: set[int] = set()  # blocks that no snapshot shares
        self._counts = [dict.fromkeys(TrialState, 0) for _ in STAGES]
        self._bests: list[Trial | None] = [None for _ in STAGES]
        self._rescan = False  # whether another trial may be the best
        self._packer = Packer()
        self._unfinished: set[int] = set()
        self._pointless: set[int] = set()
        self._highest = -1
        self._environments: dict[str, Environment] = {}
        self._writers: dict[str, WriterInfo] = {}
        self._troubles: set[Trouble] = set()
        self.mended: set[tuple[str, int, int]] = set()  # damage that has been looked at
        self._voided: set[int] = set()
        self._new_grants: list[Granted] = []
        self._granted: dict[int, str] = {}  # without start or result
        self._texts: dict[str, str] = {}
        self._changed = False  # besides trials
        self._last = Snapshot(version=version)

    def apply(self, *events: AnyEvent) -> None:
        """Add events; those that are known change nothing."""
        self.apply_all(events)

    def apply_all(self, events: Iterable[AnyEvent]) -> None:
        """Add events; those that are known change nothing."""
        for event in events:
            if isinstance(event, TrialEvent):
                self._add(event)
            else:
                self._add_other(event)
        if len(self._dirty) >= MANY:
            self._settle()

    @property
    def version(self) -> int:
        """That of the last snapshot."""
        return self._last.version

    def closed(self, writer: str) -> bool:
        """Whether this writer's journal has its last line."""
        info = self._writers.get(writer)
        return info is not None and info.closed

    def trial(self, tid: int) -> Trial | None:
        """Return a trial as it stands."""
        self._settle()
        return self._trial(tid)

    def snapshot(self, damaged: tuple[Damage, ...] = ()) -> Snapshot:
        """Return what is known now: the same object as before if nothing has changed."""
        before = self._last
        self._settle()
        if self._owned or self._changed or damaged != before.damaged:
            if self._owned:
                before = self._with_trials(before)
            if self._changed:
                before = self._with_the_rest(before)
            self._last = replace(before, damaged=damaged, version=self._last.version + 1)
        return self._last

    # -- in short ---------------------------------------------------------------------------

    def digest(self, places: dict[str, Place], settings: Iterable[Setting]) -> Digest:
        """Return all that is known, which has been read up to these places of the journals."""
        self._settle()
        trials = list(Trials(self._blocks, 0).ordered())
        rows, shared = rows_of(trial for trial in trials if isinstance(trial, PackedTrial))
        rest = (trial for trial in trials if not isinstance(trial, PackedTrial))
        writers = self._writers.values()
        return Digest(
            version=VERSION,
            places=places,
            settings=list(settings),
            shared=shared,
            rows=rows,
            whole=b"".join(encode(event) for trial in rest for event in trial.events),
            environments=list(self._environments.values()),
            opened=[info.opened for info in writers if info.opened is not None],
            closed={info.id: info.closed_at for info in writers if info.closed_at is not None},
            troubles=list(self._troubles),
            mended=list(self.mended),
            granted=self._granted,
        )

    def restore(self, digest: Digest) -> None:
        """Know what a digest says; for a state that knows nothing yet."""
        self._granted = dict(digest.granted)
        self.mended = set(digest.mended)
        for trial in digest.trials():
            self._put(trial)
        self.apply_all(filter(None, map(decode, digest.whole.splitlines())))
        self.apply_all([*digest.environments, *digest.opened, *digest.troubles])
        self.apply_all(Closed(writer=writer, at=at) for writer, at in digest.closed.items())
        self._changed = True

    # -- adding -----------------------------------------------------------------------------

    def _add(self, event: TrialEvent) -> None:
        tid = event.tid
        events = self._dirty.get(tid)
        if events is None:
            known = self._trial(tid)
            if known is None:
                self._dirty[tid] = [event]
            elif event not in known.events:
                self._dirty[tid] = [*known.events, event]
        elif event not in events:
            events.append(event)

    def _add_other(
        self, event: Opened | Closed | Environment | Setting | Trouble | Granted | Mended
    ) -> None:
        if isinstance(event, Granted):
            self._new_grants.append(event)
        elif isinstance(event, Mended):
            self.mended.add((event.file, event.start, event.end))
        elif isinstance(event, Trouble):
            self._changed = self._changed or event not in self._troubles
            self._troubles.add(event)
        elif isinstance(event, Environment):
            known = self._environments.get(event.id)
            self._environments[event.id] = self._first(known, event)
        elif not isinstance(event, Setting):  # of use only where lines are read
            self._add_writer(event)

    def _add_writer(self, event: Opened | Closed) -> None:
        info = self._writers.get(event.writer) or WriterInfo(event.writer)
        if isinstance(event, Closed):
            first = min(event.at, info.closed_at) if info.closed_at is not None else event.at
            info = replace(info, closed=True, closed_at=first)
        else:
            info = replace(info, opened=self._first(info.opened, event))
        if self._writers.get(event.writer) != info:
            self._writers[event.writer] = info
            self._changed = True

    def _first(self, known: _AnyKind | None, event: _AnyKind) -> _AnyKind:
        """Return the one of two events that comes first in an order of their own."""
        if known is None or (known != event and encode(event) < encode(known)):
            self._changed = True
            return event
        return known

    def _trial(self, tid: int) -> Trial | None:
        block = self._blocks.get(tid // BLOCK)
        return block.get(tid) if block is not None else None

    # -- folding ----------------------------------------------------------------------------

    def _settle(self) -> None:
        dirty, self._dirty = self._dirty, {}
        for events in dirty.values():
            self._put(self._packer.pack(events) or self._fold(events))
        if self._new_grants:
            self._take_grants()

    def _put(self, trial: Trial) -> None:
        number = trial.tid // BLOCK
        block = self._blocks[number] if number in self._owned else self._own(number)
        old = block.get(trial.tid)
        block[trial.tid] = trial
        self._count(old, trial)
        self._compare(trial)

    def _take_grants(self) -> None:
        grants, self._new_grants = self._new_grants, []
        for grant in grants:
            tid = grant.tid
            # Granted twice can only be what a writer recorded that had been given up.
            first = min(grant.to, self._granted.get(tid, grant.to))
            began = self._trial(tid) is not None and tid not in self._pointless
            if not began and self._granted.get(tid) != first:
                self._granted[tid] = first
                self._changed = True

    def _fold(self, events: list[TrialEvent]) -> Trial:
        for event in events:
            # Every line brings its own copy of the writer's id: at 100,000 trials it matters.
            force_setattr(event, "writer", self._texts.setdefault(event.writer, event.writer))
        return fold(events)

    def _compare(self, new: Trial) -> None:
        """Find out whether a trial is the best of its stage, and has the highest number."""
        stage = stage_of(new.tid)
        best = self._bests[stage]
        if best is not None and new.tid == best.tid:
            self._rescan = True
        elif _better(new, best):
            self._bests[stage] = new
        if stage == SEARCHING:
            self._highest = max(self._highest, new.tid)

    def _find_bests(self) -> None:
        """Look at every trial: a best one's result was superseded, or it got another event."""
        self._rescan, self._bests = False, [None for _ in STAGES]
        for block in self._blocks.values():
            for trial in block.values():
                stage = stage_of(trial.tid)
                if _better(trial, self._bests[stage]):
                    self._bests[stage] = trial

    def _own(self, number: int) -> Block:
        """Return a block that may be changed: a copy, as snapshots share the one there is."""
        self._owned.add(number)
        block = self._blocks[number] = dict(self._blocks.get(number, ()))
        return block

    def _count(self, old: Trial | None, new: Trial) -> None:
        tid = new.tid
        counts = self._counts[stage_of(tid)]
        if old is not None:
            counts[old.state] -= 1
        counts[new.state] += 1
        if new.state in (TrialState.RUNNING, TrialState.INTERRUPTED):
            (self._unfinished if new.start is not None else self._pointless).add(tid)
            if new.start is not None:
                self._pointless.discard(tid)
        elif old is not None:
            self._unfinished.discard(tid)
            self._pointless.discard(tid)
        if new.state is TrialState.VOIDED:
            self._voided.add(tid)
        else:
            self._voided.discard(tid)
        if tid in self._granted and tid not in self._pointless:
            del self._granted[tid]
            self._changed = True

    # -- snapshots --------------------------------------------------------------------------

    def _with_trials(self, before: Snapshot) -> Snapshot:
        self._owned.clear()
        if self._rescan:
            self._find_bests()
        unfinished, pointless = before.unfinished, before.pointless
        searched, *later = (Counts(**{str(s): n for s, n in c.items()}) for c in self._counts)
        best = self._bests[PROMOTED] or self._bests[SEARCHING]
        return replace(
            before,
            trials=Trials(dict(self._blocks), sum(sum(c.values()) for c in self._counts)),
            counts=searched,
            later=tuple(later),
            best=best.tid if best is not None else None,
            highest_tid=self._highest,
            unfinished=unfinished
            if unfinished == self._unfinished
            else frozenset(self._unfinished),
            pointless=pointless if pointless == self._pointless else frozenset(self._pointless),
            voided=before.voided if before.voided == self._voided else frozenset(self._voided),
        )

    def _with_the_rest(self, before: Snapshot) -> Snapshot:
        self._changed = False
        return replace(
            before,
            environments=MappingProxyType(dict(self._environments)),
            granted=MappingProxyType(dict(self._granted)),
            writers=MappingProxyType(dict(self._writers)),
            troubles=tuple(sorted(self._troubles, key=lambda t: (t.at, t.writer, encode(t)))),
        )


def _better(trial: Trial, best: Trial | None) -> bool:
    loss = trial.loss
    if loss is None or trial.state is not TrialState.OK or not math.isfinite(loss):
        return False
    if best is None or best.loss is None:
        return True
    return loss < best.loss or (loss == best.loss and trial.tid < best.tid)
