"""The rules by which trials are stopped early."""

from __future__ import annotations

import math
import statistics
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.core.params.read import parse_params
from trialdeck.core.pruning import Rule, Rungs, rule_of

LOSS = (("loss", False),)
ASHA = Rule(algorithm="asha", metrics=LOSS, reduction_factor=3)
MEDIAN = Rule(algorithm="median", metrics=LOSS, startup_trials=2)

numbers = st.one_of(st.floats(-3, 3, width=16), st.sampled_from(["nan", "inf", "-inf", 1e308]))
reports = st.tuples(
    st.integers(0, 6),
    st.integers(0, 1),
    st.integers(0, 20),
    st.fixed_dictionaries({"loss": numbers}),
)
rules = st.builds(
    Rule,
    algorithm=st.sampled_from(["asha", "median"]),
    metrics=st.sampled_from([LOSS, (("loss", True),), (("acc", True), ("loss", False))]),
    min_steps=st.integers(1, 4),
    reduction_factor=st.integers(2, 4),
    startup_trials=st.integers(0, 2),
)


def rungs_of(rule: Rule, told) -> Rungs:
    rungs = Rungs(rule)
    for report in told:
        rungs.add(*report)
    return rungs


def verdicts(rule: Rule, told, asked) -> list[str]:
    rungs = rungs_of(rule, told)
    return [rungs.why_prune(tid, step, values) for tid, _, step, values in asked]


def plain_score(rule: Rule, value) -> float:
    value = float(value)
    if not math.isfinite(value):
        return math.inf
    return -value if rule.metrics[0][1] else value


class TestRungs:
    @pytest.mark.parametrize(
        ("rule", "rungs"),
        [
            (ASHA, [1, 3, 9, 27, 81]),
            (Rule(algorithm="asha", metrics=LOSS), [1, 2, 4, 8, 16]),
            (Rule(algorithm="asha", metrics=LOSS, min_steps=2, reduction_factor=4), [2, 8, 32]),
            (MEDIAN, [1, 2, 3, 4, 6, 9, 13, 19, 28, 42, 63, 94]),
        ],
    )
    def test_where_they_are(self, rule, rungs):
        assert sorted({rule.rung_at(step) for step in range(rungs[-1] + 1)} - {0}) == rungs
        for rung in rungs:
            assert (rule.rung_at(rung), rule.rung_at(rung - 1) < rung) == (rung, True)
        assert rule.rung_at(0) == rule.rung_at(-5) == 0

    def test_a_step_beyond_all_has_a_rung_soon(self):
        assert ASHA.rung_at(10**15) == 3**31


