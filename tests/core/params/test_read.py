import subprocess
import sys
from pathlib import Path

import pytest

from trialdeck.core.errors import ParamsError, Problem
from trialdeck.core.params.read import parse_params, read_params

GOOD = {
    "search": {"name": '"top"', "objective": '"trialdeck.core.demo:branin"'},
    "space": {"x": '{ type = "uniform", low = 0, high = 1 }'},
}


def text_of(tables):
    return "\n".join(
        f"[{table}]\n" + "\n".join(f"{key} = {value}" for key, value in keys.items())
        for table, keys in tables.items()
    )


def with_value(table, key, value):
    tables = {name: dict(keys) for name, keys in GOOD.items()}
    tables.setdefault(table, {})[key] = value
    return text_of(tables)


def mistakes(text, folder=Path("/nowhere"), **options):
    with pytest.raises(ParamsError) as caught:
        parse_params(text, "params.toml", folder, **options)
    return list(caught.value.problems)


def test_defaults():
    params = parse_params(text_of(GOOD), "params.toml", Path("/project"))
    assert params.search.max_trials == 100
    assert params.search.direction == "minimize"
    assert params.search.failed_loss is None
    assert params.cores.grace == 30
    assert params.cores.gpus == "auto"
    assert (params.fixed, params.quick.fixed, params.backends) == ({}, {}, {})
    assert params.folder == Path("/project")
    assert [dimension.name for dimension in params.space.dimensions] == ["x"]


def test_every_key_is_read():
    tables = {
        "search": {
            **GOOD["search"],
            "metric": '"auc"',
            "direction": '"maximize"',
            "max_trials": "7",
            "max_failures": "2",
            "algorithm": '"rand"',
            "seed": "3",
            "failed_loss": "1",
        },
        "fixed": {"epochs": "10", "deep": "{ a = [1, 2.5, true] }"},
        "space": GOOD["space"],
        "cores": {
            "count": "4",
            "threads": "2",
            "gpus": "[0, 2]",
            "per_gpu": "3",
            "time_limit": '"1d 2h"',
            "retries": "0",
            "preload": '["torch"]',
            "grace": "0",
        },
        "quick": {"max_trials": "3", "fixed": "{ epochs = 1 }"},
        "backends.local": {"cores": "2"},
    }
    params = parse_params(text_of(tables), "params.toml", Path("/project"))
    assert params.search.max_trials == 7
    assert params.search.failed_loss == 1.0
    assert params.fixed == {"epochs": 10, "deep": {"a": [1, 2.5, True]}}
    assert (params.cores.gpus, params.cores.preload) == ([0, 2], ["torch"])
    assert (params.cores.time_limit, params.cores.grace) == (93600.0, 0.0)
    assert params.quick.fixed == {"epochs": 1}
    assert params.backends == {"local": {"cores": 2}}


def test_nested_names_and_constants_that_are_fixed_too():
    text = with_value("fixed", "momentum", "1") + "\nbeta2 = 3\n[space.optimizer]\n"
    text += 'type = "choice"\noptions = ["z", '
    text += '{ name = "sgd", momentum = { type = "uniform", low = 0, high = 1 } }, '
    text += '{ name = "adam", beta2 = 0.9 }]\n'
    assert [(problem.key, problem.text) for problem in mistakes(text)] == [
        ("fixed.momentum", "momentum is also searched in [space]"),
        ("fixed.beta2", 'beta2 is also set by optimizer = "adam"'),
    ]


def test_missing_keys_have_examples():
    text = text_of({"space": GOOD["space"]})
    assert mistakes(text) == [
        Problem("search.name", "this key is missing", 'For example: name = "my-search"'),
        Problem(
            "search.objective",
            "this key is missing",
            'For example: objective = "trialdeck.core.fcn:train"',
        ),
    ]


@pytest.mark.parametrize("space", ["", "[space]"])
def test_empty_space_has_an_example_that_works(space):
    (problem,) = mistakes(text_of({"search": GOOD["search"]}) + "\n" + space)
    assert (problem.key, problem.text) == ("space", "there is nothing to search")
    example = problem.cure.partition("\n")[2]
    parse_params(text_of({"search": GOOD["search"]}) + "\n" + example, "x", Path("/nowhere"))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("[sarch]", Problem("sarch", "there is no such table in the file", "Did you mean search?")),
        (
            "[networks]",
            Problem(
                "networks",
                "there is no such table in the file",
                "Known are search, fixed, space, pruning, cores, checkpoints, reduced_sample, "
                "quick, backends",
            ),
        ),
        (
            "[[cores]]",
            Problem(
                "cores",
                "this is a list of tables; one table is wanted",
                "Write [cores] in single brackets",
            ),
        ),
        (
            "[backends.slrm]",
            Problem(
                "backends.slrm",
                "there is no such backend",
                "Did you mean slurm? Known are local, slurm, ssh",
            ),
        ),
        (
            "[backends.locl]",
            Problem(
                "backends.locl",
                "there is no such backend",
                "Did you mean local? Known are local, slurm, ssh",
            ),
        ),
        (
            "[backends]\nlocal = 3",
            Problem(
                "backends.local", "3 is a whole number; a table is wanted", "Write [backends.local]"
            ),
        ),
    ],
)
def test_wrong_tables(line, problem):
    assert mistakes(text_of(GOOD) + "\n" + line) == [problem]


def test_a_key_above_all_tables():
    assert mistakes("retries = 3\nfixed = 5\n" + text_of(GOOD)) == [
        Problem("retries", "there is no such key in the file", "It belongs to [cores]"),
        Problem("fixed", "5 is a whole number; a table is wanted", "Write [fixed]"),
    ]


def test_every_mistake_at_once():
    text = """
        [search]
        name = "a b"
        max_trials = "many"
        [cores]
        grace = true
        [space]
        x = { type = "uniform", low = 1, high = 0 }
        [backends.moon]
    """
    keys = {problem.key for problem in mistakes(text)}
    assert {"search.name", "search.objective", "search.max_trials", "cores.grace"} <= keys
    assert "backends.moon" in keys
    assert any(key.startswith("space.x") for key in keys)


def test_odd_keys_are_quoted():
    assert mistakes(with_value("fixed", '"my day"', "2024-01-01"))[0].key == 'fixed."my day"'


def test_reading_a_file(tmp_path):
    file = tmp_path / "params.toml"
    file.write_bytes(b"\xef\xbb\xbf" + text_of(GOOD).replace("\n", "\r\n").encode())
    assert read_params(file).folder == tmp_path
    assert read_params(file).search.name == "top"


def test_default_quick_scan_only_for_the_default_network():
    default = with_value("search", "objective", '"trialdeck.core.fcn:train"')
    assert parse_params(default, "x", Path("/n")).quick.fixed == {"jets": 2000}
    assert parse_params(default + "\n[quick]", "x", Path("/n")).quick.fixed == {}
    assert parse_params(text_of(GOOD), "x", Path("/n")).quick.fixed == {}


def test_reading_is_light():
    code = (
        "import sys, resource, trialdeck.core.params.revisions\n"
        "heavy = {'tomlkit', 'numpy', 'hyperopt', 'scipy', 'torch', 'paramiko', 'textual'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
        "usage = resource.getrusage(resource.RUSAGE_SELF)\n"
        "print(usage.ru_utime + usage.ru_stime)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    assert {run.stderr.strip() for run in runs} == {"[]"}
    assert min(float(run.stdout) for run in runs) < 0.4  # 0.11 on a quiet machine
