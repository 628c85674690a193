"""An agent on this machine, for tests that need no other one."""

from __future__ import annotations

import os
import select
import subprocess
from typing import TYPE_CHECKING

import pytest

from trialdeck.backends.base import NoAnswer
from trialdeck.backends.ssh.client import Client, talk_to

if TYPE_CHECKING:
    from collections.abc import Iterator


class Pipes:
    """A process of this machine as a `Stream`."""

    def __init__(self, *argv: str) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe)

    def send(self, data: bytes) -> None:
        try:
            os.write(self.process.stdin.fileno(), data)
        except OSError as error:
            raise NoAnswer(str(error)) from None

    def receive(self, timeout: float) -> bytes:
        out = self.process.stdout.fileno()
        if not select.select([out], [], [], timeout)[0]:
            raise TimeoutError
        return os.read(out, 65536)

    def errors(self) -> bytes:
        return b""

    def close(self) -> None:
        self.process.stdin.close()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdout, self.process.stderr):
            pipe.close()


@pytest.fixture
def pipes() -> Iterator[Pipes]:
    pipes = Pipes("/bin/sh", "-s")
    yield pipes
    pipes.end()


def let_go(client: Client) -> None:
    """Close a conversation, so that nobody reads from a pipe that has the same number later."""
    client.close()
    client._thread.join(10)


@pytest.fixture
def client(pipes: Pipes) -> Iterator[Client]:
    client = talk_to("here", pipes, "python3")
    yield client
    let_go(client)
