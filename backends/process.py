"""Processes of this machine: who they are, whether they live, ending them and all they started.

A pid alone names nobody: it is used again after a while, after a restart, and at the same time on
other machines and in other containers. The start time (in clock ticks since the machine started)
tells it apart; nothing here signals a process whose start time is another. Linux only: `/proc`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

PROC = Path("/proc")
PR_SET_PDEATHSIG = 1  # numbers of prctl(2)
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class ProcessId:
    """One process, for ever: no other on any machine is equal to it.

    `boot` is the kernel's id of the time since the machine started, `namespace` the process-id
    namespace (containers have their own), `start` the start time in clock ticks since the boot.
    """

    host: str
    boot: str
    namespace: str
    pid: int
    start: int


class _Stat(NamedTuple):
    """What /proc/PID/stat says of a process."""

    pid: int
    state: str  # one letter; Z and X have ended
    parent: int
    start: int

    @property
    def lives(self) -> bool:
        return self.state not in "ZXx"


def this_process() -> ProcessId:
    """Return who this process is."""
    here = identify(os.getpid())
    if here is None:
        raise OSError("/proc does not show this process: is it mounted?")
    return here


def identify(pid: int) -> ProcessId | None:
    """Return who has this pid on this machine now; None when nobody alive has."""
    stat = _stat(pid)
    if stat is None or not stat.lives:
        return None
    return ProcessId(os.uname().nodename, *_place(), pid, stat.start)


def alive(process: ProcessId) -> bool | None:
    """Return whether the process lives; None when that cannot be told from here.

    It cannot be told of a process on another machine or in another container. A process from
    before this machine's last start is dead, and so is one that has ended but whose parent has not
    asked for its exit status yet (a zombie).
    """
    boot, namespace = _place()
    if process.boot != boot:
        return False if process.host == os.uname().nodename else None
    if process.namespace != namespace:
        return None
    stat = _stat(process.pid)
    return stat is not None and stat.lives and stat.start == process.start


def send(process: ProcessId, number: int) -> bool:
    """Send a signal to this process and no other; return whether it lived to get it.

    Raises PermissionError when it belongs to another user.
    """
    try:
        with _held(process.pid) as fd:
            if not alive(process):
                return False
            if fd is None:
                os.kill(process.pid, number)
            else:
                signal.pidfd_send_signal(fd, number)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def _held(pid: int) -> Iterator[int | None]:
    """Yield a descriptor that stays with the process that has this pid now.

    Kernels before 5.3 have none (and Pythons built for them lack the call): None. Then a pid that
    is used again in the microseconds between looking and signalling goes unnoticed.
    """
    fd = None
    if hasattr(os, "pidfd_open") and hasattr(signal, "pidfd_send_signal"):
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            raise
        except OSError:
            fd = None
    try:
        yield fd
    finally:
        if fd is not None:
            os.close(fd)


def children(pid: int) -> list[ProcessId]:
    """Return the living processes whose parent is `pid`."""
    return [_identity(stat) for stat in _all() if stat.parent == pid and stat.lives]


def descendants(pid: int, spare: Collection[int] = ()) -> list[ProcessId]:
    """Return all living processes below `pid`, nearest first, whatever session they are in.

    Those with a pid in `spare`, and what is below them, are left out. A process whose parent has
    ended is found only where `pid` is a subreaper (`become_subreaper`).
    """
    below: dict[int, list[_Stat]] = {}
    for stat in _all():
        below.setdefault(stat.parent, []).append(stat)
    found: list[_Stat] = []
    level = [pid]
    while level:
        nearest = [s for parent in level for s in below.get(parent, ()) if s.pid not in spare]
        found += nearest
        level = [stat.pid for stat in nearest]
    return [_identity(stat) for stat in found if stat.lives]


def signal_descendants(pid: int, number: int, spare: Collection[int] = ()) -> int:
    """Send a signal to all that is below `pid` at this moment; return how many got it."""
    return sum(_sent(process, number) for process in descendants(pid, spare))


def kill_descendants(pid: int, spare: Collection[int] = (), patience: float = 5.0) -> bool:
    """Kill all that is below `pid`, also what is being started meanwhile; return whether all died.

    Dead children of the calling process are reaped. `patience` is how many seconds to wait for
    processes that the kernel cannot end yet (in the middle of a read from a share that hangs).
    """
    deadline = time.monotonic() + patience
    while doomed := descendants(pid, spare):
        for process in doomed:
            _sent(process, signal.SIGKILL)
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
        for process in doomed:
            with suppress(ChildProcessError):  # not a child of ours, but of one of ours
                os.waitpid(process.pid, os.WNOHANG)
    return True


def become_subreaper() -> None:
    """Make this process the parent of all its orphaned descendants, so that none gets lost."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """Ask the kernel to send this process a signal when the thread that started it ends.

    It may have ended before this call: compare `os.getppid()` after it.
    """
    _prctl(PR_SET_PDEATHSIG, number)


def _sent(process: ProcessId, number: int) -> bool:
    try:
        return send(process, number)
    except PermissionError:  # a program that runs as another user ends with its own parent
        return False


def _prctl(option: int, value: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")


@cache
def _boot() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def _place() -> tuple[str, str]:
    """Return the boot id and this process's pid namespace, the two that make a pid meaningful."""
    return _boot(), str((PROC / "self/ns/pid").readlink())


def _identity(stat: _Stat) -> ProcessId:
    return ProcessId(os.uname().nodename, *_place(), stat.pid, stat.start)


def _all() -> Iterator[_Stat]:
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))):
            yield stat


def _stat(pid: int) -> _Stat | None:
    try:
        text = (PROC / str(pid) / "stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in brackets; it may hold brackets and spaces itself.
    fields = text.rpartition(b")")[2].split()
    return _Stat(pid, fields[0].decode(), int(fields[1]), int(fields[19]))
