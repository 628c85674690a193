import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.searched_trials import a_state, begun, ended, the_params
from trialdeck.core.errors import FilterError
from trialdeck.core.trial_fields import Fields
from trialdeck.core.trial_filter import parse_filter

NOW = 1100.0
SNAPSHOT = a_state(
    *(begun(0, point={"x": 0.5, "layers": 3, "optimizer": "adam"}, core=1), ended(0, loss=-0.9)),
    *(begun(1, point={"x": -2.0, "layers": 2}), ended(1, "failed", cause="out_of_memory")),
    begun(2, point={"x": 0.5, "layers": 3, "optimizer": "time", "flag": True}),
    *(begun(3, point={"optimizer": "sgd"}), ended(3, "interrupted", cause="preempted")),
    begun(3, attempt=1, point={"optimizer": "sgd"}, environment="gpu"),
    *(begun(4, point={"x": 9.0, "seed": 2, "flag": False}), ended(4, "pruned", loss=-0.1)),
    *(
        begun(5, point={"x": 1.0}, seed=2),
        ended(5, loss=-0.8, metrics={"auc": 0.8, "note": "Überfit"}),
    ),
).snapshot()
FIELDS = Fields(the_params(), clock=lambda: NOW)
FIELDS.see(SNAPSHOT, SNAPSHOT.trials.values())


def chosen(text):
    test = parse_filter(text, FIELDS).test
    return [trial.tid for trial in SNAPSHOT.trials.values() if test(trial)]


