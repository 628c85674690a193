"""How a host is reached: what ~/.ssh/config says, and what the parameter file says instead.

The configuration is read by `ssh -G`, so that every word of it means what it means to ssh.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trialdeck.backends.base import LaunchError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trialdeck.backends.ssh.hosts import HostSettings

CONFIG_VARIABLE = "TRIALDECK_SSH_CONFIG"  # a file to be read instead of ~/.ssh/config
SECONDS = 10.0
_ADDRESS = re.compile(r"(?:(?P<user>[^@]+)@)?(?P<host>\[[^\]]+\]|[^:@]+)(?::(?P<port>\d+))?")


@dataclass(frozen=True, slots=True)
class Route:
    """The way to one sshd. `jumps` are the hosts that it leads over, the nearest first.

    `known_hosts` are the files with host keys, of which the first takes new ones, `key_name` is
    what the host is called there, `agent` the socket of the agent, "" without one.
    """

    name: str
    hostname: str
    port: int
    user: str
    identities: tuple[Path, ...] = ()
    identities_only: bool = False
    known_hosts: tuple[Path, ...] = ()
    key_name: str = ""
    agent: str = ""
    jumps: tuple[Route, ...] = ()

    def __str__(self) -> str:
        """As people write it."""
        port = "" if self.port == 22 else f":{self.port}"
        return f"{self.user}@{self.hostname}{port}"


def route_of(host: HostSettings, hosts: Mapping[str, HostSettings]) -> Route:
    """Return the way to a host. Raises LaunchError when it cannot be found out."""
    return _route(host.name, host, hosts, ())


def _route(
    name: str, host: HostSettings, hosts: Mapping[str, HostSettings], above: tuple[str, ...]
) -> Route:
    if name in above:
        raise LaunchError(f"{name} is reached over itself ({' over '.join([*above, name])})")
    user, target, port = parse_address(host.target, name)
    said = _ask(target, _options(host.user or user, host.port or port))
    jump = host.jump or _value(said, "proxyjump")
    if not jump and (command := _value(said, "proxycommand")):
        raise LaunchError(
            f"{name} is reached by the ProxyCommand {command!r}, which only ssh itself can use: "
            f"write ProxyJump, or `jump` below [backends.ssh.hosts.{name}]"
        )
    hostname, number = _value(said, "hostname") or target, int(_value(said, "port") or 22)
    # ssh would try this key first and then those of the configuration; only this one is wanted.
    keys = [host.key] if host.key else said.get("identityfile", [])
    known = f"{hostname}" if number == 22 else f"[{hostname}]:{number}"
    return Route(
        name=name,
        hostname=hostname,
        port=number,
        user=_value(said, "user"),
        identities=tuple(_path(text) for text in keys),
        identities_only=_value(said, "identitiesonly") == "yes" or bool(host.key),
        known_hosts=tuple(_known_hosts(said)),
        key_name=_value(said, "hostkeyalias") or known,
        agent=_agent(_value(said, "identityagent")),
        jumps=_jumps(jump, hosts, (*above, name)),
    )


def _jumps(
    jump: str, hosts: Mapping[str, HostSettings], above: tuple[str, ...]
) -> tuple[Route, ...]:
    """Return the hosts to go over, in order; each may have some of its own."""
    from trialdeck.backends.ssh.hosts import HostSettings

    found: list[Route] = []
    for word in filter(None, (part.strip() for part in jump.split(","))):
        if word == "none":
            continue
        over = hosts.get(word) or HostSettings(name=word, address=word)
        route = _route(word, over, hosts, above)
        found += [*route.jumps, route] if not found else [route]
    return tuple(found)


def parse_address(text: str, name: str = "") -> tuple[str, str, int | None]:
    """Split "user@address:port"; only the address has to be there. Raises LaunchError."""
    match = _ADDRESS.fullmatch(text.removeprefix("ssh://"))
    host = match["host"].strip("[]") if match else ""
    if match is None or host.startswith("-") or re.search(r"[\s'\"\\;|&`$<>]", text):
        raise LaunchError(f"{name or text}: {text!r} is no address; write user@address:port")
    return match["user"] or "", host, int(match["port"]) if match["port"] else None


def _options(user: str, port: int | None) -> list[str]:
    return [*(["-l", user] if user else []), *(["-p", str(port)] if port else [])]


def _ask(target: str, options: Sequence[str]) -> dict[str, list[str]]:
    """Return what ssh would do for a target, by keyword."""
    config = os.environ.get(CONFIG_VARIABLE)
    argv = ["ssh", *(["-F", config] if config else []), *options, "-G", "--", target]
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
    except FileNotFoundError:
        raise LaunchError("there is no `ssh` here: install OpenSSH's client") from None
    except subprocess.TimeoutExpired:
        raise LaunchError(f"`ssh -G {target}` has not ended within {SECONDS:g} s") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise LaunchError(f"`ssh -G {target}` fails: {said[-1] if said else done.returncode}")
    found: dict[str, list[str]] = {}
    for line in done.stdout.decode(errors="replace").splitlines():
        key, _, value = line.partition(" ")
        found.setdefault(key.lower(), []).append(value.strip())
    return found


def _value(said: Mapping[str, Sequence[str]], key: str) -> str:
    value = said.get(key, [""])[0]
    return "" if value in ("none", "null") else value


def _path(text: str) -> Path:
    return Path(text.strip('"')).expanduser()


def _known_hosts(said: Mapping[str, Sequence[str]]) -> list[Path]:
    names = " ".join([*said.get("userknownhostsfile", ()), *said.get("globalknownhostsfile", ())])
    found = [_path(name) for name in names.split() if name != "none"]
    return found or [Path("~/.ssh/known_hosts").expanduser()]


def _agent(said: str) -> str:
    if said in ("", "SSH_AUTH_SOCK"):
        return os.environ.get("SSH_AUTH_SOCK", "")
    name = said.removeprefix("$")
    return os.environ.get(name, "") if said.startswith("$") else str(_path(said))
