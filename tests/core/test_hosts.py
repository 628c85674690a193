"""Machines of a parameter file, on real servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conditions import until
from tests.searching import project, wait_for
from trialdeck.core import hosts
from trialdeck.core.errors import EditError, LaunchError, ParamsError, SearchError
from trialdeck.core.params.read import read_params
from trialdeck.core.searches import find, start

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.ssh import Network


def test_a_machine_is_added_and_forgotten_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    file = project(tmp_path, "fine", search="# mine\n")
    before = file.read_text()
    hosts.add(file, "gpu1", {"address": "me@gpu1", "cores": 2, "fixed": {"data": "/data"}})
    hosts.add(file, "gpu2", {"cores": 1})
    table = {"address": "me@gpu1", "cores": 2, "fixed": {"data": "/data"}}
    assert read_params(file).backends["ssh"]["hosts"] == {"gpu1": table, "gpu2": {"cores": 1}}
    assert file.read_text().startswith(before)
    assert [(host.name, host.address, host.cores) for host in hosts.hosts(file)] == [
        ("gpu1", "me@gpu1", 2),
        ("gpu2", "gpu2", 1),
    ]
    assert hosts.forget(file, "gpu2") == 0
    assert hosts.forget(file, "gpu1") == 0
    assert hosts.hosts(file) == []
    assert file.read_text().strip() == before.strip()


def test_what_cannot_be_is_not_written(tmp_path: Path) -> None:
    file = project(tmp_path, "fine")
    hosts.add(file, "gpu1", {"cores": 1})
    before = file.read_text()
    with pytest.raises(EditError, match="already"):
        hosts.add(file, "gpu1", {"cores": 2})
    with pytest.raises(EditError, match="no name for a host"):
        hosts.add(file, "a b", {"cores": 2})
    with pytest.raises(ParamsError, match="is no port"):
        hosts.add(file, "gpu2", {"port": 0})
    with pytest.raises(SearchError, match="hosts add gpu3"):
        hosts.forget(file, "gpu3")
    assert file.read_text() == before


def test_a_machine_is_checked_for_what_the_search_needs(ssh_hosts: Network, tmp_path: Path) -> None:
    file = project(tmp_path, "fine", fixed='data = "jets"')
    (tmp_path / "jets").mkdir()
    with (tmp_path / "odd.py").open("a") as objective:
        objective.write("\ndef needy(params):\n    import nowhere_to_be_found\n")
    start(file)
    rows = {row.what: row for row in hosts.check(file, "h1", ssh_hosts.table("h1"))}
    assert rows["Python"].good
    assert rows["folder"].good is not False
    assert rows["nowhere_to_be_found"].good is False
    assert "pip install nowhere_to_be_found" in rows["nowhere_to_be_found"].cure
    assert rows["fixed.data"].good is False
    assert 'files = ["jets"]' in rows["fixed.data"].cure
    table = ssh_hosts.table("h1", files=["jets"])
    assert "fixed.data" not in {row.what for row in hosts.check(file, "h1", table)}


def test_a_machine_that_cannot_be_reached(ssh_hosts: Network, tmp_path: Path) -> None:
    file = project(tmp_path, "fine")
    ssh_hosts["h3"].kill_sshd()
    hosts.add(file, "h3", ssh_hosts.table("h3"))
    with pytest.raises(LaunchError, match="cannot be reached"):
        hosts.knock(file, "h3")
    (host,) = hosts.hosts(file)
    assert host.contact.state == "cut"


def test_behind_a_bastion_while_nobody_looks(ssh_hosts: Network, tmp_path: Path) -> None:
    file = project(tmp_path, "slow", 20, fixed="seconds = 0.05")
    hosts.add(file, "inner", ssh_hosts.table("inner", cores=2, ahead=4, fixed={"seconds": 0.1}))
    search = start(file)
    launch = search.launch("ssh", 2)
    assert launch.site == "inner"

    def finished() -> int:
        return sum(path.read_bytes().count(b'"outcome":"ok"') for path in list(copies_now()))

    def copies_now() -> list[Path]:
        folder = ssh_hosts["inner"].home / "root/.trialdeck/projects"
        name = f"{tmp_path.name}-*/history/*/journal/*"
        return list(folder.glob(name))

    until(lambda: finished() == 8, 40, "all that it was handed out")
    assert search.snapshot().counts.ok == 0  # nobody has looked

    again = find(file)
    assert again.sync() == []
    assert again.snapshot().counts.ok >= 8
    trial = next(t for t in again.snapshot().trials.values() if t.state == "ok")
    assert trial.site == "inner"
    assert trial.seconds >= 0.1  # as its own table says
    again.connect()
    try:
        wait_for(again, lambda snapshot: snapshot.counts.ok == 20, 40)
    finally:
        again.disconnect()
    assert len(again.snapshot().trials) == 20
