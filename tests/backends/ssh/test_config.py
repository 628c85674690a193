from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trialdeck.backends.base import LaunchError
from trialdeck.backends.ssh.config import CONFIG_VARIABLE, Route, parse_address, route_of
from trialdeck.backends.ssh.hosts import HostSettings

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
Include {folder}/more
Host gpu
  HostName gpu.example.org
  User me
  Port 2222
  IdentityFile {folder}/key
  IdentitiesOnly yes
  ProxyJump door
  UserKnownHostsFile {folder}/known
Host over
  ProxyCommand nc %h %p
"""
MORE = "Host door\n  HostName door.example.org\n  User guard\n"


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(CONFIG.format(folder=tmp_path))
    (tmp_path / "more").write_text(MORE)
    monkeypatch.setenv(CONFIG_VARIABLE, str(tmp_path / "config"))


def route(name: str, hosts: dict[str, HostSettings] | None = None, **table: object) -> Route:
    return route_of(HostSettings.of(name, table), hosts or {})


def test_an_alias_means_what_it_means_to_ssh(tmp_path: Path) -> None:
    found = route("gpu")
    assert (found.user, found.hostname, found.port) == ("me", "gpu.example.org", 2222)
    assert found.identities == (tmp_path / "key",)
    assert found.identities_only
    assert found.known_hosts[0] == tmp_path / "known"
    assert found.key_name == "[gpu.example.org]:2222"
    assert str(found) == "me@gpu.example.org:2222"


def test_a_jump_host_is_an_alias_of_an_included_file() -> None:
    (door,) = route("gpu").jumps
    assert str(door) == "guard@door.example.org"


def test_the_parameter_file_has_the_last_word(tmp_path: Path) -> None:
    found = route("box", address="gpu", user="you", port=22, key=str(tmp_path / "mine"))
    assert str(found) == "you@gpu.example.org"
    assert found.identities[0] == tmp_path / "mine"
    assert found.identities_only


def test_an_address_needs_no_configuration() -> None:
    found = route("box", address="me@10.0.0.7:2200")
    assert (found.user, found.hostname, found.port, found.jumps) == ("me", "10.0.0.7", 2200, ())


def test_a_jump_over_a_machine_of_the_parameter_file() -> None:
    hosts = {"bastion": HostSettings.of("bastion", {"address": "root@198.18.0.2"})}
    found = route("inner", hosts, address="198.19.0.2", jump="bastion")
    assert [str(hop) for hop in found.jumps] == ["root@198.18.0.2"]


def test_several_jumps_are_in_order() -> None:
    found = route("inner", address="10.0.0.1", jump="me@one,me@two")
    assert [str(hop) for hop in found.jumps] == ["me@one", "me@two"]


def test_a_machine_reached_over_itself_is_refused() -> None:
    hosts = {name: HostSettings.of(name, {"jump": to}) for name, to in (("a", "b"), ("b", "a"))}
    with pytest.raises(LaunchError, match="over itself"):
        route_of(hosts["a"], hosts)


def test_a_proxy_command_is_refused_with_the_cure() -> None:
    with pytest.raises(LaunchError, match=r"ProxyCommand.*ProxyJump"):
        route("over")


@pytest.mark.parametrize("text", ["-oProxyCommand=x", "a b", "me@", "a;b", "$(x)", "a:b:c"])
def test_what_is_no_address_never_reaches_ssh(text: str) -> None:
    with pytest.raises(LaunchError, match="no address"):
        parse_address(text)
