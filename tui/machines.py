"""What the screens of other machines have done in threads."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from trialdeck.core import hosts
from trialdeck.core.params.revisions import history_paths
from trialdeck.core.params.ssh_keys import host_name_problem
from trialdeck.core.search import Search
from trialdeck.tui.sites import state_of

if TYPE_CHECKING:
    from trialdeck.backends.base import Finding
    from trialdeck.core.hosts import Host
    from trialdeck.tui.session import Session

__all__ = ["add", "check", "forget", "knock", "known", "state_of"]

BACKEND = hosts.SSH  # where launches on these machines go


# -- for the worker threads -----------------------------------------------------------------


def known(session: Session) -> list[Host]:
    """Return the machines of the parameter file; none is asked. Raises ParamsError."""
    return hosts.hosts(session.file) if session.has_draft else []


def check(session: Session, name: str) -> list[Finding]:
    """Return what a machine has. Raises LaunchError, Question too."""
    found = hosts.check(session.file, name)
    _reached(session, name)
    return found


def knock(session: Session, name: str) -> None:
    """Connect to a machine at once, however soon it is to be tried again. Raises LaunchError."""
    params = session.draft()
    place = Search(history_paths(params), params.backends).launcher.place(BACKEND)
    if place.contact(name).state != "connected":
        place.disconnect(name)  # which forgets how long to wait
    hosts.knock(session.file, name)
    _reached(session, name)


def add(session: Session, name: str, table: dict[str, Any], *, unseen: bool) -> list[Finding]:
    """Connect to a machine unless it may be `unseen`, write it down, and return what it has.

    Raises EditError, ParamsError, LaunchError, Question too: then nothing is written.
    """
    found = [] if unseen else hosts.check(session.file, name, table)
    hosts.add(session.file, name, table)
    session.find()
    return found


def forget(session: Session, name: str) -> int:
    """Take a machine out of the parameter file; return how many trials go elsewhere."""
    count = hosts.forget(session.file, name)
    session.find()
    return count


def _reached(session: Session, name: str) -> None:
    """Have what waits for a machine go on."""
    if (search := session.find()) is not None:
        search.answered(name)


# -- a machine to be added ------------------------------------------------------------------


def table_of(address: str, cores: int, more: str = "") -> dict[str, Any]:
    """Return a machine's table; `more` is such as "jump=bastion key=~/.ssh/id_gpu".

    Raises ValueError for what makes no sense.
    """
    table: dict[str, Any] = {"address": address.strip()} if address.strip() else {}
    for word in shlex.split(more):
        key, sign, value = word.partition("=")
        if not (key and sign and value):
            raise ValueError(f'"{word}" is not key=value, as in jump=bastion')
        table[key] = int(value) if value.isdecimal() else value
    return {**table, "cores": cores}


def name_of(name: str, address: str) -> str:
    """Return the name of a machine: what was written, or the host in its address."""
    host = address.strip().rpartition("@")[2].partition(":")[0]
    return name.strip() or host.partition(".")[0]


def problem(name: str) -> str:
    """Return what is wrong with a machine's name, "" if nothing is."""
    return host_name_problem(name) if name else "It needs a name or an address."
