from __future__ import annotations

import sys
from typing import ClassVar

import msgspec
import pytest

from trialdeck import backends
from trialdeck.core.errors import LaunchError
from trialdeck.core.launch_settings import settings_of
from trialdeck.core.params import model
from trialdeck.core.params.durations import duration
from trialdeck.core.params.model import Table


class ClusterTable(Table, frozen=True, kw_only=True):
    READERS: ClassVar = {"time": duration}

    cores: int | None = None
    python: str = ""
    partition: str = ""
    time: float | None = None
    nodes: int = 1
    extra: list[str] = msgspec.field(default_factory=list)


@pytest.fixture(autouse=True)
def cluster(monkeypatch):
    monkeypatch.setitem(model.BACKENDS, "cluster", ClusterTable)
    monkeypatch.setitem(backends.BACKENDS, "cluster", "trialdeck.backends.local:LocalBackend")


def read(table=None, **options):
    return settings_of("cluster", table or {}, options)


def test_options_are_laid_over_the_table_and_typed_as_in_the_file():
    table = {"partition": "main", "time": 60.0, "nodes": 2}
    assert read(table).backend == table
    found = read(table, partition="gpu", time="2h", extra='["--a", "--b=c"]')
    assert found.backend == {
        "partition": "gpu",
        "time": 7200.0,
        "nodes": 2,
        "extra": ["--a", "--b=c"],
    }


@pytest.mark.parametrize("text", ["123", '"123"', "true", "1.5", "07:30:00", "2026-11-24", "a b"])
def test_text_needs_no_quotes_whatever_it_looks_like(text):
    assert read(partition=text).backend == {"partition": text.strip('"')}


def test_an_empty_option_takes_a_setting_away():
    assert read({"partition": "main", "nodes": 2}, partition="", nodes=" ").backend == {}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tiem": "2h"}, "cluster.tiem: there is no such key in [backends.cluster]. Did you mean"),
        ({"tiem": ""}, "Did you mean time?"),
        ({"time": "2 hours"}, "backends.cluster.time: "),
        ({"time": "2026-11-24"}, "backends.cluster.time: "),
        ({"nodes": "many"}, "backends.cluster.nodes: "),
        ({"nodes": "1\nextra = []"}, "backends.cluster.nodes: "),
    ],
)  # fmt: skip
def test_a_wrong_option_names_the_key_and_the_cure(options, said):
    with pytest.raises(LaunchError) as caught:
        read(**options)
    assert said in str(caught.value)


def test_every_wrong_option_is_told_at_once():
    with pytest.raises(LaunchError) as caught:
        read(nodes="many", tiem="1h", partition="fine")
    assert len(str(caught.value).splitlines()) == 2


def test_how_python_is_called_and_how_many_cores_are_none_of_the_backends_business():
    assert read({"cores": 3}).backend == {}
    assert read().python == (sys.executable,)
    found = read({"python": "apptainer exec --nv 'my image.sif' python3"})
    assert found.python == ("apptainer", "exec", "--nv", "my image.sif", "python3")
    assert found.backend == {}
    assert read(python="/opt/python3").python == ("/opt/python3",)
    with pytest.raises(LaunchError, match=r"cluster\.python: .* \(No closing quotation\)"):
        read(python="'oops")


def test_settings_of_an_unknown_backend_are_left_to_who_knows_them():
    assert settings_of("nowhere", {}, {"a": "b"}).backend == {}