class TestAsha:
    def told(self, *values, step=1, metric="loss"):
        return [(tid, 0, step, {metric: value}) for tid, value in enumerate(values)]

    def test_the_best_third_goes_on(self):
        told = self.told(*range(9))
        assert [bool(why) for why in verdicts(ASHA, told, told)] == [False] * 3 + [True] * 6

    def test_the_first_goes_on_and_then_the_best(self):
        rungs = Rungs(ASHA)
        went_on = []
        for tid, value in enumerate([0.5, 0.6, 0.4, 0.45, 0.5, 0.42]):
            rungs.add(tid, 0, 1, {"loss": value})
            went_on.append(not rungs.why_prune(tid, 1, {"loss": value}))
        assert went_on == [True, False, True, False, False, True]

    def test_why(self):
        told = self.told(*range(60), step=10)
        said = verdicts(ASHA, told, [told[40], told[21], told[20], told[22]])
        assert said == [
            "pruned at step 10: 41st of 60 at rung 9",
            "pruned at step 10: 22nd of 60 at rung 9",
            "pruned at step 10: 21st of 60 at rung 9",
            "pruned at step 10: 23rd of 60 at rung 9",
        ]
        teens = self.told(*range(13))
        assert [w.split()[4] for w in verdicts(ASHA, teens, teens[10:])] == ["11th", "12th", "13th"]

    def test_equals_go_on_together(self):
        told = self.told(*[0.5] * 7)
        assert not any(verdicts(ASHA, told, told))

    def test_high_values_are_good_where_they_are(self):
        rule = Rule(algorithm="asha", metrics=(("auc", True),))
        told = self.told(0.9, 0.8, 0.7, metric="auc")
        assert [bool(why) for why in verdicts(rule, told, told)] == [False, True, True]

    @pytest.mark.parametrize("odd", ["nan", "inf", "-inf", math.nan, -math.inf])
    @pytest.mark.parametrize("maximize", [False, True])
    def test_what_is_not_finite_is_last(self, odd, maximize):
        rule = Rule(algorithm="asha", metrics=(("loss", maximize),))
        told = self.told(odd, -1e9, 1e9)
        assert [bool(why) for why in verdicts(rule, told, told)].count(False) == 1
        assert verdicts(rule, told, told[:1]) == ["pruned at step 1: 3rd of 3 at rung 1"]

    def test_so_many_go_on_at_first_as_wanted(self):
        rule = Rule(algorithm="asha", metrics=LOSS, startup_trials=3)
        rungs = Rungs(rule)
        for tid in range(3):
            rungs.add(tid, 0, 1, {"loss": tid})
            assert not rungs.why_prune(tid, 1, {"loss": tid})
        assert rungs.why_prune(3, 1, {"loss": 3.0})

    def test_sparse_reports_are_judged_by_the_first_at_a_rung(self):
        told = [(tid, 0, step, {"loss": 10.0 * tid + step}) for tid in range(3) for step in (5, 8)]
        rungs = rungs_of(ASHA, told)
        assert rungs.why_prune(1, 5, {"loss": 15.0}) == "pruned at step 5: 2nd of 3 at rung 3"
        assert rungs.why_prune(9, 3, {"loss": 5.5}), "5.0 at step 5 is better"
        assert not rungs.why_prune(9, 3, {"loss": 4.5})

    def test_a_report_without_the_metric_is_not_judged(self):
        rungs = rungs_of(ASHA, self.told(1.0, 2.0, 3.0))
        assert not rungs.why_prune(9, 1, {"accuracy": 0.0})

    def test_another_metric_is_compared_with_its_own_kind(self):
        rule = Rule(algorithm="asha", metrics=(("auc", True), ("loss", False)))
        rungs = rungs_of(rule, [(0, 0, 1, {"auc": 0.9, "loss": 0.1}), (1, 0, 1, {"loss": 0.5})])
        assert not rungs.why_prune(1, 1, {"loss": 0.5})
        assert rungs.why_prune(2, 1, {"loss": 0.6})
        assert rungs.why_prune(2, 1, {"auc": 0.8, "loss": 0.0})


class TestMedian:
    def test_worse_than_half_of_the_others(self):
        told = [(tid, 0, step, {"loss": float(tid)}) for tid in range(5) for step in range(1, 4)]
        rungs = rungs_of(MEDIAN, told)
        assert not rungs.why_prune(9, 3, {"loss": 2.0})
        assert rungs.why_prune(9, 3, {"loss": 2.5}) == (
            "pruned at step 3: its best loss so far is 2.5, the median of 5 others is 2"
        )

    def test_by_the_best_so_far(self):
        told = [(tid, 0, 1, {"loss": 1.0}) for tid in range(5)]
        told += [(tid, 0, 2, {"loss": 1.0}) for tid in range(5)] + [(9, 0, 1, {"loss": 0.5})]
        assert not rungs_of(MEDIAN, told).why_prune(9, 2, {"loss": 7.0})
        assert rungs_of(MEDIAN, told).why_prune(8, 2, {"loss": 7.0})

    def test_the_others_are_as_good_as_they_have_been(self):
        told = [(tid, 0, step, {"loss": float(step)}) for tid in range(5) for step in (1, 2)]
        assert rungs_of(MEDIAN, told).why_prune(9, 2, {"loss": 1.5})
        assert not rungs_of(MEDIAN, told).why_prune(9, 2, {"loss": 1.0})

    def test_values_are_said_as_they_were_reported(self):
        rule = Rule(algorithm="median", metrics=(("auc", True),))
        rungs = rungs_of(rule, [(tid, 0, 1, {"auc": 0.75}) for tid in range(2)])
        assert rungs.why_prune(9, 1, {"auc": 0.5}) == (
            "pruned at step 1: its best auc so far is 0.5, the median of 2 others is 0.75"
        )

    def test_so_many_others_must_have_been_there(self):
        told = [(tid, 0, 1, {"loss": 0.0}) for tid in range(2)]
        assert not rungs_of(MEDIAN, told).why_prune(1, 1, {"loss": 1.0})
        assert rungs_of(MEDIAN, told).why_prune(2, 1, {"loss": 1.0})


