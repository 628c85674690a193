"""The contract between the engine and the places where pools run, in words.

A backend starts pools (one command line each), says what became of them, and ends them. It knows
command lines and files; it knows nothing of trials, spaces or training. What a pool did is told by
the files that the pool writes; a backend is asked only what files cannot tell: queued, refused,
vanished.

`submit` returns once the place has taken the job; the returned handle finds it again from any
process, also after this one has ended. It raises `LaunchError` when the place refused the job, and
then nothing runs, and `NoAnswer` when that is not known. A submit that was repeated after its reply
was lost starts nothing twice, and a handle whose `job` is the name of the `JobSpec` finds it too.
The job finds its own handle in its environment: `TRIALDECK_BACKEND` and `TRIALDECK_JOB`.

A launch may be several jobs, each with some of its cores, and more jobs than there is room for at
a time: those wait to take the place of the ones that end. Such a job's `TRIALDECK_JOB` begins with
the handle's `job` and an underscore, and its output goes to `JobSpec.log_of` its number. That
longer name in a handle stands for this one job: `cancel` takes it.

`poll` takes any number of handles and asks the place at most once. It never raises for a word that
it does not know, nor for a job that cannot be seen from here (`State.UNKNOWN`: no news, neither
good nor bad). A place that cannot be asked at all is a `LaunchError`, and tells nothing about its
jobs. A job is `RUNNING` until everything that it started has ended.

`cancel` returns once the place has taken the request, which it then carries out by itself: the job
is told to end (SIGTERM), and after a grace it is ended with everything that it started. Such a job
is `ENDED`, "cancelled", in the next `poll` after that. Cancelling a job that has ended, or that is
being cancelled, is not an error. `release` cancels only what has not begun.

A place that is asked over a network, or that somebody else runs, may not answer: every method
comes back within seconds all the same, with a `LaunchError` that says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from trialdeck.backends.process import ProcessId


BACKEND_VARIABLE = "TRIALDECK_BACKEND"  # what a job finds in its environment: its handle
JOB_VARIABLE = "TRIALDECK_JOB"


CORES = "{cores}"  # a word of a command line: how many cores the job has, which the backend knows


class TrialdeckError(Exception):
    """Something that a user can cause, understand and mend."""


class LaunchError(TrialdeckError):
    """A place that refused a job, or that cannot be asked."""


class NoAnswer(LaunchError):
    """A place that did not answer: what it was told may have been done all the same."""


class Question(LaunchError):
    """A place that goes on only with a word of the user.

    `text` is what is asked, `secret` whether the answer must not be seen or kept, `yes_no` whether
    it is "yes" or anything else. `answer` takes it, in seconds, and may raise LaunchError, also a
    further question; then whoever wanted something of the place repeats it.
    """

    def __init__(
        self,
        text: str,
        answer: Callable[[str], None],
        *,
        secret: bool = False,
        yes_no: bool = False,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.answer = answer
        self.secret = secret
        self.yes_no = yes_no


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
    The word `CORES` in `argv` stands for the number of cores of one job (see `command`).

    A place with files of its own is sent `files` (files and folders below `folder`) before the job
    starts, and should have the Python modules `needs`.
    """

    name: str
    argv: tuple[str, ...]
    folder: Path
    log: Path
    cores: int
    environment: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    needs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no backend could start."""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.name):
            raise ValueError(f"{self.name!r} is no name for a job: letters, digits, . _ - only")
        if not self.argv:
            raise ValueError(f"the job {self.name} has no command")

    def command(self, cores: int) -> tuple[str, ...]:
        """Return the command line of a job with so many cores."""
        return tuple(str(cores) if word == CORES else word for word in self.argv)

    def log_of(self, number: int) -> Path:
        """Return where the output of one job goes, where a launch is several."""
        return self.log.with_name(f"{self.log.stem}_{number}{self.log.suffix}")


@dataclass(frozen=True, slots=True)
class Handle:
    """Finds a job again: the backend's name and the backend's own words (plain strings)."""

    backend: str
    job: str


@dataclass(frozen=True, slots=True)
class Status:
    """What the place says of one launch, or of one of its jobs.

    `reason` is a sentence for the user, or "". A launch that is `stuck` is queued and will not
    start before somebody changes something: the reason says what. Where a launch is several jobs,
    `queued` is how many of them wait for room, `reserve` how many wait to take the place of others,
    and `jobs` tells of those that have begun, by the name that each finds in its environment. A job
    is `taken` when the place ended it, whatever it did: preempted, cancelled, out of time, or the
    machine failed.
    """

    state: State
    reason: str = ""
    stuck: bool = False
    queued: int = 0
    reserve: int = 0
    jobs: Mapping[str, Status] = field(default_factory=dict)
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A setting that a launch may have otherwise than the parameter file says.

    `key` and `value` are as in the table [backends.<name>] (`value` as text, "" where nothing is
    set), `about` says what it is in a few words. `options` are the values there are to choose from,
    each with a few words about it; none where anything can be written.
    """

    key: str
    value: str
    about: str
    options: Mapping[str, str] = field(default_factory=dict)


