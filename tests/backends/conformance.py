"""What every backend must do, on the real thing.

A backend joins by a subclass in `test_conformance.py` with a fixture `place`, which describes where
its jobs run. The jobs are shell scripts; what they did is seen in the files that they write.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.conditions import until
from trialdeck.backends.base import Handle, JobSpec, State, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from trialdeck.backends.base import Backend

# A process that nobody finds by its session or its process group, and that does not go by itself.
STUBBORN = (
    "setsid sh -c 'trap \"\" TERM; echo $$ >pid.tmp; mv pid.tmp pid; while :; do sleep 9; done' &"
)


@dataclass(slots=True)
class Place:
    """Where jobs run: `backend` makes an object that knows nothing of earlier ones.

    `folder` is a folder that the jobs and the tests see, `lives` says whether the machine of the
    jobs has a process with that pid, `patience` is how many seconds starting or ending a job may
    take.
    """

    backend: Callable[[], Backend]
    folder: Path
    lives: Callable[[int], bool]
    patience: float = 20.0
    handles: list[Handle] = field(default_factory=list)

    def spec(self, name: str, script: str, environment: Mapping[str, str] | None = None) -> JobSpec:
        """Return a job that runs a shell script and writes `<name>.log`."""
        log = self.folder / "logs" / f"{name}.log"
        return JobSpec(name, ("sh", "-c", script), self.folder, log, 1, environment or {})

    def submit(
        self, name: str, script: str, environment: Mapping[str, str] | None = None
    ) -> Handle:
        """Submit such a job; it is cancelled after the test."""
        self.handles.append(self.backend().submit(self.spec(name, script, environment)))
        return self.handles[-1]

    def status(self, handle: Handle) -> Status:
        """Ask an object that did not start the job."""
        return self.backend().poll([handle])[handle]

    def ended(self, handle: Handle) -> Status:
        """Wait for the job's end and return its last status."""
        until(lambda: self.status(handle).state.final, self.patience, f"the end of {handle}")
        return self.status(handle)

    def log(self, name: str) -> str:
        """Return what the job has written."""
        return (self.folder / "logs" / f"{name}.log").read_text()

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


class BackendConformance:
    """The contract of `backends/base.py`, sentence by sentence."""

    def test_a_job_runs_in_its_folder_with_its_environment(self, place: Place) -> None:
        handle = place.submit("a", 'pwd; echo "$WORDS"; cat', {"WORDS": "two  'words'"})
        assert place.ended(handle) == Status(State.ENDED)
        assert place.log("a").splitlines() == [str(place.folder), "two  'words'"]

    def test_output_and_errors_are_appended_to_the_log(self, place: Place) -> None:
        log = place.spec("a", "").log
        log.parent.mkdir()
        log.write_text("before\n")
        place.ended(place.submit("a", "echo out; echo err >&2"))
        assert place.log("a").splitlines() == ["before", "out", "err"]

    def test_a_job_is_told_its_own_handle(self, place: Place) -> None:
        handle = place.submit("a", 'echo "$TRIALDECK_BACKEND/$TRIALDECK_JOB"')
        place.ended(handle)
        assert place.log("a") == f"{handle.backend}/{handle.job}\n"

    def test_a_job_that_goes_wrong_says_how(self, place: Place) -> None:
        status = place.ended(place.submit("a", "exit 7"))
        assert status.state is State.FAILED
        assert "7" in status.reason

    def test_a_running_job_is_running(self, place: Place) -> None:
        handle = place.submit("a", "echo here >up; until [ -e go ]; do sleep 0.05; done")
        assert place.written("up") == "here\n"
        assert place.status(handle).state is State.RUNNING
        (place.folder / "go").touch()
        assert place.ended(handle).state is State.ENDED

    def test_a_repeated_submit_starts_nothing_twice(self, place: Place) -> None:
        first = place.submit("a", "echo once >>runs")
        assert place.submit("a", "echo once >>runs") == first
        place.ended(first)
        assert place.submit("a", "echo once >>runs") == first
        assert place.ended(first) == Status(State.ENDED)
        assert place.written("runs") == "once\n"

    def test_many_jobs_are_asked_for_at_once(self, place: Place) -> None:
        good, bad = place.submit("good", "exit 0"), place.submit("bad", "exit 1")
        unknown = Handle(good.backend, "999999")
        place.ended(good)
        place.ended(bad)
        found = place.backend().poll([good, bad, unknown])
        assert {handle: status.state for handle, status in found.items()} == {
            good: State.ENDED,
            bad: State.FAILED,
            unknown: State.VANISHED,
        }
        assert place.backend().poll([]) == {}

    def test_cancel_first_tells_the_job(self, place: Place) -> None:
        script = "trap 'echo told >end; exit 0' TERM; echo up >up; while :; do sleep 0.05; done"
        handle = place.submit("a", script)
        place.written("up")
        place.backend().cancel([handle])
        assert place.ended(handle) == Status(State.ENDED, "cancelled")
        assert place.written("end") == "told\n"

    def test_cancel_ends_all_that_the_job_started(self, place: Place) -> None:
        handle = place.submit("a", f"trap '' TERM; {STUBBORN} while :; do sleep 9; done")
        pid = int(place.written("pid"))
        assert place.lives(pid)
        place.backend().cancel([handle])
        place.backend().cancel([handle])
        assert place.ended(handle) == Status(State.ENDED, "cancelled")
        assert not place.lives(pid)

    def test_cancelling_a_job_that_has_ended_changes_nothing(self, place: Place) -> None:
        handle = place.submit("a", "exit 3")
        status = place.ended(handle)
        place.backend().cancel([handle, Handle(handle.backend, "999999")])
        assert place.status(handle) == status
        assert status.state is State.FAILED

    def test_the_preview_shows_the_command(self, place: Place) -> None:
        preview = place.backend().preview(place.spec("a", "echo it", {"KEY": "value"}))
        for part in ("sh -c 'echo it'", str(place.folder), "KEY=value", "a.log"):
            assert part in preview

    def test_warnings_are_sentences(self, place: Place) -> None:
        for text in place.backend().warnings(place.spec("a", "exit 0")):
            assert text.endswith(".")
