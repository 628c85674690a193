"""How other machines stand, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trialdeck.tui.format import clock, one_line, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trialdeck.backends.base import Contact
    from trialdeck.core.hosts import Host
    from trialdeck.core.links import SiteRow


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
    said = one_line((row.trouble or row.contact.why).partition("\n")[0]).rstrip(".")
    said = said.removeprefix(row.name).removeprefix(" cannot be reached").lstrip(": ")
    why = f" ({said})" if said else ""
    retry = row.contact.retry_at if row.question is None else None
    again = f" It is tried again at {clock(retry)}." if retry else ""
    return f"{row.name} cannot be reached{since}{why}{_works_on(row)}.{again}"


def asks(row: SiteRow) -> str:
    """Return what a machine wants to know, in a line."""
    text = row.question.text if row.question is not None else row.trouble
    first = next(filter(None, map(one_line, text.splitlines())), "")
    return f"{row.name} asks: {first.rstrip(':')}"


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
