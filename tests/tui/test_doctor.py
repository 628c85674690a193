"""`trialdeck doctor` as people see it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.core.doctor.conftest import finished_search
from tests.tui.command_line import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    return finished_search(tmp_path)


def test_a_healthy_history() -> None:
    said = run("doctor").output
    assert "search: 12 trials by 3 writers" in said
    assert "✓ 3 journals: every line is whole" in said
    assert "--mend" not in said


def test_damage_is_said_and_mended(search) -> None:
    path = search.journal / "writer0.jsonl"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\0\0\n", 2))
    said = run("doctor", rc=1).output
    assert "✗ journal/writer0.jsonl, bytes" in said
    assert "`trialdeck doctor --mend` mends what can be" in said
    assert all(len(line) <= 80 for line in said.splitlines())
    said = run("doctor", "--mend").output
    assert "✓ mended: 2 damaged places: saved 2 records" in said
    assert "mended" not in run("doctor", "--mend").output


def test_packing() -> None:
    said = run("doctor", "--pack").output
    assert "✓ packed: 3 journals into 1, 3 reports into 1, 3 writers into 0" in said
    assert "there was nothing to put together" in run("doctor", "--pack").output


def test_json() -> None:
    said = json.loads(run("doctor", "--json", "--mend").output)
    assert said["report"]["trials"] == 12
    assert said["mended"] == []
    assert said["packed"] is None
