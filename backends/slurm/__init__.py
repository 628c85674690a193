"""A Slurm cluster: cores are jobs of an array, which Slurm starts when there is room."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from trialdeck.backends.base import (
    Handle,
    Here,
    Jobs,
    JobSpec,
    LaunchError,
    NoAnswer,
    OwnJob,
    State,
    Status,
)
from trialdeck.backends.slurm import limits, polling, words
from trialdeck.backends.slurm.commands import SUBMIT_SECONDS, ask_first, run
from trialdeck.backends.slurm.own_job import SlurmOwnJob
from trialdeck.backends.slurm.partitions import partitions
from trialdeck.backends.slurm.records import Record, Records
from trialdeck.backends.slurm.script import script_by_hand, script_of, script_path
from trialdeck.backends.slurm.settings import Settings, check_options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trialdeck.backends.base import Choice

LOOKS = 5  # for a launch whose submission had no reply
LOOK_SECONDS = 1.0


class SlurmBackend(Here):
    """Starts pools as the jobs of one array for each launch; a handle's job is its number.

    The array has `refill` times as many jobs as run at a time, so that Slurm replaces what has
    ended while nobody looks. The folder `state` keeps a record and the script of each launch; the
    rest is as in `Settings`.
    """

    name = "slurm"
    scarce = True
    many = True

    Settings = Settings

    def __init__(self, state: Path, **settings: Any) -> None:
        self.state = state.absolute()
        self.settings = Settings(**settings)
        check_options(self.settings.sbatch)
        self._records = Records(self.state)
        self._crashes = polling.Crashes()

    # -- before a launch --------------------------------------------------------------------

    def preview(self, spec: JobSpec) -> str:
        """Return the command, and the script that it is given."""
        path = script_path(self.state, spec.name)
        return f"sbatch --parsable {path}\n\n{script_of(spec, self.settings)}"

    def script(self, spec: JobSpec) -> str:
        """Return the script with comments, to be submitted by hand."""
        return script_by_hand(spec, self.settings)

    def jobs(self, spec: JobSpec) -> Jobs:
        """Return how many jobs the array has, and how many of them run at a time."""
        return self.settings.jobs(spec)

    def warnings(self, spec: JobSpec) -> list[str]:
        """Say what of the partition, the time and the folders is worth a thought."""
        return limits.warnings(self.settings, partitions(), spec)

    def refusal(self, spec: JobSpec) -> str:
        """Compare with the partition's limits, then ask `sbatch --test-only`."""
        return limits.why_never(self.settings, partitions()) or self._tested(spec)

    def _tested(self, spec: JobSpec) -> str:
        path = script_path(self.state, f".test-{spec.name}")
        self._write(path, script_of(spec, self.settings))
        try:
            answer = run("sbatch", "--test-only", str(path), seconds=SUBMIT_SECONDS)
        finally:
            path.unlink(missing_ok=True)
        return words.refusal(answer.complaint) if answer.status else ""

    def choices(self) -> list[Choice]:
        """Offer the partitions, and what else differs from launch to launch."""
        return limits.choices(self.settings, partitions())

    def seconds_per_job(self) -> float | None:
        """Return the time that is asked for, or what the partition gives without."""
        known = {} if self.settings.time is not None else partitions()
        return limits.usual_seconds(self.settings, known)

    # -- starting ---------------------------------------------------------------------------

    def submit(self, spec: JobSpec) -> Handle:
        """Submit the array, unless one of that name is there already."""
        if job := self._submitted(spec):
            return Handle(self.name, job)
        if refused := self.refusal(spec):
            raise LaunchError(refused)
        path = script_path(self.state, spec.name)
        self._write(path, script_of(spec, self.settings))
        for folder in (spec.log.parent, spec.folder):  # Slurm ends jobs that cannot write there
            self._make(folder)
        try:
            answer = run("sbatch", "--parsable", str(path), seconds=SUBMIT_SECONDS)
        except NoAnswer as error:
            return self._found_after(error, spec)
        job = answer.out.strip().split(";")[0]
        if answer.status or not job.isdecimal():
            raise LaunchError(words.refusal(answer.complaint or answer.out.strip() or "nothing"))
        self._note(spec, job)
        return Handle(self.name, job)

    def _submitted(self, spec: JobSpec) -> str:
        """Return the number of the array with that name, or ""."""
        record = self._records.named(spec.name)
        if record is not None:
            return record.job
        found = polling.elements(names=[spec.name])
        if not found:
            return ""
        self._note(spec, found[0].array)
        return found[0].array

    def _found_after(self, error: NoAnswer, spec: JobSpec) -> Handle:
        """Look whether a submission without a reply was taken all the same."""
        for _ in range(LOOKS):
            try:
                if job := self._submitted(spec):
                    return Handle(self.name, job)
            except NoAnswer:
                pass
            time.sleep(LOOK_SECONDS)
        raise NoAnswer(
            f"{error}. Whether the launch {spec.name} was taken is not known; `trialdeck cores` "
            f"shows it when it was"
        ) from error

    def _note(self, spec: JobSpec, job: str) -> None:
        at_once = self.settings.jobs(spec).at_once
        self._records.write(Record(spec.name, job, at_once, self.settings.cores_of_one(spec)))

    def _write(self, path: Path, text: str) -> None:
        self._make(path.parent)
        try:
            path.write_text(text)
        except OSError as error:
            raise LaunchError(f"{path} cannot be written: {error.strerror}") from error

    @staticmethod
    def _make(folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LaunchError(f"{folder} cannot be made: {error.strerror}") from error

    # -- what became of it ------------------------------------------------------------------

    def poll(self, handles: Sequence[Handle]) -> dict[Handle, Status]:
        """Ask `squeue` once for all; what it has forgotten, the accounting where there is one."""
        if not handles:
            return {}
        ask_first()
        records = self._records.all()
        wanted = {handle: self._number(handle.job) for handle in handles}
        names = {handle.job for handle, number in wanted.items() if not number}
        groups: dict[str, list[polling.Element]] = {}
        ids = {number.partition("_")[0] for number in wanted.values() if number}
        for element in polling.elements(ids, names):
            groups.setdefault(element.array, []).append(element)
            if element.name in names:
                groups.setdefault(element.name, []).append(element)
        forgotten = [number for number in ids if number not in groups]
        told = polling.remembered(forgotten) if forgotten else {}
        found = {}
        for handle, number in wanted.items():
            array = number.partition("_")[0] or handle.job
            record = records.get(array)
            if array in groups:
                status = polling.together(
                    groups[array], record.at_once if record else None, self._crashes
                )
            else:
                status = told.get(array, Status(State.VANISHED, _forgotten(array)))
            found[handle] = self._of_one(status, number) if "_" in number else status
        return found

    def _number(self, job: str) -> str:
        """Return the number that Slurm knows a handle's job by; "" if only its name is known."""
        if job.partition("_")[0].isdecimal():
            return job
        record = self._records.named(job)
        return record.job if record is not None else ""

    @staticmethod
    def _of_one(status: Status, job: str) -> Status:
        if job in status.jobs:
            return status.jobs[job]
        if status.state.final:
            return Status(State.VANISHED, _forgotten(job))
        return Status(State.QUEUED, status.reason)

    # -- ending and changing ----------------------------------------------------------------

    def cancel(self, handles: Sequence[Handle]) -> None:
        """Cancel arrays, or single jobs of them."""
        self._scancel([], handles)

    def release(self, handles: Sequence[Handle]) -> None:
        """Cancel the jobs that wait."""
        self._scancel(["--state=PENDING"], handles)

    def _scancel(self, how: list[str], handles: Sequence[Handle]) -> None:
        wanted = [self._number(handle.job) or f"--name={handle.job}" for handle in handles]
        numbers = [word for word in wanted if not word.startswith("--")]
        commands = [numbers] if numbers else []
        commands += [[word] for word in wanted if word.startswith("--")]
        for command in commands:
            answer = run("scancel", *how, *command)
            if answer.status and "Invalid job id" not in answer.err:
                raise LaunchError(f"scancel failed: {answer.complaint}")

    def resize(self, handle: Handle, cores: int) -> None:
        """Set how many jobs of the array run at a time."""
        number = self._number(handle.job)
        record = self._records.all().get(number)
        each = record.cores if record is not None else self.settings.cores_per_job
        at_once = max(1, -(-cores // each))
        found = polling.elements([number]) if number else []
        left = sum(not words.job_status(one.state).state.final for one in found)
        if left < at_once:
            raise LaunchError(
                f"the launch {handle.job} has {left} jobs left, which is too few for {cores} "
                f"cores: launch more"
            )
        answer = run("scontrol", "update", f"jobid={number}", f"ArrayTaskThrottle={at_once}")
        if answer.status:
            raise LaunchError(f"the launch {handle.job} cannot be changed: {answer.complaint}")
        if record is not None:
            self._records.write(Record(record.name, record.job, at_once, record.cores))

    def own_job(self, _job: str) -> OwnJob:
        """Return what a pool can learn from inside its job."""
        return SlurmOwnJob()


def _forgotten(job: str) -> str:
    return f"Slurm does not know the job {job} (any more)"