@pytest.mark.parametrize(
    ("text", "tids"),
    [
        ("x < 0.6 and layers == 3", [0, 2]),
        ("x<0.6and layers==3", None),
        ("state == failed", [1]),
        ("failed", [1]),
        ("FAILED", None),
        ("optimizer in (adam, sgd)", [0, 3]),
        ("optimizer not in (adam)", [2, 3]),
        ("optimizer == time", [2]),
        ('optimizer != "adam"', [2, 3]),
        ("trial > 3", [4, 5]),
        ("time > 60", [2, 3]),
        ("time > 1m", [2, 3]),
        ("time <= 0.5m and not running", [0, 1, 4, 5]),
        ("not ok or attempt > 0", [1, 2, 3, 4]),
        ("not (layers == 3)", [1, 3, 4, 5]),
        ("layers != 3", [1]),
        ('cause == "out_of_memory"', [1]),
        ("cause == out_of_memory or cause == preempted", [1]),
        ('optimizer ~ "AD"', [0]),
        ("optimizer ~ ad", [0]),
        ("note ~ überfit", [5]),
        ("x ~ 0.5", [0, 2]),
        ("-2 <= x < 1.0", [0, 1, 2]),
        ("0.6 > x", [0, 1, 2]),
        ("failed == state", [1]),
        ("x = 0.5", [0, 2]),
        ("flag == true", [2]),
        ("flag == 1", []),
        ("flag in (false, true)", [2, 4]),
        ("seed == 2", [5]),
        ("params.seed == 2", [4]),
        ("`params.seed` == 2", [4]),
        ("host == node7", [3]),
        ("core == 1 or stage > 0", [0]),
        ("revision == 0 AND ok", [0, 5]),
        ("auc > 0.7", [0, 5]),
        ("state in (failed, pruned)", [1, 4]),
        ("optimizer > 3", []),
        ('optimizer > "b"', [2, 3]),
        ("not not ok", [0, 5]),
        ("ok or failed and x > 0", [0, 5]),
        ("(ok or failed) and x < 0", [1]),
        ("layers == trial", []),
        ("x < trial", [1, 2, 5]),
    ],
)
def test_an_expression_chooses(text, tids):
    if tids is None:
        with pytest.raises(FilterError):
            chosen(text)
    else:
        assert chosen(text) == tids


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("", 0, "there is no expression"),
        ("layer == 3", 0, 'there is no name "layer". Did you mean layers?'),
        ("ok and faild", 7, "Did you mean failed?"),
        ("state == faild", 9, 'state is never "faild". Did you mean failed?'),
        ("cause in (eror)", 10, "Did you mean error?"),
        ("layers", 0, "layers alone says nothing. Compare it, for example layers == 1"),
        ("layers == 3 x < 2", 12, "Join two with and, or or"),
        ("x <", 3, "a name or a value is missing before the end"),
        ("x < < 2", 4, "missing before <"),
        ("(x < 2", 0, "this parenthesis is not closed"),
        ("x < 2)", 5, ") was not expected here. Remove it"),
        ("x in 3", 5, "a list is missing after in. Write it as (a, b, c)"),
        ("x in (3", 5, "this parenthesis is not closed"),
        ("x in (3,", 8, "a value is missing before the end"),
        ("x not 3", 6, "in is missing after not"),
        ("x < lr", 4, 'there is no name "lr"'),
        ("1 < 2", 0, "two values that never change"),
        ("x && ok", 2, "&& is not known. Write and"),
        ("!ok", 0, "! is not known. Write not"),
        ('note == "a', 8, 'the text that begins with " does not end'),
        ("x == 3rd", 5, '3rd is no number. Write "3rd" if it is a text'),
        ("x == 1 + 1", 7, "+ is no number"),
        ("x == ?", 5, "? has no meaning here"),
        ("__import__('os')", 0, 'there is no name "__import__"'),
        ("3", 0, "3 alone says nothing"),
        ("not " * 50 + "ok", 160, "more than 40 levels"),
        ("(" * 900, 40, "more than 40 levels"),
        ("x" * 2000, 1000, "more than 1000 characters"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_cure(text, at, said):
    with pytest.raises(FilterError) as caught:
        parse_filter(text, FIELDS)
    assert caught.value.at == at
    assert said in caught.value.reason
    assert str(caught.value).splitlines()[1].startswith(" " * at + "^ ")


def test_a_filter_knows_the_names_it_looks_at():
    assert parse_filter("time > 3 and not failed", FIELDS).names == {"time", "state"}


# -- against a straightforward evaluation -------------------------------------------------------

RELATIONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
RELATIONS |= {"==": operator.eq, "!=": operator.ne}
NAMES = ("x", "layers", "trial", "attempt", "core")

comparisons = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(sorted(RELATIONS)),
    st.sampled_from([-2, -0.5, 0, 0.5, 1, 2, 3, 9.0]),
)
trees = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.tuples(st.just("not"), inner),
        st.tuples(st.sampled_from(["and", "or"]), inner, inner),
    ),
    max_leaves=8,
)


def written(tree):
    if tree[0] == "not":
        return f"not ({written(tree[1])})"
    if tree[0] in ("and", "or"):
        return f"({written(tree[1])}) {tree[0]} ({written(tree[2])})"
    return f"{tree[0]} {tree[1]} {tree[2]}"


def evaluated(tree, trial):
    if tree[0] == "not":
        return not evaluated(tree[1], trial)
    if tree[0] == "and":
        return evaluated(tree[1], trial) and evaluated(tree[2], trial)
    if tree[0] == "or":
        return evaluated(tree[1], trial) or evaluated(tree[2], trial)
    facts = {"trial": trial.tid, "attempt": trial.attempt, "core": trial.core, **trial.point}
    return tree[0] in facts and RELATIONS[tree[1]](facts[tree[0]], tree[2])


@given(trees)
def test_it_means_what_it_says(tree):
    trials = SNAPSHOT.trials.values()
    assert chosen(written(tree)) == [trial.tid for trial in trials if evaluated(tree, trial)]


@given(st.text("xyzlayers ok()<>=!~,'\"`&|123.-+andornti", max_size=30))
def test_any_text_is_an_expression_or_a_mistake_in_it(text):
    error = mistake_in(text)
    assert error is None or 0 <= error.at <= len(text)


def mistake_in(text):
    try:
        chosen(text)
    except FilterError as error:
        return error
    return None
