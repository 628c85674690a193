"""Where the jobs of the conformance tests run."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.conditions import until
from trialdeck.backends.base import Handle, JobSpec, State, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from trialdeck.backends.base import Backend


@dataclass(slots=True)
class Place:
    """Where jobs run: `backend` makes an object that knows nothing of earlier ones.

    `folder` is a folder that the jobs and the tests see; where jobs run elsewhere, `given` is what
    the backend is told instead, and `called` what the jobs call it. `lives` says whether the
    machine of the jobs has a process with that pid, `patience` is how many seconds starting or
    ending a job may take.
    """

    backend: Callable[[], Backend]
    folder: Path
    lives: Callable[[int], bool]
    patience: float = 20.0
    given: Path | None = None
    called: str = ""
    handles: list[Handle] = field(default_factory=list)
    # Launches have names that no other launch ever had, by which a place finds them again.
    tag: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    def spec(
        self,
        name: str,
        script: str,
        environment: Mapping[str, str] | None = None,
        cores: int = 1,
    ) -> JobSpec:
        """Return a job that runs a shell script and writes `<name>.log`."""
        folder = self.given or self.folder
        log = folder / "logs" / f"{name}.log"
        argv = ("sh", "-c", script)
        return JobSpec(f"{name}-{self.tag}", argv, folder, log, cores, environment or {})

    def submit(
        self,
        name: str,
        script: str,
        environment: Mapping[str, str] | None = None,
        cores: int = 1,
    ) -> Handle:
        """Submit such a job; it is cancelled after the test."""
        self.handles.append(self.backend().submit(self.spec(name, script, environment, cores)))
        return self.handles[-1]

    def status(self, handle: Handle) -> Status:
        """Ask an object that did not start the job."""
        return self.backend().poll([handle])[handle]

    def ended(self, handle: Handle) -> tuple[State, str]:
        """Wait for the job's end and return its last state, and the reason."""
        until(lambda: self.status(handle).state.final, self.patience, f"the end of {handle}")
        status = self.status(handle)
        return status.state, status.reason

    def log_file(self, name: str, number: int = 0) -> Path:
        """Return the file that takes the output of a job, of a launch's first one by default."""
        spec = self.spec(name, "")
        log = spec.log_of(number) if self.backend().many else spec.log
        return self.folder / "logs" / log.name

    def log(self, name: str, number: int = 0) -> str:
        """Return what the job has written."""
        return self.log_file(name, number).read_text()

    def written(self, name: str) -> str:
        """Wait for a file that a job writes, and return what is in it."""
        path = self.folder / name
        until(lambda: path.exists() and path.read_text().endswith("\n"), self.patience, name)
        return path.read_text()

    def clean_up(self) -> None:
        """End what the test has left behind."""
        self.backend().cancel(self.handles)
        for handle in self.handles:
            self.ended(handle)
