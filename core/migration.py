"""What becomes of a history when a draft is published: said before it is.

The numbers are those that suggesting uses afterwards: both ask `compatibility.fit`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from trialdeck.core.compatibility import fit
from trialdeck.core.history.snapshot import TrialState
from trialdeck.core.params import revisions
from trialdeck.core.params.changes import changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trialdeck.core.compatibility import Fit
    from trialdeck.core.history.paths import HistoryPaths
    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.params.changes import Changes
    from trialdeck.core.params.model import Params

FixedOf = Callable[[int], "Mapping[str, Any]"]


@dataclass(frozen=True, slots=True)
class Migration:
    """What publishing would mean.

    `changes` are the differences from the newest revision, None when nothing has been published.
    `fit` is what of the finished trials suggesting can still use, None as well. `lines` say it to
    people, the first of them in short. With `needs_keep_losses`, results were measured in another
    way: publishing needs `keep_losses=True`, or another name for the search. `best_survives` is
    whether the best trial stays usable, None when there is none. `waiting` is how many trials wait
    to run again, `waiting_misfits` how many of them at points that are not of the new space.
    """

    changes: Changes | None
    fit: Fit | None
    lines: tuple[str, ...]
    needs_keep_losses: bool = False
    best_survives: bool | None = None
    waiting: int = 0
    waiting_misfits: int = 0


def preview(paths: HistoryPaths, snapshot: Snapshot, new: Params) -> Migration:
    """Return what publishing `new` would make of a history, of which `snapshot` is known.

    Raises ParamsError or HistoryError when a revision cannot be read.
    """
    number = revisions.newest_number(paths)
    if not number:
        return Migration(None, None, ("nothing has run yet",))
    found = changes(revisions.load(paths, number), new)
    fixed_of = cache(lambda revision: revisions.fixed_of(paths, revision))
    trials = snapshot.trials.values()
    finished = _fit(new, (trial for trial in trials if trial.state.settled), fixed_of)
    waiting = _fit(new, _waiting(snapshot), fixed_of)
    migration = Migration(
        changes=found,
        fit=finished,
        lines=(),
        needs_keep_losses=found.meaning_changed and bool(snapshot.counts.finished),
        best_survives=None if snapshot.best is None else snapshot.best in finished.usable,
        waiting=len(waiting.usable) + len(waiting.rejected),
        waiting_misfits=len(waiting.rejected),
    )
    return replace(migration, lines=tuple(_lines(migration, snapshot)))


def _waiting(snapshot: Snapshot) -> Iterator[Trial]:
    """Yield the trials that will run again at the point that they have."""
    for tid in snapshot.unfinished:
        if snapshot.trials[tid].state is TrialState.INTERRUPTED:
            yield snapshot.trials[tid]


def _fit(new: Params, trials: Iterable[Trial], fixed_of: FixedOf) -> Fit:
    told = ((trial.tid, trial.point, fixed_of(trial.revision)) for trial in trials)
    return fit(new.space, new.fixed, told)


def _lines(migration: Migration, snapshot: Snapshot) -> Iterable[str]:
    found, finished = migration.changes, migration.fit
    if found is None or finished is None:
        return
    has_trials = bool(finished.usable or finished.rejected)
    yield finished.summary() if has_trials else "no trial has finished yet"
    if migration.best_survives is False and snapshot.best is not None:
        reason = finished.rejected[snapshot.best]
        yield f"the best trial, {snapshot.best}, would no longer be used: {reason}"
    if migration.needs_keep_losses:
        yield "results were measured differently: keep their losses, or start a new search"
    if migration.waiting:
        yield _waiting_text(migration.waiting, migration.waiting_misfits)
    yield from found.sentences


def _waiting_text(count: int, misfits: int) -> str:
    if count == 1:
        text, which = "1 trial waits to run again at its old point", "which is"
    else:
        text = f"{count} trials wait to run again at their old points"
        which = "which are" if misfits == count else f"{misfits} of which are"
    return f"{text}, {which} not of the new space" if misfits else text
