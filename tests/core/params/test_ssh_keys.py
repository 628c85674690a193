from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from trialdeck.core.errors import LaunchError, ParamsError
from trialdeck.core.launch_settings import settings_of
from trialdeck.core.machine import default_cores
from trialdeck.core.params.read import parse_params

BEGINNING = """\
[search]
name = "t"
objective = "mine:train"
[space]
x = { type = "uniform", low = 0.0, high = 1.0 }
"""


def tables(text: str) -> dict[str, Any]:
    return parse_params(BEGINNING + text, "params.toml", Path("/nowhere")).backends


def problems(text: str) -> list[str]:
    with pytest.raises(ParamsError) as error:
        tables(text)
    return [f"{p.key}: {p.text}. {p.cure}" for p in error.value.problems]


ALL = """\
[backends.ssh]
host = "gpu1"
[backends.ssh.hosts.gpu1]
address = "me@gpu1.example.org:2222"
user = "me"
port = 2222
key = "~/.ssh/id"
jump = "me@door,door2"
cores = 4
gpus = [0, 1]
python = "~/venv/bin/python"
environment = ["torch>=2.4"]
folder = "/scratch/me"
files = ["data", "lib/*.py"]
fixed = { data = "/data" }
ahead = 10
[backends.ssh.hosts."gpu-2.x"]
"""


def test_every_key_is_taken_as_it_is() -> None:
    written = tomllib.loads(ALL)["backends"]["ssh"]
    assert tables(ALL)["ssh"] == written


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("cors = 2", "cors: there is no such key"),
        ("cors = 2", "Did you mean cores?"),
        ("cores = 0", "cores: 0 is too small"),
        ("port = 70000", "port: 70000 is no port"),
        ('address = "a b"', 'address: "a b" is no address'),
        ('files = ["../x"]', "is not in the folder of this file"),
        ('files = ["/data"]', "use fixed"),
        ('python = "a \'b"', "is no command"),
        ("environment = [1]", "environment:"),
        ("fixed = 3", "fixed:"),
        ("fixed = { when = 2026-01-01 }", "history cannot store"),
        ("ahead = -1", "ahead: -1 is too small"),
        ('user = "-o"', "is no user's name"),
    ],
)
def test_a_mistake_is_told_with_its_cure(table: str, said: str) -> None:
    (found,) = problems(f"[backends.ssh.hosts.h]\n{table}\n")
    assert found.startswith("backends.ssh.hosts.h.")
    assert said in found


@pytest.mark.parametrize("name", ["home", "-x", "a/b", "a b"])
def test_a_name_has_to_be_good_for_folders(name: str) -> None:
    (found,) = problems(f'[backends.ssh.hosts."{name}"]\ncores = 1\n')
    assert "Give it another name" in found


def test_a_host_that_is_none_is_probably_another() -> None:
    (found,) = problems('[backends.ssh]\nhost = "gpu"\n[backends.ssh.hosts.gpu1]\ncores = 1\n')
    assert found == 'backends.ssh.host: there is no host "gpu". Did you mean gpu1?'


def test_several_mistakes_are_told_at_once() -> None:
    text = "[backends.ssh.hosts.a]\ncores = 0\n[backends.ssh.hosts.b]\nport = 0\nx = 1\n"
    assert len(problems(text)) == 3


def test_a_launch_chooses_its_host() -> None:
    table = tables(ALL)["ssh"]
    settings = settings_of("ssh", table, {"host": "gpu-2.x"})
    assert settings.backend == {**table, "host": "gpu-2.x"}
    with pytest.raises(LaunchError, match="partition"):
        settings_of("ssh", table, {"partition": "main"})


def test_a_host_has_cores_of_its_own() -> None:
    params = parse_params(BEGINNING + ALL, "params.toml", Path("/nowhere"))
    assert default_cores("ssh", params) == 4
    assert default_cores("ssh", params, "gpu-2.x") == 1
