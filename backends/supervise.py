"""The parent of one job on this machine: starts it, and records how it ended.

``python -P -m trialdeck.backends.supervise`` reads a `Job` as JSON from its standard input, answers
with one line of JSON (`{"refused": ""}`, or why nothing runs) and stays behind as a process of its
own for as long as anything of the job lives. It writes two files:

`<record>.json`: who the supervisor is and what it runs. Made before the job starts and by `link`,
  complete or not there at all; the first to make it runs the job, so nothing starts twice.
`<record>.end`: how the job ended, ``exit 1``, ``signal 9``, with `` cancelled`` behind it if so.
  A symbolic link whose target is this text: whole at once, and it needs no room on a full disk.

SIGTERM cancels the job: it is told to end, and whatever is left after the grace is killed. The
supervisor is a subreaper, so descendants that called setsid stay below it and are killed too; what
the job leaves behind when it ends by itself goes the same way. If the supervisor is killed, the
kernel kills the job.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from trialdeck.backends.process import (
    become_subreaper,
    die_with_parent,
    signal_descendants,
    this_process,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

CANCEL = {signal.SIGTERM, signal.SIGINT}
AWAITED = CANCEL | {signal.SIGCHLD}


@dataclass(frozen=True, slots=True)
class Job:
    """What to run; `record` is the path of its two files without their endings."""

    argv: list[str]
    folder: str
    log: str
    environment: dict[str, str]  # beside this process's
    record: str
    grace: float  # seconds between being told to end and being killed


class RefusedError(Exception):
    """The job cannot be started; the text says why."""


def main() -> None:
    """Start the job, answer, and stay until all of it has ended."""
    job = Job(**json.load(sys.stdin))
    if os.fork() != 0:
        os._exit(0)  # who asked waits for this process only; the other is its own master
    _settle_in()
    try:
        log = _open_log(job)
        work = _start(job, log)
    except RefusedError as error:
        _answer(str(error))
        return
    _answer("")
    if work is not None:
        os.dup2(log, 1)
        os.dup2(log, 2)
        Path(f"{job.record}.end").symlink_to(Supervisor(work, job.grace).run())


def _settle_in() -> None:
    """Take nothing over from the asking process, neither its input nor its ideas of signals."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    for number in AWAITED | {signal.SIGQUIT}:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the job inherits it: terminals may close
    signal.pthread_sigmask(signal.SIG_SETMASK, AWAITED)
    become_subreaper()


def _open_log(job: Job) -> int:
    with _refusing(f"its log {job.log} cannot be written"):
        Path(job.log).parent.mkdir(parents=True, exist_ok=True)
        return os.open(job.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)


def _start(job: Job, log: int) -> subprocess.Popen[bytes] | None:
    """Start the job once its record is on the disk; None when it was started before."""
    with _refusing(f"its working folder {job.folder} cannot be entered"):
        os.chdir(job.folder)
    with _refusing(f"its record {job.record}.json cannot be written"):
        if not _record(job):
            return None
    try:
        with _refusing(f"{job.argv[0]} cannot be started"):
            return subprocess.Popen(
                job.argv,
                env={**os.environ, **job.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=partial(_before_exec, os.getpid()),  # noqa: PLW1509 - only one thread
            )
    except Exception:
        Path(f"{job.record}.json").unlink()
        raise


def _record(job: Job) -> bool:
    """Write down who runs the job; return whether this process is the first to do so."""
    said = {"process": asdict(this_process()), **asdict(job)}
    del said["environment"]  # it may hold secrets
    Path(job.record).parent.mkdir(parents=True, exist_ok=True)
    draft = Path(f"{job.record}.{os.getpid()}.tmp")
    try:
        with draft.open("w") as file:
            json.dump(said, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        return _linked(draft, Path(f"{job.record}.json"))
    finally:
        draft.unlink(missing_ok=True)


def _linked(draft: Path, final: Path) -> bool:
    try:
        final.hardlink_to(draft)
    except FileExistsError:
        return False
    return True


def _before_exec(supervisor: int) -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    die_with_parent()
    if os.getppid() != supervisor:
        os._exit(1)  # it died before the line above


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RefusedError(f"{what}: {error.strerror}") from error


def _answer(refused: str) -> None:
    with suppress(OSError):  # who asked has gone: the record tells
        os.write(1, json.dumps({"refused": refused}).encode() + b"\n")


class Supervisor:
    """Waits for the job and all that it started, and carries out a cancellation."""

    def __init__(self, work: subprocess.Popen[bytes], grace: float) -> None:
        self.work = work
        self.grace = grace
        self.cancelled = False
        self.deadline = math.inf  # when what is left is killed, on the monotonic clock

    def run(self) -> str:
        """Return how the job ended, once nothing of it is left."""
        while self._reap():
            if time.monotonic() >= self.deadline:
                signal_descendants(os.getpid(), signal.SIGKILL)
            if self._next_signal() in CANCEL:
                self._cancel()
        code = self.work.returncode
        end = f"exit {code}" if code >= 0 else f"signal {-code}"
        return f"{end} cancelled" if self.cancelled else end

    def _reap(self) -> bool:
        """Take the exit statuses that are there; return whether anything is left."""
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0] != 0:
                if ended[0] == self.work.pid:
                    self.work.returncode = os.waitstatus_to_exitcode(ended[1])
                    signal_descendants(os.getpid(), signal.SIGTERM)
                    self._count_down()
            return True
        return False

    def _next_signal(self) -> int | None:
        if self.deadline == math.inf:
            return signal.sigwait(AWAITED)
        left = max(0.1, self.deadline - time.monotonic())  # 0.1 s: between two rounds of killing
        received = signal.sigtimedwait(AWAITED, left)
        return received.si_signo if received else None

    def _cancel(self) -> None:
        self._reap()  # a job that has just ended by itself was not cancelled
        if not self.cancelled and self.work.returncode is None:
            self.cancelled = True
            with suppress(PermissionError):  # it runs as another user: the grace is all it gets
                os.kill(self.work.pid, signal.SIGTERM)  # not reaped yet: the pid is still its own
                os.kill(self.work.pid, signal.SIGCONT)
            self._count_down()

    def _count_down(self) -> None:
        self.deadline = min(self.deadline, time.monotonic() + self.grace)


if __name__ == "__main__":
    main()
