"""The contract between the engine and the places where pools run, in words.

A backend starts pools (one command line each), says what became of them, and ends them. It knows
command lines and files; it knows nothing of trials, spaces or training. What a pool did is told by
the files that the pool writes; a backend is asked only what files cannot tell: queued, refused,
vanished.

`submit` returns once the place has taken the job; the returned handle finds it again from any
process, also after this one has ended. It raises `LaunchError` when the place refused the job, and
then nothing runs. A submit that was repeated after its reply was lost starts nothing twice. The
job finds its own handle in its environment: `TRIALDECK_BACKEND` and `TRIALDECK_JOB`.

`poll` takes any number of handles and asks the place at most once. It never raises for a word that
it does not know, nor for a job that cannot be seen from here (`State.UNKNOWN`: no news, neither
good nor bad). A place that cannot be asked at all is a `LaunchError`, and tells nothing about its
jobs. A job is `RUNNING` until everything that it started has ended.

`cancel` returns once the place has taken the request, which it then carries out by itself: the job
is told to end (SIGTERM), and after a grace it is ended with everything that it started. Such a job
is `ENDED`, "cancelled", in the next `poll` after that. Cancelling a job that has ended, or that is
being cancelled, is not an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


BACKEND_VARIABLE = "TRIALDECK_BACKEND"  # what a job finds in its environment: its handle
JOB_VARIABLE = "TRIALDECK_JOB"


class TrialdeckError(Exception):
    """Something that a user can cause, understand and mend."""


class LaunchError(TrialdeckError):
    """A place that refused a job, or that cannot be asked."""


class State(Enum):
    """What a place says of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    ENDED = "ended"
    FAILED = "failed"  # ended, and the place says that it went wrong
    VANISHED = "vanished"  # the place does not know it (any more)
    UNKNOWN = "unknown"  # it cannot be told from here, or in words that this version knows

    @property
    def final(self) -> bool:
        """Whether the job can never run again."""
        return self in (State.ENDED, State.FAILED, State.VANISHED)


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One pool to start: what to run, where, and what it may use.

    `name` is unique for this launch (a repeated submit is recognised by it) and good for a file's
    name, `argv` the command line, `folder` its working directory, `log` the file that takes its
    output, `cores` how many trials it runs at once, `environment` what is added to the environment.
    """

    name: str
    argv: tuple[str, ...]
    folder: Path
    log: Path
    cores: int
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what no backend could start."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.name):
            raise ValueError(f"{self.name!r} is no name for a job: letters, digits, . _ - only")
        if not self.argv:
            raise ValueError(f"the job {self.name} has no command")


@dataclass(frozen=True, slots=True)
class Handle:
    """Finds a job again: the backend's name and the backend's own words (plain strings)."""

    backend: str
    job: str


@dataclass(frozen=True, slots=True)
class Status:
    """What the place says of one job; `reason` is a sentence for the user, or ""."""

    state: State
    reason: str = ""


class Backend(Protocol):
    """A place where pools run."""

    name: str

    def preview(self, spec: JobSpec) -> str:
        """Return exactly what `submit` would run, as text for the user."""
        ...

    def warnings(self, spec: JobSpec) -> list[str]:
        """Return what the user should know before `spec` is submitted, a sentence each."""
        ...

    def submit(self, spec: JobSpec) -> Handle:
        """Start the job, unless it was started before. Raises `LaunchError` when refused."""
        ...

    def poll(self, handles: Sequence[Handle]) -> dict[Handle, Status]:
        """Ask the place once for all `handles`. Raises `LaunchError` when it cannot be asked."""
        ...

    def cancel(self, handles: Sequence[Handle]) -> None:
        """End the jobs and everything they started. Raises `LaunchError` for those it cannot."""
        ...
