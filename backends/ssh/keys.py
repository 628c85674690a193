"""The user's keys: which of them are tried, in which order, and those that need a passphrase.

A passphrase is asked for when no other key opens the door. What stays in memory is the opened key;
the passphrase is written nowhere and forgotten at once.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from trialdeck.backends.base import LaunchError, Question

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trialdeck.backends.ssh.config import Route

MOST = 5  # keys that are offered: servers end a connection after six tries

_opened: dict[str, Any] = {}  # keys with a passphrase, by their files
_lock = threading.Lock()


class Offer(NamedTuple):
    """A key to be offered, and what it is called."""

    name: str
    key: Any  # paramiko.PKey


class Wallet(NamedTuple):
    """What there is for a route: keys to offer, and files that need a passphrase first."""

    offers: list[Offer]
    locked: list[Path]
    troubles: list[str]


def wallet_for(route: Route) -> Wallet:
    """Return the keys for a route, the files of its configuration first."""
    offers: list[Offer] = []
    locked: list[Path] = []
    troubles: list[str] = []
    in_agent = list(_agent_keys(route))
    for file in dict.fromkeys(route.identities):
        if not file.is_file():
            continue
        public = _public_blob(file)
        by_agent = next((o for o in in_agent if public and o.key.asbytes() == public), None)
        if by_agent is not None:
            offers.append(by_agent)
            continue
        try:
            offers.append(Offer(str(file), _load(file)))
        except _Locked:
            locked.append(file)
        except LaunchError as error:
            troubles.append(str(error))
    if not route.identities_only:
        offers += [offer for offer in in_agent if offer not in offers]
    return Wallet(offers[:MOST], locked, troubles)


def passphrase_question(route: Route, file: Path, *, wrong: bool = False) -> Question:
    """Return the question for the passphrase of a key file."""

    def answer(said: str) -> None:
        from paramiko import SSHException

        try:
            key = _read(file, said)
        except (SSHException, ValueError):
            raise passphrase_question(route, file, wrong=True) from None
        with _lock:
            _opened[str(file)] = key

    again = "That was not it. " if wrong else ""
    return Question(
        f"{again}{route.name} ({route}) needs the key {file}: its passphrase?", answer, secret=True
    )


def forget_opened() -> None:
    """Close all keys that were opened with a passphrase."""
    with _lock:
        _opened.clear()


class _Locked(Exception):
    """A key file that needs a passphrase."""


def _load(file: Path) -> Any:
    from paramiko import PasswordRequiredException, SSHException

    with _lock:
        if (known := _opened.get(str(file))) is not None:
            return known
    try:
        return _read(file, None)
    except PasswordRequiredException:
        raise _Locked from None
    except TypeError:  # cryptography says so of some formats
        raise _Locked from None
    except (SSHException, ValueError, OSError) as error:
        raise LaunchError(f"the key {file} cannot be read: {error}") from None


def _read(file: Path, passphrase: str | None) -> Any:
    from paramiko import PKey

    try:
        return PKey.from_path(file, passphrase.encode() if passphrase is not None else None)
    except TypeError as error:
        if passphrase is None:
            raise
        raise ValueError(str(error)) from None


def _public_blob(file: Path) -> bytes:
    """Return the public half of a key from the file beside it, b"" if there is none."""
    import base64

    with suppress(OSError, ValueError, IndexError):
        words = file.with_name(f"{file.name}.pub").read_text().split()
        return base64.b64decode(words[1], validate=True)
    return b""


def _agent_keys(route: Route) -> Iterator[Offer]:
    """Yield the keys of the agent, which never leave it."""
    if not route.agent:
        return
    from paramiko import SSHException
    from paramiko.agent import AgentKey, AgentSSH

    agent = AgentSSH()
    try:
        import socket

        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(5.0)
        connection.connect(route.agent)
        agent._connect(connection)  # noqa: SLF001 - the public class knows only one socket's path
        keys: tuple[AgentKey, ...] = agent.get_keys()
    except (OSError, SSHException):
        return
    for key in keys:
        yield Offer(f"the agent's {getattr(key, 'comment', '') or key.get_name()}", key)
