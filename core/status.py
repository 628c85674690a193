"""Where a search stands, in numbers and in one line that says why nothing runs."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from trialdeck.core.disk_use import DiskUse  # noqa: TC001 - a field of a struct
from trialdeck.core.stage_status import (
    Stage,
    rank_correlation,
    stage_at_work,
    stages_of,
    still_to_end,
)
from trialdeck.core.stages import stage_of
from trialdeck.core.unpruned import why_unpruned

if TYPE_CHECKING:
    from trialdeck.core.budget import Budget
    from trialdeck.core.history.commands import Pause
    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.params.model import Params
    from trialdeck.core.params.script import Script
    from trialdeck.core.roster import Roster

RATE_TRIALS = 50  # the rate is that of the newest so many trials
LOOKED_AT = 1000  # trials with the highest tids, among which these are


class Best(msgspec.Struct, frozen=True):
    """The best finished trial; `loss` is what is minimised.

    Its metrics are those by which one may choose: none whose name begins with "test_".
    """

    tid: int
    loss: float
    params: dict[str, Any]
    metrics: dict[str, Any]


class Status(msgspec.Struct, frozen=True):
    """Where a search stands. `progress` is the length of the Trials object.

    `max_trials` to `pruned` are of stage 0, `running` and `interrupted` of all stages. `best` is
    one on the full sample.
    """

    search: str
    state: str  # new, running, waiting, paused, idle, finished
    reason: str  # why nothing runs, when nothing runs
    max_trials: int
    progress: int
    finished: int  # ok, failed and pruned
    ok: int
    failed: int
    pruned: int
    running: int
    interrupted: int
    best: Best | None
    metric: str
    direction: str
    trials_per_hour: float | None
    eta_seconds: float | None
    cores: int
    pools: int
    damaged: int
    history: str
    paused_kind: str = ""  # who paused it: "" nobody, user, failures, objective, suggest
    stuck: str = ""  # what cannot start before somebody changes something, and why
    stages: tuple[Stage, ...] = ()  # where there are several
    rank_correlation: float | None = None  # of the promoted, on a part and on all of the sample
    best_reduced: Best | None = None  # on a part of the sample, while there is none on all of it
    left: int = 0  # trials that have yet to end, of all stages
    limits: tuple[str, ...] = ()  # how near it is to an early end
    ended: str = ""  # why it begins no more trials although there could be some
    more: str = ""  # what in [search] would give it more to do, when it is finished
    silent: str = ""  # which backend cannot be asked at present, and why
    disk: DiskUse | None = None  # what the history takes, where that was asked for
    unpruned: str = ""  # why nothing is pruned although it should be


def best_of(snapshot: Snapshot) -> Best | None:
    """Return the best finished trial, None while there is none."""
    if snapshot.best is None:
        return None
    trial = snapshot.trials[snapshot.best]
    loss = trial.loss if trial.loss is not None else float("nan")
    metrics = {n: v for n, v in trial.metrics.items() if not n.startswith("test_")}
    return Best(trial.tid, loss, dict(trial.point), metrics)


def trials_per_hour(
    snapshot: Snapshot, since: float = 0.0, now: float | None = None, stage: int | None = None
) -> float | None:
    """Return the rate of the newest trials that ended after `since`, None before there are two.

    With `stage`, only those of it count: on another part of the sample they take another time.
    Measured from the end of the first to now, so that it falls while nothing finishes.
    """
    times = sorted(_newest_ends(snapshot, since, stage))[-RATE_TRIALS:]
    if len(times) < 2:
        return None
    span = max(times[-1], now if now is not None else time.time()) - times[0]
    return (len(times) - 1) / span * 3600 if span > 0 else None


def _newest_ends(snapshot: Snapshot, since: float, stage: int | None) -> list[float]:
    """Return when trials of a stage, or any, ended after `since`; looks at the newest tids only."""
    known = snapshot.trials.newest_first()
    newest = islice((t for t in known if stage in (None, stage_of(t.tid))), LOOKED_AT)
    ends = (
        trial.finished_at
        for trial in newest
        if trial.state.settled and (trial.finished_at or 0.0) >= since and not trial.imported
    )
    return list(islice(filter(None, ends), 2 * RATE_TRIALS))


def status_of(
    name: str,
    params: Params,
    snapshot: Snapshot,
    roster: Roster,
    *,
    budget: Budget,
    paused: Pause | None,
    since: float,
    history: str,
) -> Status:
    """Put the numbers together; `since` is when the oldest living pool began."""
    counts = snapshot.counts
    left = still_to_end(snapshot, budget)
    best = best_of(snapshot)
    full = best if params.fraction == 1 or snapshot.later[0].ok else None
    stage = stage_at_work(snapshot, budget)
    rate = trials_per_hour(snapshot, since, stage=stage) if roster.cores_wanted else None
    state, reason = _state(params, snapshot, budget, roster, paused)
    return Status(
        search=name,
        state=state,
        reason=reason,
        max_trials=params.search.max_trials,
        progress=counts.ok,
        finished=counts.finished,
        ok=counts.ok,
        failed=counts.failed,
        pruned=counts.pruned,
        running=counts.running + sum(later.running for later in snapshot.later),
        interrupted=counts.interrupted + sum(later.interrupted for later in snapshot.later),
        best=full,
        metric=params.search.metric or "loss",
        direction=params.search.direction,
        trials_per_hour=rate,
        eta_seconds=left / rate * 3600 if rate and left else (0.0 if not left else None),
        cores=roster.cores_wanted,
        pools=len(roster.pools),
        damaged=len(snapshot.damaged),
        history=history,
        paused_kind=paused.kind if paused is not None else "",
        stuck=roster.stuck,
        stages=stages_of(params, snapshot, budget),
        rank_correlation=rank_correlation(snapshot),
        best_reduced=best if full is None else None,
        left=left,
        limits=budget.limits if state != "finished" else (),
        ended=budget.ended,
        more=budget.more if state == "finished" else "",
        silent=roster.silent,
        unpruned=why_unpruned(snapshot, params),
    )


def _state(
    params: Params, snapshot: Snapshot, budget: Budget, roster: Roster, paused: Pause | None
) -> tuple[str, str]:
    """Return the state and, when nothing runs, the reason."""
    left = still_to_end(snapshot, budget)
    if left == 0 and not snapshot.unfinished:
        return "finished", budget.ended or _finished(params, snapshot)
    if paused is not None:
        return "paused", f"paused: {paused.reason}; `trialdeck resume` goes on"
    running = any(counts.running for counts in (snapshot.counts, *snapshot.later))
    if running and roster.pools:
        rest = "the best run on the full sample" if budget.further else "what runs finishes"
        return "running", f"{budget.ended}: {rest}" if budget.ended else ""
    if roster.pools:
        return "waiting", roster.waiting or "cores are starting"
    if roster.waiting:
        return "waiting", roster.waiting
    if roster.failed:
        return "idle", roster.failed
    script = params.script
    if not snapshot.trials:
        starts = "`trialdeck run` or `trialdeck launch local` starts it"
        return "new", f"nothing has run yet; {starts if script is None else _script(script)}"
    goes_on = "`trialdeck run` goes on" if script is None else _script(script)
    return "idle", f"no cores are running, {left} trials are left; {goes_on}"


def _finished(params: Params, snapshot: Snapshot) -> str:
    said = f"all {params.search.max_trials} trials have finished"
    promoted = snapshot.later[0].finished
    return f"{said}, and the best {promoted} on the full sample" if promoted else said


def _script(script: Script) -> str:
    return f"start {script.objective.partition(':')[0]} again"


def shown(trial: Trial, metric: str, direction: str) -> float | None:
    """Return the value that people read: the metric as the objective returned it."""
    if trial.loss is None:
        return None
    value = trial.metric(metric)
    if isinstance(value, (int, float)):
        return float(value)
    return -trial.loss if direction == "maximize" else trial.loss