class Jobs(NamedTuple):
    """How many jobs a launch becomes: so many at once, and so many in all, one after another."""

    at_once: int = 1
    in_all: int = 1


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of the way to a place. Times are in seconds since 1970.

    `heard` is when it last said anything, `retry_at` when it will be tried again, None if not.
    """

    state: Literal["never", "connecting", "connected", "cut", "refused"] = "never"
    why: str = ""
    heard: float | None = None
    retry_at: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing that a job needs; `good` is None where it is only told.

    `cure` is the command that would mend it, or what else to do.
    """

    what: str
    good: bool | None
    said: str
    cure: str = ""


class Piece(NamedTuple):
    """Bytes of a file that lie at `offset`."""

    path: str
    offset: int
    data: bytes


class Site(Protocol):
    """The files of one project on another machine.

    Paths are relative to the project's folder there. Every method is one question, answered within
    seconds, and raises LaunchError, `NoAnswer` where what was asked may have been done. For one
    thread at a time.
    """

    name: str

    def sizes(self, folders: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Return the size and the time of change (ns) of every file directly below `folders`."""
        ...

    def read(self, wants: Sequence[tuple[str, int]]) -> list[Piece]:
        """Return what files have from an offset on; not all of it where that is much."""
        ...

    def write(self, pieces: Sequence[Piece]) -> None:
        """Write pieces to where they belong, and onto the disk; none behind a file's end."""
        ...

    def put(self, files: Mapping[str, bytes]) -> None:
        """Make or replace files, each as a whole."""
        ...

    def link(self, links: Mapping[str, str]) -> dict[str, str]:
        """Make symbolic links unless they are there; return what each of them says now."""
        ...

    def links(self, paths: Sequence[str]) -> dict[str, str]:
        """Return what those symbolic links say that are there."""
        ...

    def alive(self, processes: Sequence[ProcessId]) -> list[bool | None]:
        """Return whether processes live, None where that cannot be told from there."""
        ...

    def remove(self, paths: Sequence[str]) -> None:
        """Remove files, if they are there."""
        ...

    def watch(self, folders: Sequence[str]) -> None:
        """Have changes below `folders` told from now on (see `changed`)."""
        ...

    def changed(self, timeout: float) -> bool:
        """Wait for the word that something changed, for so many seconds; return whether it came.

        Raises NoAnswer when nothing at all has been heard for too long.
        """
        ...


class OwnJob:
    """What a job can learn of itself, asked by itself; this one knows nothing.

    Every method may take seconds. Raises LaunchError when the place does not answer.
    """

    def seconds_left(self) -> float | None:
        """Return in how many seconds the place ends the job; None: it will not, or is not known."""
        return None

    def grace(self) -> float | None:
        """Return how many seconds after SIGTERM the place kills the job; None if not known."""
        return None

    def why_ending(self) -> str:
        """Return why the job has been told to end, in the place's words; "" if not known."""
        return ""


class Backend(Protocol):
    """A place where pools run. `SingleJobs` has the half that simple places do without."""

    name: str
    scarce: bool  # whether a job takes up what others wait for: it then ends as soon as it can
    many: bool  # whether a launch may be several jobs; then they cannot share out a few trials
    far: bool  # whether jobs run on machines that do not have this one's files

    def preview(self, spec: JobSpec) -> str:
        """Return exactly what `submit` would run, as text for the user."""
        ...

    def warnings(self, spec: JobSpec) -> list[str]:
        """Return what the user should know before `spec` is submitted, a sentence each."""
        ...

    def refusal(self, spec: JobSpec) -> str:
        """Return why `spec` would be refused, or never start, and what to change; or ""."""
        ...

    def jobs(self, spec: JobSpec) -> Jobs:
        """Return how many jobs the launch would become."""
        ...

    def script(self, spec: JobSpec) -> str:
        """Return a script to be submitted by hand, any number of times. Raises `LaunchError`.

        Each time, the word `spec.name` in the command line and the log's name stands for a name
        that no other submission has.
        """
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

    def release(self, handles: Sequence[Handle]) -> None:
        """Cancel what has not begun of these launches. Raises `LaunchError` when it cannot."""
        ...

    def resize(self, handle: Handle, cores: int) -> None:
        """Have so many cores of a launch run at once from now on; running jobs go on.

        Raises `LaunchError` where a launch is one job (its pool is told instead), and when the
        place refuses.
        """
        ...

    def choices(self) -> list[Choice]:
        """Return what there is to choose for a launch. Raises `LaunchError`."""
        ...

    def seconds_per_job(self) -> float | None:
        """Return after how many seconds the place ends a job; None: never, or not known."""
        ...

    def own_job(self, job: str) -> OwnJob:
        """Return what the job `job` (its TRIALDECK_JOB) can learn of itself."""
        ...

    def sites(self) -> list[str]:
        """Return the names of the machines with files of their own."""
        ...

    def site_of(self, handle: Handle) -> str:
        """Return on which of the `sites` a job is, or ""."""
        ...

    def site(self, name: str, project: Path) -> Site:
        """Return the files that a machine has of a project. Raises LaunchError."""
        ...

    def where(self, name: str, project: Path) -> str:
        """Return the folder that a machine has of a project, for people. Raises LaunchError."""
        ...

    def contact(self, name: str) -> Contact:
        """Return what is known of the way to a machine, at once."""
        ...

    def disconnect(self, name: str) -> None:
        """Let go of the way to a machine; what runs there runs on."""
        ...

    def preflight(self, name: str, spec: JobSpec) -> list[Finding]:
        """Return what a machine has of all that such a job needs. Raises LaunchError."""
        ...


class Here:
    """The part of a backend that has nothing to say where jobs see the files of this machine."""

    name: str
    far = False

    def sites(self) -> list[str]:
        """Have none."""
        return []

    def site_of(self, _handle: Handle) -> str:
        """Have none."""
        return ""

    def site(self, name: str, _project: Path) -> Site:
        """Refuse: everything is here."""
        raise LaunchError(f"{self.name} has no machine called {name}")

    def where(self, name: str, _project: Path) -> str:
        """Refuse: everything is here."""
        raise LaunchError(f"{self.name} has no machine called {name}")

    def contact(self, _name: str) -> Contact:
        """Know nothing."""
        return Contact()

    def disconnect(self, _name: str) -> None:
        """Do nothing."""

    def preflight(self, _name: str, _spec: JobSpec) -> list[Finding]:
        """Find nothing."""
        return []


class SingleJobs(Here):
    """The half of a backend that has nothing to say: one job per launch, at once, for ever."""

    scarce = False
    many = False

    def refusal(self, _spec: JobSpec) -> str:
        """Refuse nothing."""
        return ""

    def jobs(self, _spec: JobSpec) -> Jobs:
        """Be one job."""
        return Jobs()

    def script(self, _spec: JobSpec) -> str:
        """Have none."""
        raise LaunchError(f"nothing is submitted to {self.name}: `trialdeck launch {self.name}`")

    def release(self, _handles: Sequence[Handle]) -> None:
        """Do nothing: what was taken has begun."""

    def resize(self, handle: Handle, _cores: int) -> None:
        """Refuse: the pool itself has to be told."""
        raise LaunchError(f"{handle.backend} cannot change the launch {handle.job}: tell its pool")

    def choices(self) -> list[Choice]:
        """Offer nothing."""
        return []

    def seconds_per_job(self) -> float | None:
        """Set no limit."""
        return None

    def own_job(self, _job: str) -> OwnJob:
        """Know nothing."""
        return OwnJob()
