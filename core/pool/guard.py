"""The process that watches over one training process, and ends all that it started.

The guard runs no user code, so it can obey when the training process cannot: hanging in C code,
out of memory, or dead with children of its own left behind. It is a session leader and a
subreaper: every descendant stays below it, also those that called setsid. When the pool's end of
its connection closes, it kills the lot: a killed pool leaves no orphan on a GPU.
"""

from __future__ import annotations

import os
import select
import signal
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from trialdeck.backends.process import become_subreaper, die_with_parent, kill_descendants
from trialdeck.core.pool import messages
from trialdeck.core.pool.messages import Ended, Hello, Setup

if TYPE_CHECKING:
    from types import FrameType


def guard(control_fd: int, data_fd: int, setup: Setup) -> None:
    """Fork the training process and watch it until it ends or the pool says so. Never returns."""
    control = Connection(control_fd)
    _settle_in(setup)
    oom_before = _oom_kills()
    parent = os.getpid()
    trainer = os.fork()
    if trainer == 0:
        control.close()
        _become_trainer(data_fd, setup, parent)
    os.close(data_fd)
    with suppress(OSError):  # the pool is gone: the watch below sees it too
        control.send_bytes(messages.encode(Hello(pid=parent)))
        status = _watch(control, trainer)
        if status is not None:
            oom = status == -signal.SIGKILL and _oom_kills() > oom_before
            control.send_bytes(messages.encode(Ended(status=status, out_of_memory=oom)))
    kill_descendants(os.getpid())
    os._exit(0)


def _settle_in(setup: Setup) -> None:
    os.setsid()
    become_subreaper()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # A handler, not SIG_IGN: programs that the objective starts get the default back.
        signal.signal(number, _ignore)
    os.register_at_fork(after_in_child=_forget_signals)
    fd = _open_log(Path(setup.log))
    os.dup2(fd, 1)
    os.dup2(fd, 2)
    os.close(fd)


def _open_log(log: Path) -> int:
    """Open the file for all output; a disk without room for it loses output, no trial."""
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Only the pool handles signals."""


def _forget_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _become_trainer(data_fd: int, setup: Setup, guard_pid: int) -> None:
    """Run the training process. Never returns."""
    from trialdeck.core.pool.trainer import Trainer

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _ignore)
    die_with_parent()
    if os.getppid() != guard_pid:
        os._exit(1)  # the guard died before the line above
    connection = Connection(data_fd)
    os.register_at_fork(after_in_child=connection.close)
    try:
        Trainer(connection, setup).main()
    except BaseException:  # noqa: BLE001 - a fault of ours; nothing may return from a fork
        traceback.print_exc()
        os._exit(70)
    os._exit(0)


def _watch(control: Connection, trainer: int) -> int | None:
    """Wait for the trainer's end (its exit code, or minus its signal) or the pool's word (None)."""
    poll = select.poll()
    poll.register(control.fileno(), select.POLLIN)
    patience = None
    if hasattr(os, "pidfd_open"):
        poll.register(os.pidfd_open(trainer), select.POLLIN)
    else:  # a Python built for an old kernel, as some conda packages are
        patience = 100  # milliseconds
    while True:
        ready = {number for number, _ in poll.poll(patience)}
        pid, status = os.waitpid(trainer, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        if control.fileno() in ready:
            return None


def _oom_kills() -> int:
    """Return how many processes the kernel has killed for memory in this control group."""
    with suppress(OSError, ValueError, IndexError):
        group = Path("/proc/self/cgroup").read_text().rsplit("::", 1)[1].strip().lstrip("/")
        events = (Path("/sys/fs/cgroup") / group / "memory.events").read_text()
        return sum(int(n) for key, n in map(str.split, events.splitlines()) if key == "oom_kill")
    return 0
