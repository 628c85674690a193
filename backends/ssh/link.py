"""The ways to hosts, one each for the whole process: who is connected, since when, and who is not.

A way that cannot be gone is tried again after a pause that doubles up to a minute.
"""

from __future__ import annotations

import os
import random
import threading
import time
from typing import TYPE_CHECKING

from trialdeck.backends.base import Contact, LaunchError, NoAnswer, Question
from trialdeck.backends.ssh import client as clients
from trialdeck.backends.ssh.config import route_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trialdeck.backends.ssh.client import Client
    from trialdeck.backends.ssh.connection import Connection
    from trialdeck.backends.ssh.hosts import HostSettings

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
JITTER = 0.2  # so that many that were cut off together do not come back together


class Link:
    """The way to one host. For several threads at once; connecting is done by one of them."""

    def __init__(self, host: HostSettings, hosts: Mapping[str, HostSettings]) -> None:
        self.host = host
        self.hosts = hosts
        self._lock = threading.Lock()  # held while a connection is made
        self._client: Client | None = None
        self._connection: Connection | None = None
        self._heard: float | None = None
        self._failures = 0
        self._retry_at = 0.0  # in seconds since 1970
        self._problem: LaunchError | None = None
        self._connecting = False

    def client(self) -> Client:
        """Return who answers for the host, connecting first if need be.

        Raises LaunchError: at once when it has been tried a moment ago.
        """
        client = self._client
        if client is not None and not client.broken:
            return client
        with self._lock:
            if self._client is not None and not self._client.broken:
                return self._client
            self._note_break()
            if self._problem is not None and time.time() < self._retry_at:
                raise self._problem
            return self._connect()

    def now(self) -> None:
        """Let the next one who asks try at once."""
        self._retry_at = 0.0
        self._failures = 0

    def close(self) -> None:
        """Let go of the host."""
        with self._lock:
            self._drop()
            self._problem, self._retry_at, self._failures = None, 0.0, 0

    def contact(self) -> Contact:
        """Return what is known of the way, at once."""
        client = self._client
        heard = client.heard if client is not None else self._heard
        if self._connecting:
            return Contact("connecting", heard=heard)
        if client is not None and not client.broken:
            return Contact("connected", heard=heard)
        if client is not None:
            return Contact("cut", client.broken, heard, time.time())
        if self._problem is None:
            return Contact("never", heard=heard)
        if isinstance(self._problem, NoAnswer):
            return Contact("cut", str(self._problem), heard, self._retry_at)
        why = str(self._problem).splitlines()[0]
        return Contact("refused", why, heard, self._retry_at)

    # -- with the lock ----------------------------------------------------------------------

    def _connect(self) -> Client:
        from trialdeck.backends.ssh.connection import connect

        self._connecting = True
        try:
            self._connection = connect(route_of(self.host, self.hosts))
            stream = self._connection.open(clients.COMMAND)
            self._client = clients.talk_to(self.host.name, stream, self.host.python)
        except LaunchError as error:
            self._drop()
            self._fail(error)
            raise self._problem or error from None
        finally:
            self._connecting = False
        self._problem, self._failures = None, 0
        return self._client

    def _fail(self, error: LaunchError) -> None:
        if isinstance(error, Question):
            error = self._watched(error)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**self._failures)
        self._failures = min(self._failures + 1, 10)
        spread = 1 + JITTER * random.uniform(-1, 1)  # noqa: S311 - nothing secret about it
        self._problem, self._retry_at = error, time.time() + pause * spread
        if isinstance(error, Question):
            self._retry_at = time.time() + 10 * LONGEST_PAUSE  # it waits for the user

    def _watched(self, question: Question) -> Question:
        """Return the question with an answer that has the host tried again."""

        def answer(said: str) -> None:
            question.answer(said)
            self.now()

        return Question(question.text, answer, secret=question.secret, yes_no=question.yes_no)

    def _note_break(self) -> None:
        """Take leave of a conversation that has broken off."""
        if self._client is not None:
            self._problem = NoAnswer(self._client.broken)
            self._drop()

    def _drop(self) -> None:
        if self._client is not None:
            self._heard = self._client.heard
            self._client.close()
        if self._connection is not None:
            self._connection.close()
        self._client = self._connection = None


_links: dict[tuple[object, ...], Link] = {}
_links_lock = threading.Lock()
_process = os.getpid()


def link_to(host: HostSettings, hosts: Mapping[str, HostSettings]) -> Link:
    """Return this process's way to a host with these settings."""
    global _process  # noqa: PLW0603 - a forked process has to have its own
    key = tuple(_way(host, hosts))
    with _links_lock:
        if _process != os.getpid():
            _links.clear()
            _process = os.getpid()
        if key not in _links:
            _links[key] = Link(host, hosts)
        return _links[key]


def _way(host: HostSettings, hosts: Mapping[str, HostSettings]) -> list[str]:
    """Return what the way to a host depends on: its settings and those of the hosts it is over."""
    found: dict[str, str] = {}
    waiting = [host]
    while waiting:
        one = waiting.pop()
        if one.name not in found:
            found[one.name] = _identity(one)
            waiting += [hosts[name] for name in one.jump.split(",") if name in hosts]
    return list(found.values())


def _identity(host: HostSettings) -> str:
    """Return what two settings have in common that lead to the same place in the same way."""
    return repr((host.name, host.address, host.user, host.port, host.key, host.jump, host.python))


def close_all() -> None:
    """Let go of all hosts."""
    with _links_lock:
        links = list(_links.values())
        _links.clear()
    for link in links:
        link.close()
