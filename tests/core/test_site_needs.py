from __future__ import annotations

import pytest

from tests.core.history.making import finished, snapshot_of, started
from trialdeck.core import budget
from trialdeck.core.budget import Budget
from trialdeck.core.history.events import Granted, Voided
from trialdeck.core.history.writers import CoreInfo, WriterFile
from trialdeck.core.site_needs import fair, idle_cores, surplus, wanted


def granted(*tids: int, to: str = "h1") -> list[Granted]:
    return [Granted(writer="c", tid=tid, to=to) for tid in tids]


def voided(*tids: int, to: str = "h1") -> list[Voided]:
    return [Voided(writer="c", tid=tid, to=to) for tid in tids]


def pool(site: str, cores: int, busy: int = 0, state: str = "running") -> WriterFile:
    infos = tuple(CoreInfo(n, "training" if n < busy else "idle", n) for n in range(cores))
    return WriterFile(id=f"{site}{cores}", site=site, cores_wanted=cores, cores=infos, state=state)


def test_a_tid_that_was_taken_back_is_replaced_by_one_more() -> None:
    snapshot = snapshot_of(*granted(0, 1, 2), *voided(1))
    assert budget.bound(snapshot, Budget(4)) == 5
    assert list(budget.unclaimed(snapshot, Budget(4))) == [3, 4]
    assert list(budget.unclaimed(snapshot, Budget(4), "h1")) == [0, 2]
    assert not budget.all_ended(snapshot, Budget(4))


def test_voids_above_the_bound_replace_nothing() -> None:
    snapshot = snapshot_of(*granted(9), *voided(9))
    assert budget.bound(snapshot, Budget(4)) == 4


def test_a_result_that_comes_home_all_the_same_counts() -> None:
    events = [*granted(0), *voided(0), started(0), finished(0, loss=1.0)]
    snapshot = snapshot_of(*events)
    assert snapshot.trials[0].state == "ok"
    assert budget.bound(snapshot, Budget(4)) == 4
    assert not snapshot.granted


def test_idle_cores_are_those_of_pools_that_work() -> None:
    assert idle_cores([pool("home", 4, 1), pool("h1", 2, 2)]) == 3
    assert idle_cores([pool("home", 4, 1, "stopping now"), pool("h1", 2, 0, "paused")]) == 0


def test_a_site_is_granted_some_ahead() -> None:
    assert wanted(snapshot_of(*granted(0, 1)), Budget(100), "h1", 2, 3) == 4


@pytest.mark.parametrize(
    ("max_trials", "given"),
    [(100, 4), (6, 4), (5, 3), (3, 1), (2, 0)],
)
def test_cores_elsewhere_are_left_what_they_could_begin(max_trials: int, given: int) -> None:
    pools = [pool("home", 2), pool("h1", 2, 2)]
    assert fair(snapshot_of(), Budget(max_trials), "h1", pools, 4) == given


def test_cores_that_have_nothing_to_do_get_theirs() -> None:
    assert fair(snapshot_of(), Budget(2), "h1", [pool("home", 2), pool("h1", 2)], 4) == 2


def test_what_is_left_at_a_busy_site_is_surplus_where_cores_are_idle() -> None:
    snapshot = snapshot_of(*granted(0, 1, 2, 3))
    busy, idle = pool("h1", 1, 1), pool("home", 2)
    assert surplus(snapshot, Budget(4), "h1", [busy, idle]) == [2, 3]
    assert surplus(snapshot, Budget(8), "h1", [busy, idle]) == []  # there are others to begin
    assert surplus(snapshot, Budget(4), "h1", [busy, pool("home", 2, 2)]) == []
    assert surplus(snapshot, Budget(4), "h1", [pool("h1", 4), idle]) == []


def test_taking_back_and_granting_do_not_chase_each_other() -> None:
    busy, idle = pool("h1", 1, 1), pool("home", 2)
    events = [*granted(0, 1, 2, 3), *voided(2, 3)]
    snapshot = snapshot_of(*events)
    count = wanted(snapshot, Budget(4), "h1", 1, 50)
    assert fair(snapshot, Budget(4), "h1", [busy, idle], count) == 0


def test_what_a_site_may_not_begin_any_more_keeps_nothing_from_it() -> None:
    """After an early end: what it has in advance is no use, and promotions are for it too."""
    snapshot = snapshot_of(*granted(6, 7, 8, 9))
    ended = Budget(0, further=(100000001, 100000002))
    assert wanted(snapshot, ended, "h1", 2, 2) == 4
    assert fair(snapshot, ended, "h1", [pool("h1", 2)], 4) == 2
