"""What the screens of other machines have done in threads, and their words."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, NamedTuple

from trialdeck.core import hosts
from trialdeck.core.params.ssh_keys import host_name_problem
from trialdeck.tui.format import clock, one_line, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.backends.base import Contact, Finding
    from trialdeck.core.hosts import Host
    from trialdeck.core.links import SiteRow
    from trialdeck.tui.session import Session

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
    place = hosts.place(session.file)
    if place.contact(name).state != "connected":
        place.disconnect(name)  # which forgets how long to wait
    hosts.knock(session.file, name)
    _reached(session, name)


def add(session: Session, name: str, table: dict[str, Any], *, unseen: bool) -> list[Finding]:
    """Connect to a machine unless it may be `unseen`, write it down, and return what it has.

    Raises EditError, ParamsError, LaunchError, Question too: then nothing is written.
    """
    hosts.add(session.file, name, table, dry=True)
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


# -- words ----------------------------------------------------------------------------------


class Stands(NamedTuple):
    """How the way to a machine stands: the name of a glyph, and a word."""

    sign: str
    word: str


_STATES = {
    "never": Stands("none", "not tried"),
    "connecting": Stands("interrupted", "connecting"),
    "connected": Stands("ok", "connected"),
    "cut": Stands("warning", "cut off"),
    "refused": Stands("failed", "refused"),
}


def stands(contact: Contact, row: SiteRow | None = None) -> Stands:
    """Return how the way to a machine stands."""
    if row is not None and row.question is not None:
        return Stands("warning", "asks")
    return _STATES[contact.state]


def state_of(contact: Contact) -> str:
    """Return the state of the way to a machine in words, with the time of its last word."""
    if contact.state in ("connected", "never"):
        return stands(contact).word
    heard = f", last heard {clock(contact.heard)}" if contact.heard else ""
    return f"{_why(contact) or stands(contact).word}{heard}"


def is_away(row: SiteRow) -> bool:
    """Whether nothing comes from a machine at present."""
    return bool(row.trouble) or row.contact.state in ("cut", "refused")


def away(row: SiteRow) -> str:
    """Return why nothing comes from a machine, since when, and what goes on there."""
    since = f" since {clock(row.contact.heard)}" if row.contact.heard else ""
    why = one_line((row.trouble or row.contact.why).partition("\n")[0]).rstrip(".")
    parts = [f"{row.name} cannot be reached{since}{_works_on(row)}."]
    if why and why != f"{row.name} cannot be reached":
        parts.append(f"{why[:1].upper()}{why[1:]}.")
    if row.contact.retry_at and row.question is None:
        parts.append(f"It is tried again at {clock(row.contact.retry_at)}.")
    return " ".join(parts)


def asks(row: SiteRow) -> str:
    """Return what a machine wants to know, in a line."""
    text = row.question.text if row.question is not None else row.trouble
    first = next(filter(None, map(one_line, text.splitlines())), "")
    return f"{row.name} asks: {first}"


def works_on(rows: Sequence[SiteRow]) -> list[str]:
    """Return what goes on at machines without anybody connected, a sentence each."""
    return [
        f"{row.name} works on: {plural(row.cores, 'core')}, {in_advance(row)}."
        for row in rows
        if row.cores
    ]


def in_advance(row: SiteRow) -> str:
    """Return how many trials a machine can begin when nobody is connected."""
    return f"{plural(row.ahead, 'trial')} in advance" if row.ahead else "no more trials in advance"


def _works_on(row: SiteRow) -> str:
    return f"; it works on, with {in_advance(row)}" if row.cores else ""


def _why(contact: Contact) -> str:
    return one_line(contact.why.partition("\n")[0])


def sayings(host: Host, row: SiteRow | None) -> list[str]:
    """Return what there is to say about a machine, besides what stands in the table."""
    contact = host.contact
    texts = []
    if row is not None and row.cores:
        begun = f"{plural(row.cores, 'core')} of it run trials, as far as is known"
        texts.append(f"{begun}; {in_advance(row)}.")
    if row is not None and row.question is not None:
        texts.append(f"{asks(row)} (enter answers)")
    elif contact.state in ("cut", "refused"):
        again = f" It is tried again at {clock(contact.retry_at)}." if contact.retry_at else ""
        texts.append(f"{_why(contact).rstrip('.') or stands(contact).word}.{again}")
    return texts


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
