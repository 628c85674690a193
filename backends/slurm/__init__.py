"""A Slurm cluster: cores are jobs of an array, which Slurm starts when there is room."""

from __future__ import annotations

import difflib
import time
from typing import TYPE_CHECKING

from trialdeck.backends.base import (
    Choice,
    Handle,
    Jobs,
    JobSpec,
    LaunchError,
    NoAnswer,
    OwnJob,
    State,
    Status,
)
from trialdeck.backends.slurm import polling, words
from trialdeck.backends.slurm.commands import SUBMIT_SECONDS, ask_first, run
from trialdeck.backends.slurm.own_job import SlurmOwnJob
from trialdeck.backends.slurm.partitions import Partition, clock, partitions
from trialdeck.backends.slurm.records import Record, Records
from trialdeck.backends.slurm.script import script_by_hand, script_of, script_path
from trialdeck.backends.slurm.settings import Settings, check_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

LOOKS = 5  # for a launch whose submission had no reply
LOOK_SECONDS = 1.0
SHORT_SECONDS = 1800.0  # a partition's default time below this is worth a word
_NODE_LOCAL = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - where not to keep a history


class SlurmBackend:
    """Starts pools as the jobs of one array for each launch; a handle's job is its number.

    The array has `refill` times as many jobs as run at a time, so that Slurm replaces what has
    ended while nobody looks. The folder `state` keeps a record and the script of each launch.
    `time` is in seconds; `cpus`, `memory` and `gpus` are of one job.
    """

    name = "slurm"
    scarce = True
    many = True

    def __init__(  # noqa: PLR0913 - the keys of its table
        self,
        state: Path,
        *,
        partition: str = "",
        time: float | None = None,
        cpus: int | None = None,
        memory: str = "",
        gpus: int | str = "",
        constraint: str = "",
        account: str = "",
        qos: str = "",
        sbatch: Iterable[str] = (),
        setup: Iterable[str] = (),
        cores_per_job: int = 1,
        refill: int = 10,
    ) -> None:
        self.state = state.absolute()
        self.settings = Settings(
            partition=partition,
            time=time,
            cpus=cpus,
            memory=memory,
            gpus=gpus,
            constraint=constraint,
            account=account,
            qos=qos,
            sbatch=tuple(sbatch),
            setup=tuple(setup),
            cores_per_job=cores_per_job,
            refill=refill,
        )
        check_options(self.settings.sbatch)
        self._records = Records(self.state)

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
        found = []
        folder = str(spec.log.absolute())
        if folder.startswith(tuple(f"{place}/" for place in _NODE_LOCAL)):
            found.append(
                f"{spec.log.parent} looks like a folder that every node has for itself: the "
                f"history must lie where all nodes see it."
            )
        chosen = self._chosen(partitions())
        if chosen and not any(one.up and one.usable for one in chosen):
            found.append(f"The partition {chosen[0].name} takes no jobs at present: they wait.")
        usual = chosen[0].usual if chosen else None
        if self.settings.time is None and usual is not None and usual < SHORT_SECONDS:
            found.append(
                f"A job in {chosen[0].name} ends after {clock(usual)} when nothing else is "
                f"asked for: set `time` below [backends.slurm]."
            )
        return found

    def refusal(self, spec: JobSpec) -> str:
        """Compare with the partition's limits, then ask `sbatch --test-only`."""
        known = partitions()
        wanted = self.settings.partition
        for name in filter(None, wanted.split(",")):
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                guess = f": did you mean {close[0]}?" if close else ""
                return (
                    f'there is no partition "{name}"{guess}; there is {", ".join(sorted(known))}. '
                    f"Change `partition` below [backends.slurm]"
                )
        chosen = self._chosen(known)
        refusals = [text for one in chosen if (text := self._too_much(one))]
        if chosen and len(refusals) == len(chosen):
            return refusals[0]
        return self._tested(spec)

    def _chosen(self, known: dict[str, Partition]) -> list[Partition]:
        if self.settings.partition:
            return [known[n] for n in self.settings.partition.split(",") if n in known]
        return [one for one in known.values() if one.default]

    def _too_much(self, place: Partition) -> str:
        """Return what Slurm would take, and then leave waiting for ever."""
        ours, where = self.settings, f"the partition {place.name}"
        if ours.time is not None and place.longest is not None and ours.time > place.longest:
            return (
                f"a job of {clock(ours.time)} is longer than {where} allows "
                f"({clock(place.longest)}): lower `time` below [backends.slurm]"
            )
        if ours.gres and not place.gpus:
            return f"{where} has no GPUs: choose another `partition`, or leave `gpus` out"
        if ours.cpus_of_one > place.cpus > 0:
            return (
                f"a job of {ours.cpus_of_one} CPUs is larger than every node of {where} "
                f"({place.cpus}): lower `cpus` or `cores_per_job` below [backends.slurm]"
            )
        if ours.megabytes is not None and ours.megabytes > place.memory > 0:
            return (
                f"a job of {ours.memory} is larger than every node of {where} "
                f"({place.memory / 1024:.3g} GB): lower `memory` below [backends.slurm]"
            )
        return ""

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
        known = partitions()
        ours = self.settings
        default = next((one.name for one in known.values() if one.default), "")
        time = clock(ours.time) if ours.time is not None else ""
        about = {name: one.about for name, one in known.items()}
        found = [
            Choice("partition", ours.partition or default, "where the jobs wait", about),
            Choice("time", time, 'of one job, as "4h" or "1-12:00:00"'),
        ]
        if any(one.gpus for one in known.values()):
            found.append(Choice("gpus", str(ours.gpus), 'of one job, as "1" or "a100:1"'))
        return found

    def seconds_per_job(self) -> float | None:
        """Return the time that is asked for, or what the partition gives without."""
        if self.settings.time is not None:
            return self.settings.time
        chosen = self._chosen(partitions())
        return chosen[0].usual if chosen else None

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
                status = polling.together(groups[array], record.at_once if record else None)
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
