"""What is known of a search at one moment. Frozen: safe to hand to other threads and to keep."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from trialdeck.core.history.attempts import Attempt
from trialdeck.core.history.trial import Trial, TrialState

if TYPE_CHECKING:
    from trialdeck.core.history.events import Environment, Opened, Trouble

__all__ = ["Attempt", "Counts", "Damage", "Snapshot", "Trial", "TrialState", "Trials", "WriterInfo"]

BLOCK = 256
Block = dict[int, Trial]
_NO_TRIALS: Block = {}


def _no_entries() -> Mapping[Any, Any]:
    return MappingProxyType({})


class Trials(Mapping[int, Trial]):
    """The trials by tid, in order of tid.

    They lie in blocks of 256 tids, and snapshots share the blocks that are the same: a new
    snapshot copies only what changed.
    """

    __slots__ = ("_blocks", "_length")

    def __init__(self, blocks: dict[int, Block], length: int) -> None:
        """For `State`; `blocks` must not be changed any more."""
        self._blocks = blocks
        self._length = length

    def __getitem__(self, tid: int) -> Trial:
        return self._blocks.get(tid // BLOCK, _NO_TRIALS)[tid]

    def __iter__(self) -> Iterator[int]:
        for number in sorted(self._blocks):
            yield from sorted(self._blocks[number])

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"<{self._length} trials>"

    def values(self) -> ValuesView[Trial]:
        """Return the trials, in order."""
        return _Values(self)

    def items(self) -> ItemsView[int, Trial]:
        """Return pairs of tid and trial, in order."""
        return _Items(self)

    def ordered(self) -> Iterator[Trial]:
        """Yield the trials, in order."""
        for number in sorted(self._blocks):
            block = self._blocks[number]
            for tid in sorted(block):
                yield block[tid]

    def newest_first(self) -> Iterator[Trial]:
        """Yield the trials from the highest tid down; the first ones cost little."""
        for number in sorted(self._blocks, reverse=True):
            block = self._blocks[number]
            for tid in sorted(block, reverse=True):
                yield block[tid]

    def block(self, number: int) -> Mapping[int, Trial]:
        """Return the trials with tids from ``256 * number`` on, in no order."""
        return self._blocks.get(number, _NO_TRIALS)

    def with_trial(self, trial: Trial) -> Trials:
        """Return these trials and one more, or another in the place of one."""
        number = trial.tid // BLOCK
        block = {**self._blocks.get(number, _NO_TRIALS), trial.tid: trial}
        return Trials({**self._blocks, number: block}, self._length + (trial.tid not in self))

    def changed_since(self, older: Trials) -> Iterator[Trial]:
        """Yield the trials that are new or different from those in an `older` snapshot.

        Costs little when little has changed.
        """
        for number in sorted(self._blocks):
            block, before = self._blocks[number], older.block(number)
            if block is not before:
                for tid in sorted(block):
                    if before.get(tid) is not block[tid]:
                        yield block[tid]


class _Values(ValuesView[Trial]):
    """Without a look-up for each trial."""

    _mapping: Trials

    def __iter__(self) -> Iterator[Trial]:
        return self._mapping.ordered()


class _Items(ItemsView[int, Trial]):
    """Without a look-up for each trial."""

    _mapping: Trials

    def __iter__(self) -> Iterator[tuple[int, Trial]]:
        return ((trial.tid, trial) for trial in self._mapping.ordered())


@dataclass(frozen=True, slots=True)
class Counts:
    """How many trials there are of each state."""

    ok: int = 0
    failed: int = 0
    pruned: int = 0
    running: int = 0
    interrupted: int = 0
    voided: int = 0

    @property
    def finished(self) -> int:
        """How many are settled, whatever the result."""
        return self.ok + self.failed + self.pruned


@dataclass(frozen=True, slots=True)
class WriterInfo:
    """What a writer's journal says of it; `opened` is None when its first line is not known.

    `closed_at` is when it said so, in seconds since 1970.
    """

    id: str
    opened: Opened | None = None
    closed: bool = False
    closed_at: float | None = None


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes `start` to `end` of a journal that cannot be read, and will not get better."""

    file: str
    start: int
    end: int
    reason: str

    def __str__(self) -> str:
        """One line for a terminal."""
        return f"journal/{self.file}, bytes {self.start} to {self.end}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All trials and what is said about them.

    `counts` and `highest_tid` are of stage 0 (`trialdeck.core.stages`), `later` has the counts of
    the stages after it. `best` is the tid with the lowest loss among the ok ones (the lowest tid of
    several): of stage 1 if there are any, else of stage 0. `version`
    grows whenever anything changed. `unfinished` are the tids that run or wait to run again and
    whose point is known; `environments` are by id, `troubles` in order of time. `granted` tells for
    which sites those tids are that were granted and have neither a start nor a result, `voided` are
    those that were taken back.
    """

    trials: Trials = field(default_factory=lambda: Trials({}, 0))
    counts: Counts = Counts()
    later: tuple[Counts, ...] = (Counts(), Counts())
    best: int | None = None
    highest_tid: int = -1
    unfinished: frozenset[int] = frozenset()
    pointless: frozenset[int] = frozenset()  # neither settled nor any start known
    environments: Mapping[str, Environment] = field(default_factory=_no_entries)
    writers: Mapping[str, WriterInfo] = field(default_factory=_no_entries)
    troubles: tuple[Trouble, ...] = ()
    granted: Mapping[int, str] = field(default_factory=_no_entries)
    voided: frozenset[int] = frozenset()
    damaged: tuple[Damage, ...] = ()
    version: int = field(default=0, compare=False)

    def unstarted(self, limit: int, first: int = 0) -> Iterator[int]:
        """Yield the tids from `first` to below `limit` that have neither a start nor a result."""
        for number in range(first // BLOCK, -(-limit // BLOCK)):
            block = self.trials.block(number)
            if len(block) == BLOCK and not self.pointless:
                continue
            low = max(first, number * BLOCK)
            for tid in range(low, min(limit, (number + 1) * BLOCK)):
                if tid not in block or tid in self.pointless:
                    yield tid
