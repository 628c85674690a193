"""The pool's side of one core: its two connections, what it runs, and how it ended."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import msgspec

from trialdeck.backends.process import kill_descendants
from trialdeck.core.pool import messages
from trialdeck.core.pool.messages import Ended, Hello, Run, Setup, StopTrial, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class ForkServer:
    """Starts the process that cores are forked from, anew when it has died."""

    def __init__(self, preload: Sequence[str], threads: int) -> None:
        self.preload = tuple(preload)
        self.threads = threads
        self.process: subprocess.Popen[bytes] | None = None
        self.socket: socket.socket | None = None

    def fork(self, setup: Setup, control: socket.socket, data: socket.socket) -> None:
        """Ask for one more core that holds the other ends of these connections."""
        fds = [control.fileno(), data.fileno()]
        for _ in range(2):
            try:
                socket.send_fds(self._running(), [messages.encode(setup)], fds)
            except (BrokenPipeError, ConnectionError):
                self.close()
            else:
                return

    def _running(self) -> socket.socket:
        if self.socket is None or self.process is None or self.process.poll() is not None:
            self.close()
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            module = "trialdeck.core.pool.forkserver"
            number = str(theirs.fileno())
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, number, *self.preload],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**os.environ, **thread_limits(self.threads)},
            )
            theirs.close()
            self.socket = ours
        return self.socket

    @property
    def pid(self) -> int | None:
        """The process id, None while it is not running."""
        return self.process.pid if self.process and self.process.poll() is None else None

    def close(self) -> None:
        """End it; cores that were forked from it live on."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None
        if self.process is not None:
            # It may be in the middle of an import, where it does not look at its socket.
            self.process.kill()
            self.process.wait()
            self.process = None


def thread_limits(threads: int) -> dict[str, str]:
    """Return the variables by which numerical libraries learn how many threads to use."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return dict.fromkeys(names, str(threads))


@dataclass(frozen=True, slots=True)
class Gone:
    """A core has ended: `status` as of waitstatus_to_exitcode, None when even its guard is gone."""

    status: int | None
    out_of_memory: bool = False


class Core:
    """One core: at most one trial at a time."""

    def __init__(self, index: int, setup: Setup, server: ForkServer) -> None:
        self.index = index
        self.setup = setup
        self.pid: int | None = None
        self.ready = False
        self.run: Run | None = None
        control, their_control = socket.socketpair()
        data, their_data = socket.socketpair()
        self.control = Connection(control.detach())
        self.data = Connection(data.detach())
        server.fork(setup, their_control, their_data)
        their_control.close()
        their_data.close()

    def fileno_pair(self) -> tuple[int, int]:
        """Return the descriptors to wait on."""
        return self.control.fileno(), self.data.fileno()

    def start(self, run: Run) -> None:
        """Begin a trial."""
        self.run = run
        with suppress(OSError):  # it has just died; its guard says so in a moment
            self.data.send_bytes(messages.encode(run))

    def ask_to_stop(self) -> None:
        """Tell the objective to end soon."""
        with suppress(OSError):
            self.data.send_bytes(messages.encode(StopTrial()))

    def answer(self, verdict: Verdict) -> None:
        """Say what becomes of the running trial."""
        with suppress(OSError):
            self.data.send_bytes(messages.encode(verdict))

    def receive(self) -> Iterator[messages.FromCore | Gone]:
        """Yield what has arrived, without waiting; `Gone` comes last and once."""
        # Asked before the data is read: what the core said before it ended is then all there.
        ended = self._ended()
        with suppress(EOFError, OSError, msgspec.DecodeError):
            while _readable(self.data):
                yield messages.from_core(self.data.recv_bytes())
        if ended is not None:
            self.close()
            yield ended

    def _ended(self) -> Gone | None:
        try:
            while _readable(self.control):
                message = messages.from_guard(self.control.recv_bytes())
                if isinstance(message, Hello):
                    self.pid = message.pid
                elif isinstance(message, Ended):
                    return Gone(message.status, message.out_of_memory)
        except (EOFError, OSError, msgspec.DecodeError):
            return Gone(None)
        return None

    def close(self) -> None:
        """Hang up: the guard then kills whatever still runs."""
        self.control.close()
        self.data.close()


def _readable(connection: Connection) -> bool:
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def describe_end(gone: Gone) -> tuple[str, str]:
    """Return cause and text for a trial whose process has ended under it."""
    if gone.out_of_memory:
        return "out_of_memory", "the kernel ended the process for want of memory"
    if gone.status is None:
        return "killed", "the core was killed from outside"
    if gone.status >= 0:
        return "error", f"the objective ended its process (exit code {gone.status})"
    name = signal.Signals(-gone.status).name if -gone.status in _SIGNALS else f"{-gone.status}"
    if -gone.status in _CRASHES:
        return "error", f"the objective crashed the process ({name}); the log has where"
    return "killed", f"the process was killed from outside ({name})"


_SIGNALS = {s.value for s in signal.Signals}
_CRASHES = {
    signal.SIGSEGV,
    signal.SIGABRT,
    signal.SIGBUS,
    signal.SIGILL,
    signal.SIGFPE,
    signal.SIGSYS,
    signal.SIGTRAP,
}


def kill_strays(known: set[int]) -> None:
    """Kill children of this process that nobody watches over any more.

    The pool is a subreaper: what a killed guard leaves behind becomes its child.
    """
    kill_descendants(os.getpid(), spare=known, patience=1.0)
