"""What can be asked of a trial by name: to show it in a column, to sort by it, to choose by it.

A name is that of a fact (trial, state, time, …), of a dimension, or of a value that the objective
returned. Of two with the same name the first in this order has it; the others are called
``params.NAME`` and ``metrics.NAME``, as in a table that was exported.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from trialdeck.core.history.events import Cause
from trialdeck.core.history.snapshot import Snapshot, TrialState
from trialdeck.core.status import shown as metric_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from trialdeck.core.history.snapshot import Trial
    from trialdeck.core.params.model import Params

    Getter = Callable[[Trial], Any]

Kind = Literal["number", "text", "plain", "seconds", "moment"]
Group = Literal["leading", "point", "returned", "about"]

PARAM, METRIC = "params.", "metrics."
CAUSES = tuple(cause for cause in get_args(Cause) if cause)
_STATES = (
    TrialState.RUNNING,
    TrialState.INTERRUPTED,
    TrialState.FAILED,
    TrialState.VOIDED,
    TrialState.PRUNED,
    TrialState.OK,
)
_RANK_OF_STATE = {state: float(number) for number, state in enumerate(_STATES)}
# Above every duration, so that what runs is behind what has ended, the longest at the very end.
_STILL_RUNNING = 1e12


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be asked of a trial; `value` returns None where there is none.

    `kind` says how it is written: plain is a number or a text. `rank` is what it is sorted by
    where that is not the value; it changes only when the trial does. `descending` is which way it
    is sorted at first. `words` are values that a user may write without quotes; with `only_words`
    there are no others.
    """

    name: str
    value: Getter
    kind: Kind = "plain"
    group: Group = "about"
    rank: Getter | None = None
    descending: bool = False
    words: tuple[str, ...] = ()
    only_words: bool = False

    def sort_value(self, trial: Trial) -> Any:
        """Return what the trial is sorted by, None where there is no value."""
        return self.value(trial) if self.rank is None else self.rank(trial)


class Fields:
    """The fields of a search, by name, in the order in which they are offered.

    They grow: older trials may have dimensions that the space no longer has, and what is returned
    is known only once a trial has ended.
    """

    def __init__(self, params: Params, clock: Callable[[], float] = time.time) -> None:
        self.params = params
        self._clock = clock
        self._snapshot = Snapshot()
        self._points = {dimension.name: None for dimension in params.space.dimensions}
        self._returned: dict[str, None] = {}
        self._seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
        self._staged = params.reduced_sample is not None  # whether the stage is of interest
        self._fields = self._made()

    def __getitem__(self, name: str) -> Field:
        return self._fields[name]

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields.values())

    @property
    def names(self) -> list[str]:
        """The names, in order."""
        return list(self._fields)

    @property
    def metric(self) -> Field:
        """What is optimised."""
        return self._fields[self._metric_key]

    def see(self, snapshot: Snapshot, trials: Iterable[Trial]) -> bool:
        """Take in what is new in a snapshot; return whether there are new fields."""
        self._snapshot = snapshot
        points, returned = self._points, self._returned
        before = len(points), len(returned), self._staged
        self._staged = self._staged or any(counts.finished for counts in snapshot.later)
        for trial in trials:
            names = trial.dimensions, trial.returned
            if names not in self._seen:
                self._seen.add(names)
                points.update(dict.fromkeys(names[0]))
                returned.update(dict.fromkeys(names[1]))
        if before == (len(points), len(returned), self._staged):
            return False
        self._fields = self._made()
        return True

    @property
    def _metric_key(self) -> str:
        return _free(metric_name(self.params), METRIC, _RESERVED)

    def _made(self) -> dict[str, Field]:
        metric, direction = metric_name(self.params), self.params.search.direction
        optimised = Field(
            self._metric_key,
            lambda trial: metric_of(trial, metric, direction),
            "number",
            "leading",
            rank=_rank_of_loss(-1.0 if direction == "maximize" else 1.0),
            descending=direction == "maximize",
        )
        stage = replace(_STAGE, group="leading" if self._staged else "about")
        fields = [*_LEADING, optimised, Field("time", self._seconds, **_TIME)]
        fields += [stage] if self._staged else []
        taken = {*_RESERVED, optimised.name}
        for name in self._points:
            key = _free(name, PARAM, taken)
            fields.append(self._dimension(key, name))
            taken.add(key)
        others = (name for name in self._returned if name != metric)
        fields += [_returned(_free(name, METRIC, taken), name) for name in others]
        if metric != "loss" and "loss" not in self._returned and "loss" not in taken:
            fields.append(Field("loss", lambda trial: trial.loss, "number"))
        fields += [*_ABOUT, stage, Field("host", self._host, "text")]
        return {field.name: field for field in fields}

    def _dimension(self, key: str, name: str) -> Field:
        space = self.params.space
        numeric = name in space and space[name].kind == "numeric"
        options = space[name].options if name in space else ()
        return Field(
            key,
            lambda trial: trial.value(name),
            "number" if numeric else "plain",
            "point",
            words=tuple(option for option in options if isinstance(option, str)),
        )

    def _seconds(self, trial: Trial) -> float | None:
        """Return how long the attempt took, or has taken so far."""
        if trial.state is TrialState.RUNNING:
            began = trial.started_at
            return max(0.0, self._clock() - began) if began else None
        return trial.seconds or None

    def _host(self, trial: Trial) -> str | None:
        return host_of(self._snapshot, trial) or None


