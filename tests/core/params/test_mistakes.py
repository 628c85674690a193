"""Every kind of mistake in one value, with its exact words."""

from pathlib import Path

import pytest

from trialdeck.core.errors import ParamsError, Problem
from trialdeck.core.params.read import parse_params

TEXT = {
    "search": 'name = "top"\nobjective = "trialdeck.core.demo:branin"\n',
    "space": 'x = { type = "uniform", low = 0, high = 1 }\n',
}
WHOLE = "a whole number of at least"
GPUS = f'"auto" or a list, each {WHOLE} 0, or {WHOLE} 0'


# The table, key and value in the file; what is said of it; the cure.
CASES = [
    ("search", "max_trials", '"many"', f'"many" is text; {WHOLE} 1 is wanted', ""),
    ("search", "max_trials", '"100"', f'"100" is text; {WHOLE} 1 is wanted', "Write 100"),
    (
        "search",
        "max_trials",
        "100.0",
        f"100.0 is a number with a decimal point; {WHOLE} 1 is wanted",
        "Write 100",
    ),
    (
        "search",
        "max_trials",
        "99.5",
        f"99.5 is a number with a decimal point; {WHOLE} 1 is wanted",
        "",
    ),
    ("search", "max_trials", "true", f"true is a yes or no; {WHOLE} 1 is wanted", ""),
    ("search", "max_trials", "0", f"0 is too small; {WHOLE} 1 is wanted", ""),
    ("search", "max_trials", "-3", f"-3 is too small; {WHOLE} 1 is wanted", ""),
    (
        "search",
        "max_trials",
        "2000000",
        f"2000000 is too large; {WHOLE} 1 and at most 1,000,000 is wanted",
        "",
    ),
    ("search", "max_trials", "[5]", f"[5] is a list; {WHOLE} 1 is wanted", "Write 5"),
    (
        "search",
        "max_trials",
        "2024-01-01",
        f"2024-01-01 is a date or time; {WHOLE} 1 is wanted",
        "",
    ),
    ("search", "max_failures", "0", f"0 is too small; {WHOLE} 1 is wanted", ""),
    ("search", "seed", "nan", f"nan is not finite; {WHOLE} 0 is wanted", ""),
    ("search", "seed", "inf", f"inf is not finite; {WHOLE} 0 is wanted", ""),
    ("search", "seed", "-1", f"-1 is too small; {WHOLE} 0 is wanted", ""),
    ("search", "failed_loss", "nan", "nan is not finite; a number is wanted", ""),
    ("search", "failed_loss", "-inf", "-inf is not finite; a number is wanted", ""),
    ("search", "failed_loss", '"1.5"', '"1.5" is text; a number is wanted', "Write 1.5"),
    ("search", "metric", "1", "1 is a whole number; text in quotes is wanted", 'Write "1"'),
    (
        "search",
        "direction",
        '"maximise"',
        '"maximise" is not known; "maximize" or "minimize" is wanted',
        'Did you mean "maximize"?',
    ),
    (
        "search",
        "direction",
        '"min"',
        '"min" is not known; "maximize" or "minimize" is wanted',
        'Did you mean "minimize"?',
    ),
    (
        "search",
        "algorithm",
        '"TPE"',
        '"TPE" is not known; "anneal" or "hyperopt.tpe" or "rand" or "tpe" is wanted',
        'Did you mean "tpe"?',
    ),
    (
        "search",
        "algorithm",
        '"hyperopt.rand.suggest"',
        (
            '"hyperopt.rand.suggest" is not known; '
            '"anneal" or "hyperopt.tpe" or "rand" or "tpe" is wanted'
        ),
        'Did you mean "rand"?',
    ),
    (
        "search",
        "algorithm",
        '"hyperopt.tpe.suggest"',
        (
            '"hyperopt.tpe.suggest" is not known; '
            '"anneal" or "hyperopt.tpe" or "rand" or "tpe" is wanted'
        ),
        'Did you mean "hyperopt.tpe"?',
    ),
    (
        "search",
        "algorithm",
        '"zzz"',
        '"zzz" is not known; "anneal" or "hyperopt.tpe" or "rand" or "tpe" is wanted',
        "",
    ),
    ("search", "max_trails", "5", "there is no such key in [search]", "Did you mean max_trials?"),
    ("search", "retries", "5", "there is no such key in [search]", "It belongs to [cores]"),
    (
        "cores",
        "zzzz",
        "5",
        "there is no such key in [cores]",
        "Known are count, threads, gpus, per_gpu, time_limit, retries, preload, grace",
    ),
    ("search", "patience", "0", f"0 is too small; {WHOLE} 1 is wanted", ""),
    ("search", "target", '"high"', '"high" is text; a number is wanted', ""),
    ("search", "target", "inf", "inf is not finite; a number is wanted", ""),
    ("search", "time_limit", '"8 hours"', '"8 hours" is no duration', "examples"),
    (
        "reduced_sample",
        "fraction",
        "1.0",
        "1.0 is the whole sample; a number between 0 and 1 is wanted",
        "Leave out [reduced_sample]",
    ),
    (
        "reduced_sample",
        "fraction",
        "10",
        "10 is no part of the sample; a number between 0 and 1 is wanted",
        "Write 0.1 for a tenth",
    ),
    ("cores", "time_limit", '"2 hours"', '"2 hours" is no duration', "examples"),
    ("cores", "time_limit", "0", "0 is too short; more than 0 seconds are wanted", ""),
    ("cores", "grace", "-1", "-1 is less than 0 seconds", "examples"),
    ("cores", "retries", "-1", f"-1 is too small; {WHOLE} 0 is wanted", ""),
    (
        "cores",
        "gpus",
        '"aut"',
        f'"aut" is not known; {GPUS} is wanted',
        'Did you mean "auto"?',
    ),
    (
        "cores",
        "gpus",
        "[-1]",
        f"[-1] is a list of something else; {GPUS} is wanted",
        "",
    ),
    (
        "cores",
        "preload",
        '"torch"',
        '"torch" is text; a list, each text in quotes, is wanted',
        'Write ["torch"]',
    ),
    ("quick", "fixed", "3", "3 is a whole number; a table is wanted", ""),
    (
        "fixed",
        "day",
        "2024-01-01",
        "2024-01-01 is a date or time, which the history cannot store",
        'Write it as text: "2024-01-01"',
    ),
    (
        "fixed",
        "clip",
        "inf",
        "inf is not finite, which the history cannot store",
        'Write it as text, "inf", and use float() in the objective',
    ),
    (
        "fixed",
        "big",
        "9223372036854775808",
        "9223372036854775808 has more than 64 bits, which the history cannot store",
        "Write it as text, and use int() in the objective",
    ),
    ("fixed", "x", "1", "x is also searched in [space]", "Keep one of the two, or rename one"),
    (
        "quick.fixed",
        "x",
        "1",
        "x is also searched in [space]",
        "Keep one of the two, or rename one",
    ),
    (
        "backends.local",
        "core",
        "3",
        "there is no such key in [backends.local]",
        "Did you mean cores?",
    ),
    ("backends.local", "cores", "0", f"0 is too small; {WHOLE} 1 is wanted", ""),
]


@pytest.mark.parametrize(
    ("table", "key", "value", "text", "cure"), CASES, ids=[f"{c[1]}={c[2]}" for c in CASES]
)
def test_mistake(table, key, value, text, cure):
    if cure == "examples":
        cure = 'Write seconds as a number, or text such as "90s", "45m", "2h", "1d 2h"'
    tables = {**TEXT, table: TEXT.get(table, "") + f"{key} = {value}\n"}
    lines = "".join(f"[{name}]\n{keys}" for name, keys in tables.items())
    with pytest.raises(ParamsError) as caught:
        parse_params(lines, "params.toml", Path("/nowhere"))
    assert caught.value.problems == (Problem(f"{table}.{key}", text, cure),)
