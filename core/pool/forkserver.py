"""The process that cores are forked from, with the heavy libraries loaded once.

Importing torch takes seconds and hundreds of megabytes; a fork of a process that has it takes a
twentieth of a second and shares the memory. Only libraries are loaded here, never user code.
"""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import traceback
from contextlib import suppress

import msgspec

from trialdeck.core.pool.guard import guard
from trialdeck.core.pool.messages import Setup

MESSAGE_LIMIT = 1 << 20


def preload(names: list[str]) -> None:
    """Import what can be imported; the objective's own import says what is missing."""
    for name in names:
        with suppress(ImportError):
            importlib.import_module(name)


def serve(requests: socket.socket) -> None:
    """Fork one guard per request until the pool hangs up."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the guards
    while True:
        request, fds, _, _ = socket.recv_fds(requests, MESSAGE_LIMIT, 2)
        if not request:
            return
        for fd in fds:
            os.set_inheritable(fd, False)  # noqa: FBT003 - not for programs that are started
        setup = msgspec.json.decode(request, type=Setup)
        if os.fork() == 0:
            requests.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                guard(fds[0], fds[1], setup)
            except BaseException:  # noqa: BLE001 - printed; a fork must never return into the server
                traceback.print_exc()
            finally:
                os._exit(1)
        for fd in fds:
            os.close(fd)


def main() -> None:
    """Serve on the socket whose number is the first argument; preload the rest."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    preload(sys.argv[2:])
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        serve(requests)


if __name__ == "__main__":
    main()
