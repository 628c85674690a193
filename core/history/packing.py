"""Plain trials in little memory: one start and its result by the same writer, as nearly all are.

What many trials share is kept once, the rest as bytes, from which the events are made anew when
somebody asks for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec.structs import astuple

from trialdeck.core.history.attempts import Attempt, attempts_of
from trialdeck.core.history.events import Finished, Started
from trialdeck.core.history.trial import SETTLED, Trial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.core.history.events import Outcome, TrialEvent

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list).decode

# The places of a trial's own values among the packed ones; before them come those of its point and
# then those of its metrics.
_STARTED_AT, _SEED, _CAUSE, _MESSAGE, _TRACEBACK, _SECONDS, _STEPS = range(-7, 0)


class Shared(msgspec.Struct, frozen=True):
    """What many trials have in common."""

    writer: str
    site: str
    epoch: int
    stage: int
    revision: int
    core: int
    environment: str
    origin: str
    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]


class PackedTrial(Trial, frozen=True, gc=False):
    """A trial of one attempt that has its result. Its events are equal, not the same, each time."""

    shared: Shared
    packed: bytes

    @property
    def start(self) -> Started:
        """The event that began it."""
        return self.events[0]

    @property
    def end(self) -> Finished:
        """The event that ended it."""
        return self.events[1]

    @property
    def events(self) -> tuple[Started, Finished]:
        """Both events."""
        shared, values = self.shared, _decode(self.packed)
        of_both: dict[str, Any] = {
            "writer": shared.writer,
            "site": shared.site,
            "epoch": shared.epoch,
            "stage": shared.stage,
            "tid": self.tid,
            "attempt": self.attempt,
        }
        start = Started(
            **of_both,
            at=values[_STARTED_AT],
            point=self._point(values),
            revision=shared.revision,
            core=shared.core,
            seed=values[_SEED],
            environment=shared.environment,
            origin=shared.origin,
        )
        end = Finished(
            **of_both,
            at=self.finished_at or 0.0,
            outcome=cast("Outcome", str(self.state)),
            loss=self.loss,
            metrics=self._metrics(values),
            cause=values[_CAUSE],
            message=values[_MESSAGE],
            traceback=values[_TRACEBACK],
            seconds=values[_SECONDS],
            steps=values[_STEPS],
        )
        return start, end

    def _point(self, values: list[Any]) -> dict[str, Any]:
        return dict(zip(self.shared.dimensions, values, strict=False))

    def _metrics(self, values: list[Any]) -> dict[str, Any]:
        names = self.shared.metrics
        return dict(zip(names, values[len(self.shared.dimensions) :], strict=False))

    # What is asked for of many trials, without making events.

    @property
    def writer(self) -> str:
        """The id of who ran it."""
        return self.shared.writer

    @property
    def point(self) -> dict[str, Any]:
        """The point."""
        return dict(zip(self.shared.dimensions, _decode(self.packed), strict=False))

    @property
    def metrics(self) -> dict[str, Any]:
        """What the objective returned."""
        return self._metrics(_decode(self.packed))

    @property
    def core(self) -> int:
        """The number of the core in its pool."""
        return self.shared.core

    @property
    def revision(self) -> int:
        """The revision of the parameters; 0 when there is none."""
        return self.shared.revision

    @property
    def stage(self) -> int:
        """The stage of the trial."""
        return self.shared.stage

    @property
    def site(self) -> str:
        """The site where it ran."""
        return self.shared.site

    @property
    def origin(self) -> str:
        """Where the point comes from, "" when it was suggested."""
        return self.shared.origin

    @property
    def environment(self) -> str:
        """The id of what it ran in."""
        return self.shared.environment

    @property
    def started_at(self) -> float:
        """When it began, in seconds since 1970."""
        return self._value(_STARTED_AT)  # type: ignore[no-any-return]

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self._value(_SECONDS)  # type: ignore[no-any-return]

    @property
    def steps(self) -> int:
        """How many steps were reported."""
        return self._value(_STEPS)  # type: ignore[no-any-return]

    @property
    def cause(self) -> str:
        """Why it failed, "" otherwise."""
        return self._value(_CAUSE)  # type: ignore[no-any-return]

    @property
    def message(self) -> str:
        """The cause in words."""
        return self._value(_MESSAGE)  # type: ignore[no-any-return]

    @property
    def seed(self) -> int:
        """The seed given to the objective."""
        return self._value(_SEED)  # type: ignore[no-any-return]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names in the point."""
        return self.shared.dimensions

    @property
    def returned(self) -> tuple[str, ...]:
        """The names of what the objective returned."""
        return self.shared.metrics

    def value(self, dimension: str) -> Any:
        """Return the point's value of a dimension, None when it has none."""
        names = self.shared.dimensions
        if dimension not in names:
            return None
        return _decode(self.packed)[names.index(dimension)]

    def metric(self, name: str) -> Any:
        """Return one of the metrics, None when there is none of that name."""
        names = self.shared.metrics
        if name not in names:
            return None
        return _decode(self.packed)[len(self.shared.dimensions) + names.index(name)]

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The one attempt."""
        events = self.events
        return attempts_of(events, events[1])

    def _value(self, place: int) -> Any:
        return _decode(self.packed)[place]


class Packer:
    """Packs trials; knows what those packed before have in common."""

    def __init__(self) -> None:
        self._shared: dict[tuple[Any, ...], Shared] = {}

    def pack(self, events: Sequence[TrialEvent]) -> PackedTrial | None:
        """Return the trial that all its events make, None when it is not a plain one."""
        if len(events) != 2:
            return None
        start, end = events if type(events[0]) is Started else reversed(events)
        if type(start) is not Started or type(end) is not Finished:
            return None
        # By place and not by name, as at 100,000 trials it matters: site to stage are 2 to 6.
        begun, ended = astuple(start), astuple(end)
        outcome, loss, metrics, *told = ended[7:]
        state, point = SETTLED.get(outcome), start.point
        if state is None or begun[0] != ended[0] or begun[2:7] != ended[2:7]:
            return None
        try:
            packed = _encode([*point.values(), *metrics.values(), start.at, start.seed, *told])
        except (TypeError, ValueError, OverflowError):  # huge whole numbers, foreign types
            return None
        key = (begun[0], *begun[2:4], begun[6], *begun[8:10], *begun[11:], tuple(point))
        key = (*key, tuple(metrics))
        shared = self._shared.get(key) or self._common(key)
        return PackedTrial(start.tid, state, start.attempt, loss, end.at, shared, packed)

    def _common(self, key: tuple[Any, ...]) -> Shared:
        shared = self._shared[key] = Shared(*key)
        return shared
