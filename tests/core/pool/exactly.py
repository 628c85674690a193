"""Whether a search has run its budget exactly, and lost nothing that it had confirmed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialdeck.core.history.events import Started
from trialdeck.core.history.reader import History

if TYPE_CHECKING:
    from trialdeck.core.history.snapshot import Snapshot, Trial
    from trialdeck.core.search import Search


def results(snapshot: Snapshot) -> dict[int, tuple[int, float | None]]:
    """Return the attempt that counts and the loss of every trial that has ended well."""
    return {t.tid: (t.attempt, t.loss) for t in snapshot.trials.values() if t.state == "ok"}


def assert_exact(search: Search, budget: int, before: dict[int, tuple[int, float | None]]) -> None:
    """Assert that a fresh reader finds every trial once, and all that was there `before`."""
    snapshot = History(search.paths).refresh(lambda _writer: True)
    assert sorted(snapshot.trials) == list(range(budget))
    assert snapshot.counts.ok == snapshot.counts.finished == budget
    assert not snapshot.unfinished
    assert before.items() <= results(snapshot).items()
    for trial in snapshot.trials.values():
        assert_once(trial)


def assert_once(trial: Trial) -> None:
    """Assert that one attempt counts, at one point, and that no attempt had two runners."""
    attempts = trial.attempts
    assert [a.state for a in attempts].count("ok") == 1, attempts
    assert len({a.attempt for a in attempts}) == len(attempts), attempts
    assert len({str(e.point) for e in trial.events if isinstance(e, Started)}) == 1
    assert all(a.seconds >= 0 for a in attempts)