def metric_name(params: Params) -> str:
    """Return the name of what is optimised."""
    return params.search.metric or "loss"


def _free(name: str, prefix: str, taken: Collection[str]) -> str:
    return prefix + name if name in taken else name


def host_of(snapshot: Snapshot, trial: Trial) -> str:
    """Return the machine that a trial runs or ran on, "" when nobody has said."""
    environment = snapshot.environments.get(trial.environment)
    if environment is not None and environment.host:
        return environment.host
    writer = snapshot.writers.get(trial.writer)
    return writer.opened.host if writer is not None and writer.opened is not None else ""


def _returned(key: str, name: str) -> Field:
    return Field(key, lambda trial: trial.metric(name), "number", "returned")


def _rank_of_time(trial: Trial) -> float | None:
    if trial.state is TrialState.RUNNING:
        return _STILL_RUNNING - trial.started_at if trial.started_at else None
    return trial.seconds or None


def _rank_of_loss(sign: float) -> Getter:
    """Return what sorts by the metric, which is the loss or minus the loss."""
    return lambda trial: None if trial.loss is None else sign * trial.loss


_TIME: Mapping[str, Any] = {
    "kind": "seconds",
    "group": "leading",
    "rank": _rank_of_time,
    "descending": True,
}
_LEADING = (
    Field("trial", lambda trial: trial.tid, "number", "leading", descending=True),
    Field(
        "state",
        lambda trial: trial.state.value,
        "text",
        "leading",
        rank=lambda trial: _RANK_OF_STATE[trial.state],
        words=tuple(state.value for state in TrialState),
        only_words=True,
    ),
)
_ABOUT = (
    Field("attempt", lambda trial: trial.attempt, "number"),
    Field("core", lambda trial: trial.core, "number"),
    Field("cause", lambda trial: trial.cause or None, "text", words=CAUSES, only_words=True),
    Field("why", lambda trial: trial.message.partition("\n")[0] or None, "text"),
    Field("origin", lambda trial: trial.origin or None, "text"),
    Field("revision", lambda trial: trial.revision, "number"),
    Field("started", lambda trial: trial.started_at or None, "moment", descending=True),
    Field("finished", lambda trial: trial.finished_at or None, "moment", descending=True),
    Field("seed", lambda trial: trial.seed, "number"),
    Field("steps", lambda trial: trial.steps or None, "number"),
)
_STAGE = Field("stage", lambda trial: trial.stage, "number")
_RESERVED = frozenset({"time", "host", "stage", *(field.name for field in (*_LEADING, *_ABOUT))})
