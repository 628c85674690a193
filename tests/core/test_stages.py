import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.core.history.making import finished, interrupted, snapshot_of, started
from tests.core.searched_trials import TEXT, the_params
from trialdeck.core.best_curve import BestCurve
from trialdeck.core.budget import Budget, all_ended, unclaimed
from trialdeck.core.budgets import budget_of
from trialdeck.core.confirming import leaders, wanted
from trialdeck.core.history.events import Granted, Voided
from trialdeck.core.history.writers import WriterFile
from trialdeck.core.objective import Objective
from trialdeck.core.params.changes import changes
from trialdeck.core.params.quick import quick_text
from trialdeck.core.pool.health import reason_to_pause
from trialdeck.core.preflight import ignored_fraction
from trialdeck.core.rank_correlation import ranks, spearman
from trialdeck.core.roster import Roster
from trialdeck.core.stage_status import rank_correlation, stages_of, still_to_end
from trialdeck.core.stages import (
    AGAIN,
    MOST_SEEDS,
    confirming,
    origin_of,
    promoted,
    seed_number,
    source_of,
    stage_of,
    standing,
)
from trialdeck.core.status import status_of, trials_per_hour
from trialdeck.core.suggest.algorithms import Suggester
from trialdeck.core.timing import durations
from trialdeck.core.trial_fields import Fields
from trialdeck.core.trials import progress_trials

REDUCED = "\n[reduced_sample]\nfraction = 0.1\npromote = 2\n"


def params(search="max_trials = 3", reduced=REDUCED):
    return the_params(
        TEXT.replace('metric = "auc"', search).replace("maximize", "minimize") + reduced
    )


def ran(tid, loss, x=None, **more):
    stage = stage_of(tid)
    point = {"x": float(source_of(tid)) if x is None else x}
    end = finished(tid, loss=loss, stage=stage, seconds=100.0, at=1000.0 + tid, **more)
    return [started(tid, point=point, stage=stage), end]


def searched(*losses):
    return [event for tid, loss in enumerate(losses) for event in ran(tid, loss)]


@given(st.integers(0, 99_999_999), st.integers(0, MOST_SEEDS - 1), st.integers(0, 3))
def test_a_number_says_the_stage_the_point_and_the_seed(tid, seed, times):
    assert stage_of(tid) == 0
    assert source_of(tid) == tid
    again = times * AGAIN
    assert stage_of(promoted(tid) + again) == 1
    assert source_of(promoted(tid) + again) == source_of(confirming(tid, seed) + again) == tid
    assert stage_of(confirming(tid, seed) + again) == 2
    assert seed_number(confirming(promoted(tid), seed) + again) == seed
    assert origin_of(promoted(tid) + again) == f"promote {tid}"
    assert origin_of(confirming(tid, seed)) == f"confirm {tid}"


def test_the_best_are_promoted_once_all_others_have_ended():
    two = snapshot_of(*searched(0.3, 0.1), started(2))
    assert budget_of(params(), two) == Budget(3, awaited=2)
    assert not all_ended(two, budget_of(params(), two))
    three = snapshot_of(*searched(0.3, 0.1, 0.2))
    budget = budget_of(params(), three)
    assert budget.further == (promoted(1), promoted(2))
    assert list(unclaimed(three, budget)) == [100000001, 100000002]
    assert not all_ended(three, budget)
    whole = [
        *searched(0.3, 0.1, 0.2),
        *ran(100000001, 0.5),
        *ran(100000002, None, outcome="failed"),
    ]
    snapshot = snapshot_of(*whole)
    assert all_ended(snapshot, budget_of(params(), snapshot))
    assert snapshot.best == 100000001  # whatever the losses on a part of the sample are
    assert snapshot.counts.ok == 3
    assert snapshot.later[0].finished == 2
    assert snapshot.highest_tid == 2


def test_a_point_is_promoted_once_however_often_it_was_tried():
    snapshot = snapshot_of(*ran(0, 0.1, x=1.0), *ran(1, 0.1, x=1.0), *ran(2, 0.2, x=2.0))
    assert budget_of(params(), snapshot).further == (promoted(0), promoted(2))


def test_with_more_trials_promotion_waits_and_keeps_what_there_is():
    whole = [*searched(0.3, 0.1, 0.2), *ran(100000001, 0.5), *ran(100000002, 0.6)]
    more = params("max_trials = 4")
    assert budget_of(more, snapshot_of(*whole)).further == ()
    snapshot = snapshot_of(*whole, *ran(3, 0.05))
    assert list(unclaimed(snapshot, budget_of(more, snapshot))) == [promoted(3)]


