"""Real servers: who is let in, who is not and why, and ways that are cut."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.conditions import until
from tests.services.ssh import new_key
from trialdeck.backends import create
from trialdeck.backends.base import LaunchError, NoAnswer, Question
from trialdeck.backends.ssh import client as clients
from trialdeck.backends.ssh import connection, keys
from trialdeck.backends.ssh.hosts import HostSettings
from trialdeck.backends.ssh.link import Link, close_all, link_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.services.ssh import Network
    from trialdeck.backends.base import Site


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 3.0)
    monkeypatch.setattr(clients, "ANSWER_SECONDS", 5.0)
    yield
    keys.forget_opened()


def link(net: Network, name: str = "h1", **table: Any) -> Link:
    return Link(HostSettings.of(name, net.table(name, **table)), {})


def site(net: Network, tmp_path: Path, name: str = "h1", **table: Any) -> Site:
    hosts = {name: net.table(name, **table)}
    (tmp_path / "project").mkdir(exist_ok=True)
    backend = create("ssh", {"hosts": hosts}, tmp_path / "state")
    return backend.site(name, tmp_path / "project")


@pytest.mark.parametrize("user", ["worker", "fishy", "cshy"])
def test_every_shell_will_do_whatever_its_files_print(
    ssh_hosts: Network, tmp_path: Path, user: str
) -> None:
    home = ssh_hosts["h1"].home / user
    for name in (".bashrc", ".cshrc", ".config/fish/config.fish"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("echo hello from the rc file\n")
    there = site(ssh_hosts, tmp_path, user=user)
    there.put({"a/b": b"content", "c": b""})
    assert there.read([("a/b", 3)])[0].data == b"tent"
    assert set(there.sizes(["a"])) == {"a/b"}
    (folder,) = (home / ".trialdeck" / "projects").iterdir()
    assert (folder / "a" / "b").stat().st_mode & 0o777 == 0o600
    assert (home / ".trialdeck").stat().st_mode & 0o777 == 0o700
    assert (folder / "a").stat().st_mode & 0o777 == 0o700


def test_behind_a_bastion(ssh_hosts: Network, tmp_path: Path) -> None:
    there = site(ssh_hosts, tmp_path, "inner")
    there.put({"a": b"x"})
    assert there.sizes(["."])["./a"][0] == 1


@pytest.mark.parametrize(
    ("user", "said"),
    [
        ("nologin", "runs no shell for this user: This account is currently not available"),
        ("stranger", r"no key opens h1.*ssh-copy-id"),
    ],
)
def test_who_is_not_let_in_is_told_why(ssh_hosts: Network, user: str, said: str) -> None:
    with pytest.raises(LaunchError, match=said):
        link(ssh_hosts, user=user).client()


@pytest.mark.parametrize(("user", "said"), [("full", "space"), ("rohome", "[Rr]ead-only")])
def test_where_nothing_can_be_written(
    ssh_hosts: Network, tmp_path: Path, user: str, said: str
) -> None:
    with pytest.raises(LaunchError, match=said):
        site(ssh_hosts, tmp_path, user=user).put({"a": b"x" * 100_000})


def test_a_python_that_is_too_old_or_not_there(ssh_hosts: Network) -> None:
    with pytest.raises(LaunchError, match=r"3\.11 or newer \(there is no such command\)"):
        link(ssh_hosts, python="python2.7").client()
    old = ssh_hosts["h1"].home / "root" / "old python"
    old.write_text("#!/bin/sh\ncase $* in *print*) echo 3.8;; *) exit 1;; esac\n")
    old.chmod(0o755)
    with pytest.raises(LaunchError, match=r"3\.11 or newer \(it is .*3\.8"):
        link(ssh_hosts, python="'/home/root/old python'").client()


def test_a_passphrase_is_asked_for_until_it_is_right(
    ssh_hosts: Network, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    new_key(tmp_path / "mine", "open sesame")
    public = (tmp_path / "mine.pub").read_text()
    ssh_hosts["h1"].sh(f"echo '{public.strip()}' >>/run/etc/authorized_keys")
    way = link(ssh_hosts, key=str(tmp_path / "mine"))
    with pytest.raises(Question, match="its passphrase") as asked:
        way.client()
    assert asked.value.secret
    assert way.contact().state == "refused"
    with pytest.raises(Question, match="That was not it") as again:
        asked.value.answer("open barley")
    again.value.answer("open sesame")
    way.now()
    assert way.client().python
    assert "sesame" not in caplog.text + repr(vars(way))
    way.close()


def test_an_unknown_key_is_asked_about_once(ssh_hosts: Network) -> None:
    ssh_hosts.known_hosts.write_text("")
    way = link(ssh_hosts)
    with pytest.raises(Question, match="not known yet") as asked:
        way.client()
    with pytest.raises(Question):
        way.client()
    asked.value.answer("yes")
    assert way.client().python
    assert ssh_hosts.known_hosts.read_text() == ssh_hosts["h1"].key_line()
    way.close()


def test_a_changed_key_is_refused(ssh_hosts: Network) -> None:
    ssh_hosts["h2"].rekey()
    way = link(ssh_hosts, "h2")
    with pytest.raises(LaunchError, match="another key than before"):
        way.client()
    assert way.contact().state == "refused"


def test_a_server_that_does_not_answer(ssh_hosts: Network) -> None:
    ssh_hosts["h1"].stop()
    with pytest.raises(NoAnswer, match="does not answer"):
        link(ssh_hosts).client()
    ssh_hosts["h1"].kill_sshd()
    with pytest.raises(NoAnswer, match="cannot be reached"):
        link(ssh_hosts).client()


def test_a_way_stays_the_same_when_other_machines_come_and_go() -> None:
    one, over = HostSettings("one", jump="over"), HostSettings("over")
    hosts = {"one": one, "over": over}
    way = link_to(one, hosts)
    assert link_to(one, {**hosts, "two": HostSettings("two")}) is way
    assert link_to(one, {**hosts, "over": HostSettings("over", port=2222)}) is not way
    close_all()


def test_after_a_failure_there_is_a_pause_that_the_user_ends(ssh_hosts: Network) -> None:
    ssh_hosts["h1"].kill_sshd()
    way = link(ssh_hosts)
    with pytest.raises(NoAnswer):
        way.client()
    before = way.contact()
    assert before.state == "cut"
    assert before.retry_at is not None
    assert 0 < before.retry_at - time.time() < 2
    ssh_hosts["h1"].start_sshd()
    way.now()
    assert way.client().python
    assert way.contact().state == "connected"
    way.close()


def test_a_frozen_machine_is_noticed_and_found_again(
    ssh_hosts: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "SILENCE_SECONDS", 12.0)
    way = link(ssh_hosts)
    first = way.client()
    ssh_hosts["h1"].stop()
    with pytest.raises(NoAnswer):
        first.ask("sizes", root="/", folders=["tmp"], seconds=2.0)
    assert way.contact().state == "cut"
    ssh_hosts["h1"].cont()
    way.now()
    assert way.client() is not first
    way.close()


def test_sessions_that_are_killed_are_noticed_at_once(ssh_hosts: Network) -> None:
    way = link(ssh_hosts)
    client = way.client()
    ssh_hosts["h1"].kill_sessions()
    until(lambda: client.broken, 5, "the end of the conversation")
    ssh_hosts["h1"].start_sshd()
    until(lambda: connected(way), 20, "another one")
    way.close()


def connected(way: Link) -> bool:
    try:
        return not way.client().broken
    except LaunchError:
        return False


def test_nothing_listens_and_nothing_is_forwarded(ssh_hosts: Network) -> None:
    way = link(ssh_hosts)
    way.client()
    host = ssh_hosts["h1"]
    sockets = host.sh("cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == \"0A\" {print $2}'").split()
    assert {line.rpartition(":")[2] for line in sockets} == {"0016"}  # port 22
    agent = host.sh("pgrep -f 'trialdeck agent'").split()[0]
    environment = host.sh(f"tr '\\0' '\\n' </proc/{agent}/environ")
    assert "SSH_AUTH_SOCK" not in environment
    assert "DISPLAY" not in environment
    way.close()
