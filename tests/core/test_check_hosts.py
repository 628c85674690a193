"""What `check` says of other machines, on real servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.searching import project
from trialdeck.backends.ssh import connection
from trialdeck.core import hosts
from trialdeck.core.check import check
from trialdeck.core.searches import start

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.services.ssh import Network


def said(file: Path, name: str) -> list[tuple[str, str]]:
    return [(one.level, one.text) for one in check(file) if one.text.startswith(name)]


def test_each_machine_is_asked(
    ssh_hosts: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 3.0)
    file = project(tmp_path, "fine", fixed='data = "jets"')
    (tmp_path / "jets").mkdir()
    start(file)
    hosts.add(file, "h1", ssh_hosts.table("h1", cores=2))
    hosts.add(file, "h2", ssh_hosts.table("h2", files=["jets"]))
    hosts.add(file, "h3", ssh_hosts.table("h3"))
    hosts.add(file, "inner", ssh_hosts.table("inner"))
    ssh_hosts["h3"].kill_sshd()
    known = ssh_hosts.known_hosts.read_text()
    ssh_hosts.known_hosts.write_text(known.replace(ssh_hosts["inner"].key_line(), ""))
    ((level, text),) = said(file, "h1")
    assert (level, text.splitlines()[0]) == (
        "error",
        "h1: fixed.data: jets is a path on this machine",
    )
    assert "below [backends.ssh.hosts.h1]" in text.splitlines()[1]
    assert said(file, "h2") == [("ok", "h2: 1 core by default; it has all that is needed")]
    ((level, text),) = said(file, "h3")
    assert level == "warning"
    assert text.endswith("cannot be reached: Connection refused")
    ((level, text),) = said(file, "inner")
    assert level == "warning"
    assert "is not known yet" in text
    assert text.endswith("\n`trialdeck hosts check inner` asks you.")