def test_one_that_was_taken_back_is_followed_by_another():
    granted = Granted(writer="c", tid=promoted(1), to="h1")
    whole = [*searched(0.3, 0.1, 0.2), granted]
    snapshot = snapshot_of(*whole)
    budget = budget_of(params(), snapshot)
    assert list(unclaimed(snapshot, budget)) == [promoted(2)]
    assert list(unclaimed(snapshot, budget, "h1")) == [promoted(1)]
    back = snapshot_of(*whole, Voided(writer="c", tid=promoted(1), to="h1", stage=1))
    assert standing(promoted(1), back) == promoted(1) + AGAIN
    assert list(unclaimed(back, budget_of(params(), back))) == [promoted(1) + AGAIN, promoted(2)]
    assert back.trials[promoted(1)].stage == 1


def test_patience_ends_the_first_stage_and_a_time_limit_all_of_it():
    snapshot = snapshot_of(*searched(0.1, 0.2, 0.3))
    assert budget_of(params("patience = 2\nmax_trials = 9"), snapshot).further == (
        promoted(0),
        promoted(1),
    )
    ended = budget_of(params('time_limit = "100s"'), snapshot)
    assert (ended.trials, ended.further, ended.awaited) == (0, (), 0)
    assert all_ended(snapshot, ended)


def test_a_target_is_reached_on_the_full_sample_only():
    part = searched(0.1, 0.2, 0.3)
    wanted = params("max_trials = 3\ntarget = 0.5")
    assert not budget_of(wanted, snapshot_of(*part)).ended
    assert budget_of(wanted, snapshot_of(*part, *ran(promoted(0), 0.4))).ended


def test_losses_of_other_samples_are_in_no_trials_object():
    snapshot = snapshot_of(*searched(0.3, 0.1, 0.2), *ran(promoted(1), 0.5))
    assert progress_trials(snapshot, params().space).tids == [0, 1, 2]


def test_the_stages_and_how_alike_their_orders_are():
    whole = [*searched(0.3, 0.1, 0.2), *ran(promoted(1), 0.9), *ran(promoted(2), 0.8)]
    snapshot = snapshot_of(*whole, *ran(promoted(0), 0.85))
    first, second = stages_of(params(), snapshot, budget_of(params(), snapshot))
    assert (first.what, first.trials, first.ok) == ("on 10 % of the sample", 3, 3)
    assert (second.what, second.trials, second.ok) == ("on the full sample", 3, 3)
    assert rank_correlation(snapshot) == pytest.approx(-0.5)
    assert rank_correlation(snapshot_of(*whole)) is None
    assert stages_of(params(reduced=""), snapshot_of(*searched(1.0)), Budget(3)) == ()


def status(of, snapshot, cores=1):
    """Return what is said of a search with a pool of so many cores."""
    pools = (WriterFile(id="a", cores_wanted=cores),) if cores else ()
    about = {"budget": budget_of(of, snapshot), "paused": None, "since": 0.0, "history": ""}
    return status_of("a", of, snapshot, Roster(pools=pools), **about)


def test_what_has_begun_is_left_also_after_an_early_end():
    ended = params("patience = 2\nmax_trials = 9", reduced="")
    begun = [started(3), interrupted(3)]
    said = status(ended, snapshot_of(*searched(0.1, 0.2, 0.3), *begun), cores=0)
    assert (said.left, said.state, said.eta_seconds) == (1, "idle", None)
    assert "1 trials are left" in said.reason


def test_what_runs_again_is_left_and_what_was_promoted_is_not():
    done = [*searched(0.3, 0.1, 0.2), *ran(promoted(1), 0.5), *ran(promoted(2), 0.6)]
    again = [started(3), interrupted(3, cause="queued")]
    for events, left in ((done, 0), ([*done, *again], 1), ([*done[:-2], *again], 2)):
        snapshot = snapshot_of(*events)
        assert still_to_end(snapshot, budget_of(params(), snapshot)) == left
    more, snapshot = params("max_trials = 5"), snapshot_of(*done, started(7))
    assert still_to_end(snapshot, budget_of(more, snapshot)) == 3


def test_how_long_it_takes_is_told_by_trials_of_the_stage_that_runs():
    of = params(reduced=REDUCED.replace("promote = 2", "promote = 3"))
    events = searched(0.3, 0.1, 0.2)
    assert status(params("max_trials = 4"), snapshot_of(*events)).eta_seconds
    events += ran(promoted(0), 0.5)
    assert status(of, snapshot_of(*events)).eta_seconds is None
    events += ran(promoted(1), 0.5)
    assert status(of, snapshot_of(*events)).eta_seconds
    assert trials_per_hour(snapshot_of(*events), now=0.0, stage=1) == pytest.approx(3600.0)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=12))
def test_the_rank_correlation_is_that_of_scipy(pairs):
    one, other = zip(*pairs, strict=True)
    assert ranks(one) == list(stats.rankdata(one))
    found = spearman(one, other)
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(stats.spearmanr(one, other).statistic)


