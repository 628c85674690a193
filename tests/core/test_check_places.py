from __future__ import annotations

import threading

import pytest

from tests.core import places
from tests.tui.command_line import PARAMS
from trialdeck.backends.base import LaunchError
from trialdeck.core.check import check


@pytest.fixture(autouse=True)
def cluster(monkeypatch):
    places.settle(monkeypatch)


def said(tmp_path, table):
    file = tmp_path / "params.toml"
    file.write_text(PARAMS + table)
    return [(one.level, one.text) for one in check(file) if one.text.startswith(places.NAME)]


def test_only_places_that_the_file_has_a_table_for_are_asked(tmp_path):
    assert said(tmp_path, "") == []
    assert said(tmp_path, "[backends.cluster]\ntime = 3600\n") == [
        ("ok", "cluster: 4 cores by default, which it would take")
    ]


def test_what_would_be_refused_is_an_error_and_what_is_unwise_a_warning(tmp_path):
    assert said(tmp_path, '[backends.cluster]\ncores = 8\npartition = "mian"\n') == [
        ("error", "cluster: there is no partition mian: choose main or short"),
        ("warning", "cluster: no time is set: jobs last as long as they like"),
    ]


def test_a_place_that_cannot_be_asked_is_no_error(tmp_path, monkeypatch):
    def fail():
        raise LaunchError("sbatch: no such command")

    monkeypatch.setattr(places.Cluster, "answers", fail)
    assert said(tmp_path, "[backends.cluster]\n") == [
        ("warning", "cluster: sbatch: no such command")
    ]


def test_a_place_that_hangs_holds_up_the_check_only_for_a_while(tmp_path, monkeypatch):
    hangs = threading.Event()
    monkeypatch.setattr(places.Cluster, "answers", hangs.wait)
    monkeypatch.setattr("trialdeck.core.check.PLACE_SECONDS", 0.2)
    assert said(tmp_path, "[backends.cluster]\n") == [
        ("warning", "cluster has not answered within 0.2 s")
    ]
    hangs.set()
