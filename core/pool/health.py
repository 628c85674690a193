"""When a search pauses by itself: so many failures that going on would waste the machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.stages import SEARCHING, stage_of

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from trialdeck.core.history.snapshot import Snapshot, Trial


def reason_to_pause(
    snapshot: Snapshot, max_failures: int, forgiven: AbstractSet[int]
) -> str | None:
    """Return why the search should pause, None when it should not.

    It should after `max_failures` failed trials before any success, or when the `max_failures`
    newest settled trials all failed with the same error. `forgiven` are the tids that a resume
    has looked over.
    """
    newest = _newest_settled(snapshot, max_failures + len(forgiven))
    failed = [t for t in newest if t.state == "failed" and t.tid not in forgiven]
    if len(failed) < max_failures:
        return None
    last = failed[0]
    if snapshot.counts.ok + snapshot.counts.pruned == 0:
        return f"{len(failed)} trials failed and none succeeded; the last: {_error(last)}"
    in_a_row = [t for t in newest if t.tid not in forgiven][:max_failures]
    same = all(t.state == "failed" and _kind(t) == _kind(last) for t in in_a_row)
    if same and len(in_a_row) == max_failures:
        return f"{max_failures} trials in a row failed with the same error: {_error(last)}"
    return None


def _newest_settled(snapshot: Snapshot, count: int) -> list[Trial]:
    """Return the settled trials with the highest tids, newest first.

    Of the stage in which something has ended last: those of later stages have higher tids for ever.
    """
    stages: dict[int, list[Trial]] = {}
    for trial in snapshot.trials.newest_first():
        stage = stage_of(trial.tid)
        found = stages.setdefault(stage, [])
        if trial.state.settled and not trial.imported and len(found) < count:
            found.append(trial)
        if stage == SEARCHING and len(found) == count:
            break
    return max(stages.values(), key=_last_end, default=[])


def _last_end(trials: list[Trial]) -> float:
    return max((trial.finished_at or 0.0 for trial in trials), default=-1.0)


def _kind(trial: Trial) -> tuple[str, str]:
    """Return what makes two errors the same: the cause, and the text up to its first number."""
    text = trial.message
    digit = next((i for i, c in enumerate(text) if c.isdigit()), len(text))
    return trial.cause, text[:digit]


def _error(trial: Trial) -> str:
    return f"trial {trial.tid}, {trial.cause.replace('_', ' ')}: {trial.message}"
