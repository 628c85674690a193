import pytest

from tests.core.history.making import finished, snapshot_of, started
from tests.core.searched_trials import TEXT, the_params
from trialdeck.core.budget import Budget, all_ended, unclaimed
from trialdeck.core.budgets import Budgets, budget_of


def params(*lines):
    text = TEXT.replace('direction = "maximize"', "\n".join(['direction = "maximize"', *lines]))
    return the_params(text)


def ran(tid, auc, seconds=60.0):
    end = {"loss": -auc, "metrics": {"auc": auc}, "at": 100.0 * tid, "seconds": seconds}
    return [started(tid, at=0.0), finished(tid, **end)]


def results(*scores):
    return snapshot_of(*(e for tid, auc in enumerate(scores) for e in ran(tid, auc)))


def test_without_any_of_them_there_is_only_the_number_of_trials():
    assert budget_of(params(), results(0.5, 0.5)) == Budget(100)


@pytest.mark.parametrize(
    ("line", "before", "after", "why"),
    [
        ("target = 0.9", (0.5,), (0.5, 0.9, 0.95), "target auc 0.9 has been reached by trial 2"),
        ("patience = 2", (0.5, 0.4), (0.5, 0.4, 0.3, 0.9), "no improvement in 2 finished trials"),
        ('time_limit = "3m"', (0.5,), (0.5, 0.4, 0.3), "its cores have run for 3m"),
    ],
)
def test_a_search_ends_early_and_says_why(line, before, after, why):
    assert budget_of(params(line), results(*before)) == Budget(100)
    budget, snapshot = budget_of(params(line), results(*after)), results(*after)
    assert budget.trials == 0
    assert why in budget.ended
    assert list(unclaimed(snapshot, budget)) == []
    assert all_ended(snapshot, budget)
    running = snapshot_of(*(e for t in snapshot.trials.values() for e in t.events), started(9))
    assert not all_ended(running, budget_of(params(line), running))  # what runs, finishes


def test_how_near_the_end_is():
    both = params("patience = 3", 'time_limit = "1h"')
    assert budget_of(both, results(0.5, 0.4, 0.3)).limits == (
        "2 of 3 results without improvement",
        "cores have run for 4m 20s of 1h",
    )


def test_what_has_run_as_a_whole_has_not_ended_early():
    snapshot, lines = results(0.5, 0.9, 0.3), ("max_trials = 3", "patience = 1", "target = 0.9")
    assert budget_of(params(*lines), snapshot) == Budget(3)
    assert budget_of(params("max_trials = 4", *lines[1:]), snapshot).ended


def test_with_a_higher_limit_it_goes_on():
    budgets, snapshot = Budgets(), results(0.5, 0.4, 0.3)
    assert budgets.of(params("patience = 2"), snapshot).ended
    assert not budgets.of(params("patience = 3"), snapshot).ended
    assert budgets.of(params("patience = 2"), snapshot).ended


def test_a_target_that_is_minimised_and_is_zero():
    text = TEXT.replace('direction = "maximize"', "target = 0").replace('"auc"', '"loss"')
    ok = snapshot_of(started(0), finished(0, loss=0.0))
    assert budget_of(the_params(text), ok).ended == "the target loss 0 has been reached by trial 0"
    assert not budget_of(the_params(text), snapshot_of(started(0), finished(0, loss=0.1))).ended