class TestAnySet:
    @given(rules, st.lists(reports, max_size=30), st.data())
    def test_the_order_does_not_matter_nor_how_often_a_report_is_read(self, rule, told, data):
        again = data.draw(st.permutations(told + told[: len(told) // 2]))
        assert verdicts(rule, told, told) == verdicts(rule, again, told)

    @given(rules, st.lists(reports, max_size=30), reports)
    def test_other_attempts_at_the_same_trial_end_none(self, rule, told, judged):
        tid, _, step, values = judged
        others = [report for report in told if report[0] != tid]
        alone = rungs_of(rule, [*others, judged]).why_prune(tid, step, values)
        beside = rungs_of(rule, [*told, judged]).why_prune(tid, step, values)
        assert alone or not beside
        if rule.algorithm == "asha":
            assert alone == beside

    @given(rules, st.lists(reports, max_size=30), reports)
    def test_as_worked_out_plainly(self, rule, told, judged):
        tid, _, step, values = judged
        rung = rule.rung_at(step)
        expected = False
        if rung and rule.metrics[0][0] == "loss":
            at_rungs = {}  # of the others: by tid and rung
            for report in sorted(told, key=lambda r: (r[2], r[1], plain_score(rule, r[3]["loss"]))):
                if report[0] != tid:
                    place = at_rungs.setdefault(report[0], {})
                    place.setdefault(rule.rung_at(report[2]), plain_score(rule, report[3]["loss"]))
            there = [place for place in at_rungs.values() if rung in place]
            score = plain_score(rule, values["loss"])
            if len(there) >= rule.startup_trials:
                plainly = plainly_asha if rule.algorithm == "asha" else plainly_median
                expected = plainly(rule, rung, there, score)
        others = [report for report in told if report[0] != tid]
        if rule.metrics[0][0] == "loss":
            assert bool(rungs_of(rule, others).why_prune(tid, step, values)) == expected

    @given(st.lists(reports, max_size=40))
    def test_only_values_at_rungs_are_kept(self, told):
        rungs = rungs_of(ASHA, told)
        kept = [(rung, len(readings)) for (_, rung), readings in rungs._at.items()]
        assert all(rung in (1, 3, 9) and count <= 7 for rung, count in kept)
        assert [count for _, count in kept] == [len(worths) for worths in rungs._worths.values()]


def plainly_asha(rule, rung, there, score):
    everyone = sorted([score, *(place[rung] for place in there)])
    return score > everyone[max(1, len(everyone) // rule.reduction_factor) - 1]


def plainly_median(rule, rung, there, score):
    if not there:
        return False
    bests = [min(value for at, value in place.items() if 0 < at <= rung) for place in there]
    return score > statistics.median(bests)


class TestRuleOf:
    def rule(self, search="", pruning='algorithm = "asha"'):
        text = f"""
            [search]
            name = "a"
            objective = "a:b"
            {search}
            [pruning]
            {pruning}
            [space]
            x = {{ type = "uniform", low = 0, high = 1 }}
        """
        return rule_of(parse_params(text, "x", Path("/nowhere")))

    def test_nothing_is_pruned_by_default(self):
        assert self.rule(pruning="") is None
        assert self.rule(pruning="min_steps = 3") is None

    @pytest.mark.parametrize(
        ("search", "pruning", "metrics"),
        [
            ("", "", (("loss", False),)),
            ('direction = "maximize"', "", (("loss", True),)),
            ('metric = "auc"\ndirection = "maximize"', "", (("auc", True), ("loss", False))),
            ('metric = "auc"\ndirection = "maximize"', 'metric = "auc"', (("auc", True),)),
            ('metric = "auc"\ndirection = "maximize"', 'metric = "loss"', (("loss", False),)),
            ("", 'metric = "acc"\ndirection = "maximize"', (("acc", True),)),
            ('metric = "auc"', 'metric = "acc"\ndirection = "minimize"', (("acc", False),)),
        ],
    )
    def test_by_what(self, search, pruning, metrics):
        assert self.rule(search, f'algorithm = "asha"\n{pruning}').metrics == metrics

    def test_startup_trials(self):
        assert self.rule().startup_trials == 0
        assert self.rule(pruning='algorithm = "median"').startup_trials == 5
        assert self.rule(pruning='algorithm = "median"\nstartup_trials = 0').startup_trials == 0
        assert self.rule(pruning='algorithm = "asha"\nstartup_trials = 4').startup_trials == 4
