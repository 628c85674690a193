"""A host, as its table [backends.ssh.hosts.NAME] says."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import LaunchError
from trialdeck.backends.own_id import own_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = "~/.trialdeck"
_TABLE = "backends.ssh.hosts"


@dataclass(frozen=True, slots=True)
class HostSettings:
    """One host; "" and None stand for what ~/.ssh/config says, or the usual.

    `address` may be an alias of ~/.ssh/config, or user@address:port. `folder` is where everything
    of Trialdeck lies there, `files` are patterns of what is sent besides the objective's own files,
    relative to the project's folder. `environment` are the packages of an environment that is made
    there. `fixed`, `gpus` and `ahead` are for the engine.
    """

    name: str
    address: str = ""
    user: str = ""
    port: int | None = None
    key: str = ""
    jump: str = ""
    cores: int = 1
    gpus: Any = None
    python: str = ""
    environment: tuple[str, ...] = ()
    folder: str = FOLDER
    files: tuple[str, ...] = ()
    fixed: Any = None
    ahead: int | None = None

    @classmethod
    def of(cls, name: str, table: Mapping[str, Any]) -> HostSettings:
        """Return the settings of a table. Raises LaunchError for a key that there is not."""
        known = {field.name for field in fields(cls)} - {"name"}
        if unknown := sorted(set(table) - known):
            there = ", ".join(sorted(known))
            raise LaunchError(f"{_TABLE}.{name} has no key {', '.join(unknown)}; there is {there}")
        values = {key: value for key, value in table.items() if value is not None}
        for key in ("environment", "files"):
            if key in values:
                given = values[key]
                values[key] = (given,) if isinstance(given, str) else tuple(given)
        return cls(name=name, **values)

    @property
    def target(self) -> str:
        """What is connected to, as ssh takes it: an alias or an address."""
        return self.address or self.name


def host_of(hosts: Mapping[str, Mapping[str, Any]], name: str) -> HostSettings:
    """Return the settings of one of the hosts. Raises LaunchError when there is none such."""
    if name not in hosts:
        there = f"there is {', '.join(hosts)}" if hosts else "there are none"
        raise LaunchError(
            f"there is no host {name} in the parameter file ({there}): "
            f"`trialdeck hosts add {name}` adds it"
        )
    return HostSettings.of(name, hosts[name])


def project_id(project: Path) -> str:
    """Return the name that a project has on every host. Raises LaunchError."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", project.absolute().name)[:40] or "project"
    return f"{name}-{own_id(project / 'history')}"
