"""What the screen of other machines has done in threads, and its words."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from trialdeck.core import hosts
from trialdeck.core.params.ssh_keys import host_name_problem
from trialdeck.tui.format import clock, plural

if TYPE_CHECKING:
    from trialdeck.backends.base import Contact, Finding
    from trialdeck.core.hosts import Host
    from trialdeck.tui.session import Session


def known(session: Session) -> list[Host]:
    """Return the machines of the parameter file; none is asked. Raises ParamsError."""
    return hosts.hosts(session.file) if session.has_draft else []


def check(session: Session, name: str) -> list[Finding]:
    """Return what a machine has. Raises LaunchError, Question too."""
    return hosts.check(session.file, name)


def add(session: Session, name: str, table: dict[str, Any]) -> list[Finding]:
    """Connect to a machine, write it down, and return what it has."""
    found = hosts.check(session.file, name, table)
    hosts.add(session.file, name, table)
    session.find()
    return found


def forget(session: Session, name: str) -> int:
    """Take a machine out of the parameter file; return how many trials go elsewhere."""
    count = hosts.forget(session.file, name)
    session.find()
    return count


def parsed(text: str) -> tuple[str, dict[str, Any]]:
    """Return the name and the table in a line such as "gpu1 me@10.0.0.7 cores=4"."""
    name, *words = shlex.split(text)
    table: dict[str, Any] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign:
            table["address"] = word
        else:
            table[key] = int(value) if value.isdecimal() else value
    table.setdefault("cores", 1)
    return name, table


def problem(text: str) -> str:
    """Return what is wrong with such a line, "" if nothing is."""
    if not text:
        return ""
    try:
        name, _ = parsed(text)
    except ValueError as error:
        return str(error)
    return host_name_problem(name)


def about(host: Host) -> str:
    """Return what is known of a machine in a line."""
    where = "" if host.address == host.name else f"{host.address}, "
    return f"{plural(host.cores, 'core')}, {where}{state_of(host.contact)}"


def state_of(contact: Contact) -> str:
    """Return the state of the way to a machine in words, with the time of its last word."""
    if contact.state == "connected":
        return "connected"
    if contact.state == "never":
        return "not tried"
    heard = f", last heard {clock(contact.heard)}" if contact.heard else ""
    why = contact.why.splitlines()[0] if contact.why else contact.state
    return f"{why}{heard}"