def test_another_fraction_is_another_meaning_of_losses():
    whole, tenth = params(reduced=""), params()
    assert changes(whole, tenth).meaning == ("reduced_sample.fraction is new: 0.1",)
    assert changes(tenth, params(reduced=REDUCED.replace("0.1", "0.2"))).meaning_changed
    assert not changes(tenth, params(reduced=REDUCED.replace("2", "3"))).meaning_changed


def test_suggestions_learn_from_the_first_stage_only():
    first = searched(*(0.1 * tid for tid in range(4)))
    later = [*ran(promoted(0), 9.0), *ran(promoted(1), 0.0), *ran(confirming(2, 0), -5.0)]
    # anneal draws near the best points as soon as there is a single one.
    wanted = params('max_trials = 9\nalgorithm = "anneal"')
    points = [
        Suggester(lambda _revision: {}).suggest(wanted, snapshot_of(*events), 4)
        for events in (first, [*first, *later])
    ]
    assert points[0] == points[1]


def test_how_long_trials_take_is_that_of_the_latest_stage():
    first = [e for tid in range(4) for e in (started(tid), finished(tid, loss=1.0, seconds=1.0))]
    later = [e for tid in range(3) for e in ran(promoted(tid), 1.0)]
    assert durations(snapshot_of(*first, *later[:4])) == [1.0] * 4 + [100.0] * 2
    assert durations(snapshot_of(*first, *later)) == [100.0] * 3


def test_the_chart_draws_the_first_stage_and_knows_every_failure():
    later = [*ran(promoted(1), 0.05), *ran(promoted(2), None, outcome="failed")]
    curve = BestCurve()
    curve.update(snapshot_of(*searched(0.3, 0.1, 0.2), *later), "loss", "minimize")
    assert list(curve.tids) == [0, 1, 2, promoted(2)]
    assert (curve.records, curve.failed) == ([0, 1], [3])


def test_the_stage_is_a_column_where_there_are_several():
    assert Fields(params(reduced=""))["stage"].group == "about"
    assert Fields(params())["stage"].group == "leading"
    fields, confirmed = Fields(params(reduced="")), snapshot_of(*ran(confirming(0, 0), 1.0))
    assert fields.see(confirmed, confirmed.trials.values())
    assert fields["stage"].group == "leading"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def train(params): ...", "takes no trial"),
        ("def train(x, layers, optimizer, seed, flag): ...", "takes no trial"),
        ("def train(params, trial): return 1.0", "says nothing of trial.fraction"),
        ("def train(params, trial): return trial.fraction", ""),
        ("def train(trial, **rest): return trial.fraction", ""),
    ],
)
def test_an_objective_that_seems_to_train_on_everything_is_warned_of(tmp_path, code, said):
    file = tmp_path / "own.py"
    file.write_text(code)
    assert said in ignored_fraction(Objective(vars_of(code)["train"], file))
    assert bool(said) == bool(ignored_fraction(Objective(vars_of(code)["train"], file)))


def vars_of(code):
    found = {}
    exec(code, found)
    return found


def test_a_quick_scan_promotes_one():
    text = TEXT + REDUCED
    assert tomllib.loads(quick_text(text, the_params(text)))["reduced_sample"]["promote"] == 1


def test_equal_points_are_promoted_and_confirmed_under_one_number():
    known = [*ran(0, 0.9, x=0.0), *ran(1, 0.2, x=1.0), *ran(2, 0.5, x=2.0)]
    assert budget_of(params(), snapshot_of(*known)).further[0] == promoted(1)
    again = snapshot_of(*known, *ran(promoted(1), 0.3, x=1.0), *ran(3, 0.1, x=1.0))
    assert budget_of(params("max_trials = 4"), again).further == (promoted(1), promoted(2))
    best = leaders(params("max_trials = 4", reduced=""), again, 1)
    assert [trial.tid for trial in best] == [3]
    assert wanted(again, best, 2) == [confirming(1, 0), confirming(1, 1)]


def test_imported_trials_are_not_promoted():
    there = [started(0, point={"x": 7.0}, origin="import"), finished(0, loss=0.0)]
    known = snapshot_of(*there, *ran(1, 0.2), *ran(2, 0.5))
    assert budget_of(params(), known).further == (promoted(1), promoted(2))


def test_the_stage_that_goes_on_is_the_one_that_is_judged():
    """Numbers of later stages are the highest for ever."""
    known = [*searched(0.3, 0.1, 0.2), *ran(promoted(1), 0.5), *ran(promoted(2), 0.5)]
    late = 2e9
    broken = [
        event
        for tid in range(3, 9)
        for event in (
            started(tid),
            finished(tid, outcome="failed", cause="error", message="broken", at=late),
        )
    ]
    assert "in a row failed" in (reason_to_pause(snapshot_of(*known, *broken), 5, set()) or "")
    quick = [
        event
        for tid in range(3, 6)
        for event in (started(tid), finished(tid, loss=1.0, seconds=7.0, at=late))
    ]
    assert durations(snapshot_of(*known, *quick)) == [7.0] * 3 + [100.0] * 3
