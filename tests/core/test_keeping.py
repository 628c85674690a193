"""Which networks are kept: by what the journals say, whoever looks, in whatever order."""

import itertools
from pathlib import Path

import pytest

from tests.core.pool.test_ledger import begin
from trialdeck.core import keeping
from trialdeck.core.history.events import Finished, Lost, Started, Superseded
from trialdeck.core.history.paths import HistoryPaths
from trialdeck.core.history.reader import History
from trialdeck.core.pool.ledger import Ledger


@pytest.fixture
def paths(tmp_path):
    paths = HistoryPaths(tmp_path / "history" / "t")
    paths.create()
    return paths


def leave(paths, tid, attempt=0, names=("net.pt",)):
    for folder in (paths.model(tid, attempt), paths.checkpoint(tid, attempt)):
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_text("weights")


def record(ledger, tid, loss=None, attempt=0, outcome="ok"):
    """Record a whole attempt, without the claims that nobody looks at here."""
    begin(ledger, tid, attempt)
    about = {"writer": ledger.writer, "tid": tid, "attempt": attempt}
    ledger.journal.append(Finished(**about, outcome=outcome, loss=loss))


def tidied(paths, keep_best):
    keeping.tidy(paths, History(paths).refresh(), keep_best)
    return here(paths.models)


def here(folder: Path):
    """Return the folders of attempts below, as texts."""
    return sorted(str(path.relative_to(folder)) for path in folder.glob("*/*"))


def test_the_lowest_losses_stay_and_the_first_of_equals(paths):
    ledger = Ledger(paths, "pool")
    for tid, loss in enumerate([0.5, 0.2, 0.9, 0.2, 0.2, 0.1]):
        record(ledger, tid, loss)
        leave(paths, tid)
    assert tidied(paths, 3) == ["1/0", "3/0", "5/0"]
    assert tidied(paths, 3) == ["1/0", "3/0", "5/0"]
    assert here(paths.checkpoints) == []
    assert tidied(paths, 1) == ["5/0"]
    assert tidied(paths, 0) == []


def test_stages_are_not_compared(paths):
    ledger = Ledger(paths, "pool")
    for tid, stage in enumerate([0, 0, 1, 1]):
        about = {"writer": ledger.writer, "tid": tid, "stage": stage}
        start, end = Started(**about, point={}), Finished(**about, outcome="ok", loss=float(tid))
        ledger.journal.append(start, end)
        leave(paths, tid)
    assert tidied(paths, 1) == ["0/0", "2/0"]


def test_only_successes_count_and_nothing_of_others_stays(paths):
    ledger = Ledger(paths, "pool")
    for tid, outcome in enumerate(["failed", "pruned", "ok"]):
        record(ledger, tid, None if outcome == "failed" else float(tid), outcome=outcome)
        leave(paths, tid)
    assert tidied(paths, 3) == ["2/0"]


@pytest.mark.parametrize("state", ["running", "interrupted", "unknown"])
def test_a_trial_without_a_result_keeps_all_it_has(paths, state):
    ledger = Ledger(paths, "pool")
    record(ledger, 0, 0.5)
    leave(paths, 0)
    leave(paths, 1)
    if state != "unknown":
        begin(ledger, 1)
    if state == "interrupted":
        about = {"writer": ledger.writer, "tid": 1}
        ledger.journal.append(Finished(**about, outcome="interrupted", cause="preempted"))
    assert tidied(paths, 0) == ["1/0"]
    assert here(paths.checkpoints) == ["1/0"]


def test_a_trial_without_a_network_takes_no_place(paths):
    ledger = Ledger(paths, "pool")
    for tid in range(4):
        record(ledger, tid, float(tid))
    paths.model(0, 0).mkdir(parents=True)  # asked for, and nothing was written
    leave(paths, 1, names=[".net.pt.tmp"])
    leave(paths, 2)
    leave(paths, 3)
    assert tidied(paths, 2) == ["2/0", "3/0"]


def test_of_one_that_is_kept_attempts_go_that_can_never_count(paths):
    ledger, other = Ledger(paths, "pool"), Ledger(paths, "pool")
    record(ledger, 0, outcome="interrupted")
    begin(ledger, 0, 1)
    ledger.journal.append(Superseded(writer=ledger.writer, tid=0, attempt=1, outcome="ok"))
    begin(ledger, 0, 2)  # believed to be lost: it may have its result in hand
    other.journal.append(Lost(writer=other.writer, tid=0, attempt=2, holder=ledger.writer))
    record(other, 0, 0.5, attempt=3)
    for attempt in range(4):
        leave(paths, 0, attempt)
    assert tidied(paths, 1) == ["0/2", "0/3"]


def test_the_network_of_a_result_may_be_with_the_attempt_that_took_it_over(paths):
    late, taker = Ledger(paths, "pool"), Ledger(paths, "pool")
    begin(late, 0)
    leave(paths, 0, 2)  # moved there, when the first attempt seemed to be lost
    begin(taker, 0, 2)
    record(late, 0, 0.5)
    assert tidied(paths, 1) == ["0/2"]
    taker.journal.append(Superseded(writer=taker.writer, tid=0, attempt=2, outcome="ok"))
    assert tidied(paths, 1) == ["0/2"]
    trial = History(paths).refresh().trials[0]
    assert trial.attempt == 0
    assert keeping.network_of(paths, trial) == (paths.model(0, 2), ["net.pt"])


def test_whatever_is_known_when_the_best_are_never_removed(paths):
    """Pools that know more or less of the results tidy up in turn, each result in any place."""
    losses = {0: 0.3, 1: 0.1, 2: 0.2, 3: 0.4}
    for order in itertools.islice(itertools.permutations(losses), 0, None, 3):
        root = HistoryPaths(paths.root.with_name("-".join(map(str, order))))
        root.create()
        ledger, known = Ledger(root, "pool"), [History(root).refresh()]
        for tid in order:
            leave(root, tid)
            record(ledger, tid, losses[tid])
            known.append(History(root).refresh())
            for snapshot in known[-2:]:  # one that is late, one that is not
                keeping.tidy(root, snapshot, 2)
        assert here(root.models) == ["1/0", "2/0"], order
        for snapshot in known:
            keeping.tidy(root, snapshot, 2)
        assert here(root.models) == ["1/0", "2/0"], order


def test_what_is_no_trial_stays(paths):
    record(Ledger(paths, "pool"), 0, 0.5)
    for name in ("notes.txt", "old", ".hidden"):
        (paths.models / name).mkdir(parents=True)
    paths.checkpointed.parent.mkdir(parents=True)
    paths.checkpointed.touch()
    tidied(paths, 0)
    assert sorted(p.name for p in paths.models.iterdir()) == [".hidden", "notes.txt", "old"]
    assert paths.checkpointed.exists()
