"""This machine: every pool is a process of its own that closing the terminal does not end."""

from __future__ import annotations

import json
import math
import os
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trialdeck.backends.base import (
    BACKEND_VARIABLE,
    JOB_VARIABLE,
    Handle,
    JobSpec,
    LaunchError,
    SingleJobs,
    State,
    Status,
)
from trialdeck.backends.process import ProcessId, alive, send, this_process

if TYPE_CHECKING:
    from collections.abc import Sequence

ANSWER_SECONDS = 60.0  # how long starting a process may take on a machine that is very busy
TAIL_BYTES = 4096


class DamagedError(LaunchError):
    """A job's record that makes no sense."""


@dataclass(frozen=True, slots=True)
class _Record:
    """What is known of a job: who watches over it, and where its output goes."""

    process: ProcessId
    log: Path


class LocalBackend(SingleJobs):
    """Starts pools on this machine; a handle's job is the name of its `JobSpec`.

    The folder `state` holds two files a job, written by the process that watches over it (see
    `supervise`). `grace` is how many seconds a cancelled job has before it is killed.
    """

    name = "local"

    def __init__(self, state: Path, *, grace: float = 10.0) -> None:
        if isinstance(grace, bool) or not isinstance(grace, int | float):
            raise LaunchError(f"backends.local.grace is {grace!r}: it must be a number of seconds")
        if not 0 <= grace < math.inf:
            raise LaunchError(f"backends.local.grace is {grace}: it must be 0 seconds or more")
        self.state = state.absolute()
        self.grace = grace

    def preview(self, spec: JobSpec) -> str:
        """Return the command line that `submit` runs, for a shell."""
        variables = [f"{key}={shlex.quote(value)} " for key, value in spec.environment.items()]
        command = shlex.join(spec.command(spec.cores))
        return (
            f"cd {shlex.quote(str(spec.folder.absolute()))} && {''.join(variables)}setsid "
            f"{command} </dev/null >>{shlex.quote(str(spec.log.absolute()))} 2>&1 &"
        )

    def warnings(self, spec: JobSpec) -> list[str]:
        """Say when this is a cluster's login node, or when there are more cores than CPUs."""
        found = []
        if shutil.which("sbatch") and "SLURM_JOB_ID" not in os.environ:
            found.append(
                "This looks like the login node of a Slurm cluster (sbatch is here, but this is "
                "not a job): heavy work here slows others down and may be ended. Start it inside "
                "an allocation (salloc) instead."
            )
        cpus = len(os.sched_getaffinity(0))
        if spec.cores > cpus:
            found.append(
                f"{spec.cores} cores share {cpus} {'CPU' if cpus == 1 else 'CPUs'}: "
                f"each trial takes longer."
            )
        return found

    def submit(self, spec: JobSpec) -> Handle:
        """Start the job in a session of its own. Raises LaunchError when it cannot be started."""
        handle = Handle(self.name, spec.name)
        if not self._started(spec.name) and (refused := self._ask_supervisor(spec, handle)):
            raise LaunchError(f"the job {spec.name} was not started: {refused}")
        return handle

    def poll(self, handles: Sequence[Handle]) -> dict[Handle, Status]:
        """Return what the job's files and the process table say."""
        return {handle: self._status(handle.job) for handle in handles}

    def cancel(self, handles: Sequence[Handle]) -> None:
        """Have the jobs end; those that take longer than the grace are killed."""
        problems = [problem for handle in handles if (problem := self._cancel(handle.job))]
        if problems:
            raise LaunchError("; ".join(problems))

    # -- starting ---------------------------------------------------------------------------

    def _ask_supervisor(self, spec: JobSpec, handle: Handle) -> str:
        """Start the process that runs and watches the job; return why it refused, or ""."""
        job = {
            "argv": list(spec.command(spec.cores)),
            "folder": str(spec.folder.absolute()),
            "log": str(spec.log.absolute()),
            "environment": {
                **spec.environment,
                BACKEND_VARIABLE: handle.backend,
                JOB_VARIABLE: handle.job,
            },
            "record": str(self.state / spec.name),
            "grace": self.grace,
        }
        command = [sys.executable, "-P", "-m", "trialdeck.backends.supervise"]
        try:
            done = subprocess.run(
                command,
                input=json.dumps(job).encode(),
                capture_output=True,
                timeout=ANSWER_SECONDS,
                start_new_session=True,
                check=False,
            )
        except OSError as error:
            return f"{sys.executable} cannot be run: {error.strerror}"
        except subprocess.TimeoutExpired:
            return (
                f"there was no answer within {ANSWER_SECONDS:.0f} s (is the disk of {self.state} "
                f"there?); starting it again is safe, it never runs twice"
            )
        if not done.stdout:
            return _last_line(done.stderr) or f"exit status {done.returncode} without a word"
        return str(json.loads(done.stdout)["refused"])

    # -- what became of it ------------------------------------------------------------------

    def _status(self, job: str) -> Status:
        try:
            record = self._record(job)
        except DamagedError as error:
            return Status(State.UNKNOWN, str(error))
        if record is None:
            return Status(State.VANISHED, f"nothing in {self.state} tells of it")
        lives = alive(record.process)  # first this: what has ended has said how
        if end := self._end(job):
            return ended(end, str(record.log), _tail(record.log))
        return unfinished(record.process, this_process().boot, lives=lives)

    def _cancel(self, job: str) -> str:
        """Tell the job's supervisor to end it; return what is in the way, or ""."""
        try:
            record = self._record(job)
            if record is None or self._end(job):
                return ""
            if alive(record.process) is None:
                return f"{job} runs on {record.process.host}: cancel it there"
            if send(record.process, signal.SIGTERM):
                send(record.process, signal.SIGCONT)
        except DamagedError as error:
            return str(error)
        except PermissionError:
            return f"{job} belongs to another user"
        return ""

    def _started(self, job: str) -> bool:
        return (self.state / f"{job}.json").exists()

    def _record(self, job: str) -> _Record | None:
        """Return what was noted when the job was started; None when it was not."""
        path = self.state / f"{job}.json"
        try:
            said = json.loads(path.read_bytes())
            return _Record(ProcessId(**said["process"]), Path(said["log"]))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise LaunchError(f"{path} cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedError(f"{path} is damaged ({error!r})") from error

    def _end(self, job: str) -> str:
        """Return how the job ended, as `supervise` puts it, or ""."""
        path = self.state / f"{job}.end"
        try:
            return str(path.readlink())
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise LaunchError(f"{path} cannot be read: {error.strerror}") from error


def unfinished(supervisor: ProcessId, boot: str, *, lives: bool | None) -> Status:
    """Return what it means that a job's end is not known, on a machine that was started as `boot`.

    `lives` says whether the process lives that watches over it, as far as that is known.
    """
    if lives is None:
        return Status(State.UNKNOWN, f"it was started on {supervisor.host}: only seen from there")
    if lives:
        return Status(State.RUNNING)
    if supervisor.boot != boot:
        return Status(State.VANISHED, "the machine was restarted")
    return Status(State.FAILED, "killed, together with the process that watched over it")


def ended(end: str, log: str, tail: bytes) -> Status:
    """Put into a status what `<job>.end` says; `tail` is the end of what the job has written."""
    how, number, *cancelled = end.split()
    if cancelled:
        return Status(State.ENDED, "cancelled", taken=True)
    if (how, number) == ("exit", "0"):
        return Status(State.ENDED)
    text = f"exit status {number}" if how == "exit" else f"killed by {_signal_name(int(number))}"
    said = _last_line(tail)
    return Status(
        State.FAILED, f"{text}; {log} ends with: {said}" if said else f"{text}; see {log}"
    )


def _tail(log: Path) -> bytes:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            return file.read()
    except OSError:
        return b""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def _last_line(output: bytes) -> str:
    """Return the last line that says something, without what would upset a terminal."""
    lines = output.decode(errors="replace").split("\n")
    shown = ("".join(c for c in line if c.isprintable()).strip() for line in reversed(lines))
    return next(filter(None, shown), "")
